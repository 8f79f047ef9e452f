"""`openbourse quarantine ...`: commands under which the core failed."""

from pathlib import Path
from typing import Any

import click
import msgspec

from openbourse.cli.logs import configure_logging
from openbourse.cli.options import configured, read
from openbourse.cli.output import show
from openbourse.log.data_directory import DataDirectory
from openbourse.log.quarantine import Case, Quarantine, skip_command
from openbourse.log.sqlite_log import SqliteLog


@click.group()
def command() -> None:
    """Commands under which the core failed: list, skip."""


@command.command("list")
@configured
def list_cases(config_file: Path | None, data_dir: Path | None) -> None:
    """Print all commands in quarantine, and which are skipped."""
    directory = _directory(config_file, data_dir)
    directory.check()
    log = SqliteLog(directory.commands, read_only=True)
    log.close()
    show([_row(case, log.skipped) for case in Quarantine(directory.quarantine).cases()])


@command.command("skip")
@click.argument("sequence", type=click.IntRange(min=1))
@click.option("--keep-open", is_flag=True, help="Do not halt the market that the command names.")
@configured
def skip(sequence: int, keep_open: bool, config_file: Path | None, data_dir: Path | None) -> None:
    """Go on without the command SEQUENCE.

    It keeps the venue from starting, and counts as refused for ever from then on.

    Nobody was ever told that the command was carried out. The market that it names is halted; open it again
    with `openbourse market status` when you know why the command failed.
    """
    directory = _directory(config_file, data_dir)
    outcome = skip_command(directory.path, sequence, halt=not keep_open)
    click.echo(f"command {sequence} is skipped; {directory.quarantine} has all that is known of it")
    if outcome.halted:
        click.echo(f"the market {outcome.halted} is halted")
    if outcome.next_error:
        raise click.ClickException(f"the venue cannot start yet: {outcome.next_error}")


def _directory(config_file: Path | None, data_dir: Path | None) -> DataDirectory:
    configuration = read(config_file, data_dir)
    configure_logging("warning", configuration.log.format)
    return DataDirectory(configuration.venue_options("production").data_directory)


def _row(case: Case, skipped: frozenset[int]) -> dict[str, Any]:
    return {
        "sequence": case.sequence,
        "found_at": case.found_at,
        "command": msgspec.json.decode(case.command)[0],
        "skipped": case.sequence in skipped,
        "openbourse": case.versions["openbourse"],
        "error": case.error,
    }
