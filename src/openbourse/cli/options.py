"""What several commands share: where the configuration is, and how decimal numbers are given."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar

import click

from openbourse.configuration import Configuration, load

NUMBER_HELP: Final = "Its number, for protocols that call it by one; they choose one if it is not given."
DEFAULT_FILE: Final = Path("openbourse.toml")

PORT: Final = click.IntRange(0, 65535)

P = ParamSpec("P")
R = TypeVar("R")


def configured(function: Callable[P, R]) -> Callable[P, R]:
    """Give a command --config and --data-dir, which it hands on to `read`."""
    for option in (
        click.option("--data-dir", type=click.Path(path_type=Path), help="The data directory of the venue."),
        click.option(
            "--config",
            "config_file",
            type=click.Path(path_type=Path),
            help="The configuration file; openbourse.toml in the working directory when it is there.",
        ),
    ):
        function = option(function)
    return function


def read(config_file: Path | None, data_dir: Path | None, **flags: Any) -> Configuration:
    """The configuration of this run. `flags` are settings with a double underscore for the dot.

    Without `config_file`, openbourse.toml in the working directory is read if it is there.
    """
    if config_file is None and DEFAULT_FILE.exists():
        config_file = DEFAULT_FILE
    given = {name.replace("__", "."): value for name, value in flags.items()}
    given["data.directory"] = None if data_dir is None else str(data_dir.absolute())
    return load(config_file, given)
