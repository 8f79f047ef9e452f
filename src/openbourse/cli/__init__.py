"""The command line: `openbourse ...`."""

import platform

import click

from openbourse import __version__
from openbourse.cli.commands import Commands
from openbourse.engine import engine_kind

_VERSION_LINE = f"openbourse {__version__} (Python {platform.python_version()}, {engine_kind()} engine)"


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--debug", is_flag=True, envvar="OPENBOURSE_DEBUG", help="Show the traceback of a failure.")
@click.version_option(message=_VERSION_LINE)
@click.pass_context
def main(context: click.Context, debug: bool) -> None:
    """An exchange to run yourself: a sandbox for trading programs, and a venue."""
    context.obj = debug
