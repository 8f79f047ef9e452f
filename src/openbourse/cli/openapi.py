"""`openbourse openapi`: the description of the HTTP side, for tools."""

import click
import msgspec

from openbourse.wire.openapi import text


@click.command()
def command() -> None:
    """Print the OpenAPI 3.1 description that a venue serves at /openapi.json."""
    click.echo(msgspec.json.format(text(), indent=2))
