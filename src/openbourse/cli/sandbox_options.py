"""What the commands for a running sandbox share: where it is, and how its refusals are told."""

from collections.abc import Callable
from math import isfinite
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


def finite(context: click.Context, parameter: click.Parameter, value: float) -> float:
    """A callback for numbers: JSON has no `inf` and no `nan`, which would arrive as nothing at all."""
    del context, parameter
    if not isfinite(value):
        raise click.BadParameter(f"{value} is not a number that can be sent")
    return value
