"""`openbourse openapi`: the description of the HTTP side, for tools."""

import click
import msgspec

from openbourse.wire.openapi import text


@click.command()
@click.option("--coinw", "with_coinw", is_flag=True, help="As of a venue that serves the CoinW protocol too.")
def command(with_coinw: bool) -> None:
    """Print the OpenAPI description of the HTTP API.

    OpenAPI 3.1, as a venue serves it at /openapi.json.
    """
    click.echo(msgspec.json.format(text(with_coinw=with_coinw), indent=2))
