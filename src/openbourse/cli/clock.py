"""`openbourse clock`: move the clock of a running sandbox."""

from typing import Any

import click

from openbourse.cli.output import iso_time
from openbourse.cli.sandbox_options import asked, at_url, finite


@click.group()
def command() -> None:
    """The clock of a sandbox: show, run, advance, jump.

    Orders, candles, stop prices and bots follow it.
    """


@command.command()
@at_url
def show(url: str) -> None:
    """What time it is there, and how fast it runs."""
    _tell(asked(url, lambda client: client.get("clock")))


@command.command()
@click.argument("factor", type=float, callback=finite)
@at_url
def run(factor: float, url: str) -> None:
    """Run FACTOR times as fast as real time.

    0 stops the clock, 1 is real time.
    """
    _tell(asked(url, lambda client: client.post("clock", {"factor": factor})))


@command.command()
@click.argument("seconds", type=float, callback=finite)
@at_url
def advance(seconds: float, url: str) -> None:
    """Go on by SECONDS, with everything that happens in them."""
    _tell(asked(url, lambda client: client.post("clock", {"advance": seconds})))


@command.command()
@click.argument("seconds", type=float, callback=finite)
@at_url
def jump(seconds: float, url: str) -> None:
    """Go on by SECONDS at once: nothing happens in between."""
    _tell(asked(url, lambda client: client.post("clock", {"jump": seconds})))


def _tell(clock: dict[str, Any]) -> None:
    pace = "it stands still" if clock["factor"] == 0 else f"it runs {clock['factor']:g} times as fast"
    click.echo(f"{iso_time(clock['time'])} ({clock['time']}), {pace}")
