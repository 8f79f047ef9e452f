"""`openbourse key ...`: API keys."""

from pathlib import Path
from typing import get_args

import click

from openbourse.accounts.records import Protocol
from openbourse.cli.operator import carry_out
from openbourse.cli.options import configured, read
from openbourse.cli.output import show
from openbourse.venue.requests import AddKey, ListKeys, RevokeKey


@click.group()
def command() -> None:
    """API keys: add, list, revoke."""


@command.command("add")
@click.argument("user")
@click.option("--protocol", type=click.Choice(get_args(Protocol)), default="coinex", show_default=True)
@click.option("--trade/--no-trade", default=True, show_default=True, help="May it trade?")
@click.option("--withdraw/--no-withdraw", default=False, show_default=True, help="May it withdraw?")
@click.option("--allow", multiple=True, help="An IP address or network it works from; repeat for more.")
@click.option("--never-expires", is_flag=True, help="Without this, a key without --allow lives 90 days.")
@click.option("--remark", default="", help="A note, at most 50 characters.")
@configured
def add(
    user: str,
    protocol: Protocol,
    trade: bool,
    withdraw: bool,
    allow: tuple[str, ...],
    never_expires: bool,
    remark: str,
    config_file: Path | None,
    data_dir: Path | None,
) -> None:
    """Make a key for USER. Its secret is shown now and never again."""
    request = AddKey(
        user=user,
        protocol=protocol,
        trade=trade,
        withdraw=withdraw,
        allow=list(allow),
        never_expires=never_expires,
        remark=remark,
    )
    show(carry_out(read(config_file, data_dir), request))


@command.command("list")
@click.argument("user", default="")
@configured
def list_all(user: str, config_file: Path | None, data_dir: Path | None) -> None:
    """List the living keys of USER, or of everybody."""
    show(carry_out(read(config_file, data_dir), ListKeys(user)))


@command.command("revoke")
@click.argument("key")
@configured
def revoke(key: str, config_file: Path | None, data_dir: Path | None) -> None:
    """Take KEY out of use, at once and for ever."""
    show(carry_out(read(config_file, data_dir), RevokeKey(key)))
