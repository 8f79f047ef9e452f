"""`openbourse verify`: does everything in a data directory agree with its log?"""

from pathlib import Path

import click

from openbourse.cli.logs import configure_logging
from openbourse.cli.options import configured, read
from openbourse.log.verify import Report, verify


@click.command()
@configured
def command(config_file: Path | None, data_dir: Path | None) -> None:
    """Replay the log, and check every invariant. Changes nothing.

    The venue may be running.
    """
    configuration = read(config_file, data_dir)
    configure_logging("warning", configuration.log.format)
    report = verify(configuration.venue_options("production").data_directory)
    _show(report)
    if not report.ok:
        for problem in report.problems:
            click.echo(f"problem: {problem}", err=True)
        raise click.ClickException(f"the data disagree with the log in {len(report.problems)} places")


def _show(report: Report) -> None:
    for title, counts in (("commands", report.commands), ("events", report.events), ("state", report.state)):
        click.echo(f"{title}:")
        for name, count in counts.items():
            click.echo(f"  {name}: {count}")
    click.echo(f"sequence: {report.sequence}")
    click.echo(f"batches: {report.batches}")
    click.echo(f"snapshots that agree: {', '.join(map(str, report.snapshots)) or 'none'}")
    if report.skipped:
        click.echo(f"skipped by the operator: {', '.join(map(str, report.skipped))}")
    click.echo(f"state hash: {report.state_hash}")
    click.echo(f"seconds: {report.seconds:.3f}")
