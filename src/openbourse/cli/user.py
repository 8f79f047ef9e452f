"""`openbourse user ...`: the people of a venue."""

from pathlib import Path
from typing import get_args

import click

from openbourse.cli.operator import carry_out
from openbourse.cli.options import configured, read
from openbourse.cli.output import show
from openbourse.core.commands import UserStatus
from openbourse.venue.fund_requests import SetStanding
from openbourse.venue.requests import AddUser, ListUsers, ShowUser


@click.group()
def command() -> None:
    """Users: add, list, show, status."""


@command.command("add")
@click.argument("name")
@configured
def add(name: str, config_file: Path | None, data_dir: Path | None) -> None:
    """Open an account for NAME."""
    show(carry_out(read(config_file, data_dir), AddUser(name)))


@command.command("list")
@configured
def list_all(config_file: Path | None, data_dir: Path | None) -> None:
    """List all users."""
    show(carry_out(read(config_file, data_dir), ListUsers()))


@command.command("show")
@click.argument("name")
@configured
def show_one(name: str, config_file: Path | None, data_dir: Path | None) -> None:
    """Show the fees and balances of NAME."""
    show(carry_out(read(config_file, data_dir), ShowUser(name)))


@command.command("status")
@click.argument("name")
@click.argument("status", type=click.Choice(get_args(UserStatus)))
@configured
def status(name: str, status: UserStatus, config_file: Path | None, data_dir: Path | None) -> None:
    """Bar NAME from trading, freeze it, or lift that.

    no_trading: no orders. frozen: its keys do not work and no money moves. Both hold for its sub-accounts.

    active lifts it, but for sub-accounts that their owner froze.
    """
    show(carry_out(read(config_file, data_dir), SetStanding(name, status)))
