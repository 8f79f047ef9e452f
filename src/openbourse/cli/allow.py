"""`openbourse allow ...`: where API keys of a user may withdraw to."""

from pathlib import Path

import click

from openbourse.cli.operator import carry_out
from openbourse.cli.options import configured, read
from openbourse.cli.output import show
from openbourse.venue.fund_requests import Allow, Disallow, ListAllowed

_CHAIN_HELP = "The chain of the address; without it ADDRESS is the name of another user."


@click.group()
def command() -> None:
    """Withdrawal allow-list: add, remove, list."""


@command.command("add")
@click.argument("user")
@click.argument("address")
@click.option("--chain", default="", help=_CHAIN_HELP)
@click.option("--memo", default="", help="The memo, on chains that need one.")
@click.option("--remark", default="")
@configured
def add(
    user: str,
    address: str,
    chain: str,
    memo: str,
    remark: str,
    config_file: Path | None,
    data_dir: Path | None,
) -> None:
    """Let API keys of USER withdraw to ADDRESS."""
    show(carry_out(read(config_file, data_dir), Allow(user, address, chain, memo, remark)))


@command.command("remove")
@click.argument("user")
@click.argument("address")
@click.option("--chain", default="", help=_CHAIN_HELP)
@click.option("--memo", default="", help="The memo that it was added with.")
@configured
def remove(
    user: str, address: str, chain: str, memo: str, config_file: Path | None, data_dir: Path | None
) -> None:
    """Take ADDRESS off the list of USER."""
    show(carry_out(read(config_file, data_dir), Disallow(user, address, chain, memo)))


@command.command("list")
@click.argument("user")
@configured
def list_all(user: str, config_file: Path | None, data_dir: Path | None) -> None:
    """List where API keys of USER may withdraw to."""
    show(carry_out(read(config_file, data_dir), ListAllowed(user)))
