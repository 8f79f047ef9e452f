"""`openbourse fault`: let things go wrong in a running sandbox."""

from typing import Any

import click

from openbourse.cli.output import show
from openbourse.cli.sandbox_options import asked, at_url, finite
from openbourse.sandbox.faults.rules import MEANINGS


@click.group()
def command() -> None:
    """Faults on the way between clients and a sandbox."""


@command.command()
@click.argument("kind", type=click.Choice(sorted(MEANINGS)), metavar="KIND")
@click.option("--route", default="*", show_default=True, help="Requests, like 'POST /v2/spot/*'.")
@click.option("--channel", default="*", show_default=True, help="Pushes, like depth.update/BTCUSDT.")
@click.option("--key", default="", help="Only those of this API key.")
@click.option("--probability", type=float, callback=finite, default=1.0, show_default=True)
@click.option("--count", type=int, default=0, help="How often at most; 0 for no limit.")
@click.option(
    "--seconds", type=float, callback=finite, default=0.0, help="How long, for the kinds that take time."
)
@click.option("--status", type=int, default=503, show_default=True, help="Of http_error.")
@at_url
def add(url: str, **rule: Any) -> None:
    """Order faults of a KIND: see `openbourse fault kinds`."""
    answer = asked(url, lambda client: client.post("faults", rule))
    click.echo(f"rule {answer['id']}")


@command.command("list")
@at_url
def list_rules(url: str) -> None:
    """The rules that can still strike."""
    show(asked(url, lambda client: client.get("faults")))


@command.command()
@at_url
def injected(url: str) -> None:
    """Every fault that has struck."""
    show(asked(url, lambda client: client.get("faults/injected")))


@command.command()
@at_url
def clear(url: str) -> None:
    """Take all rules back."""
    asked(url, lambda client: client.delete("faults"))


@command.command()
def kinds() -> None:
    """What can go wrong."""
    show([{"kind": kind, "what happens": meaning} for kind, meaning in MEANINGS.items()])
