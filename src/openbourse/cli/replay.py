"""`openbourse replay`: run a recording against a venue and show the first difference."""

import asyncio
from pathlib import Path

import click

from openbourse.cli import extras
from openbourse.cli.credentials_file import read_users
from openbourse.cli.logs import configure_logging
from openbourse.sandbox.recording.comparison import Finding
from openbourse.sandbox.recording.lines import RecordFileError


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--against", metavar="URL", default="", help="A running venue, instead of a fresh sandbox.")
@click.option(
    "--credentials",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="With --against: the keys of the users there.",
)
@click.option(
    "--user",
    "chosen",
    multiple=True,
    metavar="LABEL=NAME",
    help="Who signs for a key of the recording. By default users stand for key-1, key-2 in their order.",
)
@click.option("--values/--shape", default=None, help="Compare values, or only names, types and codes.")
@click.option("--all", "show_all", is_flag=True, help="Go on after a difference.")
def command(
    file: Path,
    against: str,
    credentials: Path | None,
    chosen: tuple[str, ...],
    values: bool | None,
    show_all: bool,
) -> None:
    """Send what was recorded to a fresh sandbox, and compare.

    Every request in order; what comes back should be the same.

    Ends with 1 when something is different.
    """
    configure_logging("error", "console")
    users = read_users(credentials) if credentials else {}
    by_label = dict(map(_pair, chosen))
    replay = extras.recording("session").replay

    async def run() -> int:
        found = 0
        findings = replay(file, tell=_note, against=against, users=users, chosen=by_label, values=values)
        try:
            async for finding in findings:
                found += 1
                _show(file, finding)
                if not show_all:
                    break
        finally:
            await findings.aclose()
        return found

    try:
        found = asyncio.run(run())
    except RecordFileError as error:
        raise click.ClickException(str(error)) from None
    if found:
        raise click.exceptions.Exit(1)
    click.echo("no difference")


def _note(sentence: str) -> None:
    click.echo(sentence, err=True)


def _pair(text: str) -> tuple[str, str]:
    label, equals, name = text.partition("=")
    if not (label and equals and name):
        raise click.BadParameter(f"{text} is not LABEL=NAME", param_hint="--user")
    return label, name


def _show(file: Path, finding: Finding) -> None:
    difference = finding.difference
    click.echo(f"{file}, line {finding.number}: {finding.about}")
    click.echo(f"  at        {difference.path or 'the whole'}")
    click.echo(f"  expected  {difference.expected}")
    click.echo(f"  got       {difference.got}")
    if finding.before:
        click.echo("  before that:")
    for text in finding.before:
        click.echo(f"    {text}")
    click.echo()
