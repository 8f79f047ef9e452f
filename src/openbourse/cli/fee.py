"""`openbourse fee ...`: what trading costs whom."""

from pathlib import Path

import click

from openbourse.cli.operator import carry_out
from openbourse.cli.options import configured, read
from openbourse.cli.output import show
from openbourse.venue.requests import (
    AddFeeTier,
    AssignFeeTier,
    ListFeeTiers,
    SetDiscount,
    SetToken,
    SetUserFees,
)


@click.group()
def command() -> None:
    """Fees: user, tier, discount, token. Those of a market: `market change`."""


@command.command("user")
@click.argument("user")
@click.option("--maker", help="The rate as maker; without it the market's.")
@click.option("--taker", help="The rate as taker; without it the market's.")
@configured
def set_user(
    user: str, maker: str | None, taker: str | None, config_file: Path | None, data_dir: Path | None
) -> None:
    """Give USER own rates, or the markets' again.

    For orders from now on; USER leaves its tier.
    """
    show(carry_out(read(config_file, data_dir), SetUserFees(user, maker, taker)))


@command.command("discount")
@click.argument("user")
@click.argument("switch", type=click.Choice(["on", "off"]))
@configured
def set_discount(user: str, switch: str, config_file: Path | None, data_dir: Path | None) -> None:
    """Let USER pay fees in the fee token, or not."""
    show(carry_out(read(config_file, data_dir), SetDiscount(user, switch == "on")))


@command.command("token")
@click.argument("asset")
@click.argument("discount")
@configured
def set_token(asset: str, discount: str, config_file: Path | None, data_dir: Path | None) -> None:
    """Name the fee token, and the discount for paying in it.

    0.2 is 20 %.
    """
    show(carry_out(read(config_file, data_dir), SetToken(asset, discount)))


@command.group("tier")
def tier() -> None:
    """Tiers of rates for many users: add, list, assign."""


@tier.command("add")
@click.argument("name")
@click.option("--maker", required=True, help="The rate as maker, such as 0.001.")
@click.option("--taker", required=True, help="The rate as taker.")
@configured
def add_tier(name: str, maker: str, taker: str, config_file: Path | None, data_dir: Path | None) -> None:
    """Make the tier NAME, or change its rates.

    All its members pay them from now on.
    """
    show(carry_out(read(config_file, data_dir), AddFeeTier(name, maker, taker)))


@tier.command("list")
@configured
def list_tiers(config_file: Path | None, data_dir: Path | None) -> None:
    """List all tiers with their members."""
    show(carry_out(read(config_file, data_dir), ListFeeTiers()))


@tier.command("assign")
@click.argument("user")
@click.argument("name", default="")
@configured
def assign_tier(user: str, name: str, config_file: Path | None, data_dir: Path | None) -> None:
    """Put USER into the tier NAME, or without NAME out of any.

    With all sub-accounts.
    """
    show(carry_out(read(config_file, data_dir), AssignFeeTier(user, name)))
