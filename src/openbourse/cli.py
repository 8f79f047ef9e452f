"""The command line: `openbourse ...`."""

import platform

import click

from openbourse import __version__
from openbourse.engine import engine_kind

_VERSION_LINE = f"openbourse {__version__} (Python {platform.python_version()}, {engine_kind()} engine)"


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(message=_VERSION_LINE)
def main() -> None:
    """An exchange to run yourself: a sandbox for trading programs, and a venue."""


if __name__ == "__main__":
    main()
