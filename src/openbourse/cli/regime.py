"""`openbourse regime`: the weather of the markets of a running sandbox."""

from typing import Any

import click

from openbourse.cli.output import show
from openbourse.cli.sandbox_options import asked, at_url
from openbourse.sandbox.regimes import REGIMES, Climate


@click.group()
def command() -> None:
    """How the markets of a sandbox are: calm, in a crash, halted, ..."""


@command.command("list")
@at_url
def list_markets(url: str) -> None:
    """The regime and the climate of every market."""
    show(
        [
            {"market": row["market"], "regime": row["regime"], **row["climate"]}
            for row in asked(url, lambda client: client.get("markets"))
        ]
    )


@command.command()
@click.argument("market")
@click.argument("regime", type=click.Choice(REGIMES))
@at_url
def order(market: str, regime: str, url: str) -> None:
    """Order a REGIME for a MARKET."""
    asked(url, lambda client: client.post("markets", {"market": market, "regime": regime}))


@command.command()
@click.argument("market")
@click.option("--volatility", type=int, default=Climate().volatility, show_default=True)
@click.option("--depth", type=int, default=Climate().depth, show_default=True)
@click.option("--spread", type=int, default=Climate().spread, show_default=True)
@click.option("--rate", type=int, default=Climate().rate, show_default=True, help="How much is traded.")
@at_url
def climate(market: str, url: str, **percent: Any) -> None:
    """How a MARKET is in all regimes, in per cent of the usual."""
    asked(url, lambda client: client.post("markets", {"market": market, "climate": percent}))
