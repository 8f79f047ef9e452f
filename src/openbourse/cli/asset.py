"""`openbourse asset ...`: what can be held, and the chains it moves on."""

from pathlib import Path

import click
import msgspec

from openbourse.cli.operator import carry_out
from openbourse.cli.options import NUMBER_HELP, configured, read
from openbourse.cli.output import show
from openbourse.venue.fund_requests import SetLimits, SwitchAsset
from openbourse.venue.requests import AddAsset, Chain, ListAssets

_NUMBERS = ("min_deposit", "min_withdrawal", "fee", "precision", "safe", "irreversible")


@click.group()
def command() -> None:
    """Assets: add, list, limits, switch."""


@command.command("add")
@click.argument("name")
@click.option("--full-name", default="", help="Such as `Bitcoin`.")
@click.option(
    "--chain",
    "chains",
    multiple=True,
    metavar="NAME[,SETTING=VALUE...]",
    help=f"A chain it moves on; repeat for more. Settings: {', '.join(_NUMBERS)} (the last two are "
    "confirmations). Example: TRC20,min_deposit=1,fee=2,precision=6,safe=20,irreversible=30.",
)
@click.option("--number", type=int, default=0, help=NUMBER_HELP)
@configured
def add(
    name: str,
    full_name: str,
    chains: tuple[str, ...],
    number: int,
    config_file: Path | None,
    data_dir: Path | None,
) -> None:
    """Add an asset, or replace name and chains of a known one.

    Its own limits and switches stay.
    """
    request = AddAsset(name, full_name, [_chain(text) for text in chains], number)
    show(carry_out(read(config_file, data_dir), request))


@command.command("list")
@configured
def list_all(config_file: Path | None, data_dir: Path | None) -> None:
    """List all assets."""
    show(carry_out(read(config_file, data_dir), ListAssets()))


@command.command("limits")
@click.argument("asset")
@click.option("--daily", help="What a user may withdraw in a day (UTC); without it there is no limit.")
@click.option("--review", help="Above it a person decides about a withdrawal; without it nobody does.")
@configured
def limits(
    asset: str, daily: str | None, review: str | None, config_file: Path | None, data_dir: Path | None
) -> None:
    """Set both limits of withdrawals of ASSET."""
    show(carry_out(read(config_file, data_dir), SetLimits(asset, daily, review)))


@command.command("switch")
@click.argument("asset")
@click.option("--chain", default="", help="On this chain only.")
@click.option("--deposits/--no-deposits", default=None, help="Deposits are credited, or wait.")
@click.option("--withdrawals/--no-withdrawals", default=None, help="Withdrawals are accepted, or refused.")
@configured
def switch(
    asset: str,
    chain: str,
    deposits: bool | None,
    withdrawals: bool | None,
    config_file: Path | None,
    data_dir: Path | None,
) -> None:
    """Switch deposits or withdrawals of ASSET on or off."""
    request = SwitchAsset(asset, chain, deposits, withdrawals)
    show(carry_out(read(config_file, data_dir), request))


def _chain(text: str) -> Chain:
    name, *parts = text.split(",")
    values: dict[str, str] = {"name": name}
    for part in parts:
        setting, equals, value = part.partition("=")
        if not equals or setting not in _NUMBERS:
            raise click.BadParameter(
                f"{part!r} is none of {', '.join(_NUMBERS)} with a value", param_hint="--chain"
            )
        values[setting] = value
    try:
        return msgspec.convert(values, Chain, strict=False)
    except msgspec.ValidationError as error:
        raise click.BadParameter(f"{text!r}: {error}", param_hint="--chain") from None
