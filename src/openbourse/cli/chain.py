"""`openbourse chain ...`: the simulated chains of a sandbox."""

from pathlib import Path

import click

from openbourse.cli.operator import carry_out
from openbourse.cli.options import configured, read
from openbourse.cli.output import show
from openbourse.venue.fund_requests import Reorganise, UseFaucet


@click.group()
def command() -> None:
    """Simulated chains: faucet, reorganise."""


@command.command("faucet")
@click.argument("user")
@click.argument("asset")
@click.argument("amount")
@click.option("--chain", default="", help="The first one of the asset by default.")
@configured
def faucet(
    user: str, asset: str, amount: str, chain: str, config_file: Path | None, data_dir: Path | None
) -> None:
    """Pay AMOUNT of ASSET to USER on a chain.

    It arrives in the next block, and is credited when that is safe.
    """
    show(carry_out(read(config_file, data_dir), UseFaucet(user, asset, amount, chain)))


@command.command("reorganise")
@click.argument("chain")
@click.argument("depth", type=int)
@click.option("--drop", is_flag=True, help="Their transactions never happened; else the next block has them.")
@configured
def reorganise(chain: str, depth: int, drop: bool, config_file: Path | None, data_dir: Path | None) -> None:
    """Replace the newest DEPTH blocks of CHAIN."""
    show(carry_out(read(config_file, data_dir), Reorganise(chain, depth, drop)))
