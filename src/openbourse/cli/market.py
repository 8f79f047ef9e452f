"""`openbourse market ...`: the pairs that trade."""

from pathlib import Path
from typing import get_args

import click

from openbourse.cli.operator import carry_out
from openbourse.cli.options import NUMBER_HELP, configured, read
from openbourse.cli.output import show
from openbourse.core.commands import MarketStatus
from openbourse.venue.requests import AddMarket, ChangeMarket, ListMarkets, SetStatus

_STATUS = click.Choice(get_args(MarketStatus))
_BAND_HELP = "The largest relative distance of a limit price from the last price; 0 for none."


@click.group()
def command() -> None:
    """Markets: add, change, list, status."""


@command.command("add")
@click.argument("name")
@click.option("--base", required=True, help="The asset that is bought and sold.")
@click.option("--quote", required=True, help="The asset that prices are in.")
@click.option("--base-precision", type=int, default=8, show_default=True, help="Decimals of quantities.")
@click.option("--quote-precision", type=int, default=2, show_default=True, help="Decimals of prices.")
@click.option("--min-amount", required=True, help="The smallest order, in the base asset.")
@click.option("--maker-fee", default="0.002", show_default=True, help="A rate: 0.002 is 0.2 %.")
@click.option("--taker-fee", default="0.002", show_default=True, help="A rate: 0.002 is 0.2 %.")
@click.option("--price-band", default="0", show_default=True, help=_BAND_HELP)
@click.option("--status", type=_STATUS, default="open", show_default=True)
@click.option("--number", type=int, default=0, help=NUMBER_HELP)
@configured
def add(
    name: str,
    base: str,
    quote: str,
    base_precision: int,
    quote_precision: int,
    min_amount: str,
    maker_fee: str,
    taker_fee: str,
    price_band: str,
    status: MarketStatus,
    number: int,
    config_file: Path | None,
    data_dir: Path | None,
) -> None:
    """Open a market NAME, such as BTCUSDT. Assets and precisions can never be changed."""
    request = AddMarket(
        name=name,
        base=base,
        quote=quote,
        base_precision=base_precision,
        quote_precision=quote_precision,
        min_amount=min_amount,
        maker_rate=maker_fee,
        taker_rate=taker_fee,
        price_band=price_band,
        status=status,
        number=number,
    )
    show(carry_out(read(config_file, data_dir), request))


@command.command("change")
@click.argument("name")
@click.option("--min-amount", help="The smallest order, in the base asset.")
@click.option("--maker-fee", help="A rate, for orders from now on.")
@click.option("--taker-fee", help="A rate, for orders from now on.")
@click.option("--price-band", help=_BAND_HELP)
@configured
def change(
    name: str,
    min_amount: str | None,
    maker_fee: str | None,
    taker_fee: str | None,
    price_band: str | None,
    config_file: Path | None,
    data_dir: Path | None,
) -> None:
    """Change the rules of a market; what is not given stays."""
    request = ChangeMarket(name, min_amount, maker_fee, taker_fee, price_band)
    show(carry_out(read(config_file, data_dir), request))


@command.command("list")
@configured
def list_all(config_file: Path | None, data_dir: Path | None) -> None:
    """List all markets."""
    show(carry_out(read(config_file, data_dir), ListMarkets()))


@command.command("status")
@click.argument("name")
@click.argument("status", type=_STATUS)
@configured
def set_status(name: str, status: MarketStatus, config_file: Path | None, data_dir: Path | None) -> None:
    """Open, halt, or otherwise change the state of a market."""
    show(carry_out(read(config_file, data_dir), SetStatus(name, status)))
