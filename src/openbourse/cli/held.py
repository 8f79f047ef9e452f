"""`openbourse held ...`: deposits that are too small, or that a person must look at."""

from pathlib import Path

import click

from openbourse.cli.operator import carry_out
from openbourse.cli.options import configured, read
from openbourse.cli.output import show
from openbourse.venue.fund_requests import ListHeld, ResolveHeld


@click.group()
def command() -> None:
    """Held deposits: list, credit, void."""


@command.command("list")
@configured
def list_all(config_file: Path | None, data_dir: Path | None) -> None:
    """List the deposits that wait for more, or for a person."""
    show(carry_out(read(config_file, data_dir), ListHeld()))


@command.command("credit")
@click.argument("number", type=int)
@click.option("--reason", required=True, help="Kept with the deposit.")
@configured
def credit(number: int, reason: str, config_file: Path | None, data_dir: Path | None) -> None:
    """Credit deposit NUMBER for good.

    Whatever its chain does from now on.
    """
    show(carry_out(read(config_file, data_dir), ResolveHeld(number, True, reason)))


@command.command("void")
@click.argument("number", type=int)
@click.option("--reason", required=True, help="Kept with the deposit.")
@configured
def void(number: int, reason: str, config_file: Path | None, data_dir: Path | None) -> None:
    """Declare deposit NUMBER void.

    What was credited for it is taken back.
    """
    show(carry_out(read(config_file, data_dir), ResolveHeld(number, False, reason)))
