"""Modules that need a package which only some users have."""

from importlib import import_module
from typing import Any

import click


def recording(module: str) -> Any:
    """A module of `openbourse.sandbox.recording`. ClickException without its extra."""
    try:
        return import_module(f"openbourse.sandbox.recording.{module}")
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] == "openbourse":
            raise
        raise click.ClickException(
            f"this needs the package {error.name}: pip install 'openbourse[recording]'"
        ) from None
