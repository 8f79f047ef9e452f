"""`openbourse deposit`: credit a user with money that has arrived in custody."""

from pathlib import Path

import click

from openbourse.cli.operator import carry_out
from openbourse.cli.options import configured, read
from openbourse.cli.output import show
from openbourse.venue.requests import MakeDeposit


@click.command()
@click.argument("user")
@click.argument("asset")
@click.argument("amount")
@click.option(
    "--key", default="", help="A name for this deposit, such as its transaction: it is credited only once."
)
@configured
def command(
    user: str, asset: str, amount: str, key: str, config_file: Path | None, data_dir: Path | None
) -> None:
    """Credit USER with AMOUNT of ASSET."""
    show(carry_out(read(config_file, data_dir), MakeDeposit(user, asset, amount, key)))
