"""`openbourse regime`: the weather of the markets of a running sandbox."""

import click

from openbourse.cli.output import show
from openbourse.cli.sandbox_options import asked, at_url
from openbourse.sandbox.regimes import REGIMES


@click.group()
def command() -> None:
    """The markets of a sandbox: list, order, climate.

    They can be calm, in a crash, halted, ...
    """


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
@click.option("--volatility", type=int)
@click.option("--depth", type=int)
@click.option("--spread", type=int)
@click.option("--rate", type=int, help="How much is traded.")
@at_url
def climate(market: str, url: str, **percent: int | None) -> None:
    """Change how a MARKET is in all regimes.

    In per cent of the usual; what is not given stays.
    """
    given = {name: value for name, value in percent.items() if value is not None}
    asked(url, lambda client: client.post("markets", {"market": market, "climate": given}))
