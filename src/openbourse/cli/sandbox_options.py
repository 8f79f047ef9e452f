"""What the commands for a running sandbox share: where it is, and how its refusals are told."""

from collections.abc import Callable
from typing import TypeVar

import click

from openbourse.sandbox.control.client import DEFAULT_URL, ControlClient, ControlClientError

R = TypeVar("R")

at_url = click.option("--url", default=DEFAULT_URL, show_default=True, help="Where the sandbox is.")


def asked(url: str, question: Callable[[ControlClient], R]) -> R:
    """The answer to a question; ClickException with the sandbox's own words when it refuses."""
    try:
        return question(ControlClient(url))
    except ControlClientError as error:
        raise click.ClickException(str(error)) from None
