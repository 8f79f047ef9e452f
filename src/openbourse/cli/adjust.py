"""`openbourse adjust`: correct a balance, with a reason, through the ledger."""

from pathlib import Path

import click

from openbourse.cli.operator import carry_out
from openbourse.cli.options import configured, read
from openbourse.cli.output import show
from openbourse.venue.fund_requests import AdjustBalance


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("user")
@click.argument("asset")
@click.argument("amount")
@click.option("--reason", required=True, help="Kept in the history.")
@click.option("--key", default="", help="A name for this correction: it happens only once.")
@configured
def command(
    user: str,
    asset: str,
    amount: str,
    reason: str,
    key: str,
    config_file: Path | None,
    data_dir: Path | None,
) -> None:
    """Correct the balance of USER by AMOUNT of ASSET.

    With a minus before it the amount is debited.
    """
    show(carry_out(read(config_file, data_dir), AdjustBalance(user, asset, amount, reason, key)))
