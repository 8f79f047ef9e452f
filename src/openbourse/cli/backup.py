"""`openbourse backup`: everything of a venue that cannot be made anew, in one file."""

from pathlib import Path

import click

from openbourse.cli.logs import configure_logging
from openbourse.cli.options import configured, read
from openbourse.log.backup import back_up


@click.command()
@click.option("--to", "target", type=click.Path(path_type=Path), required=True, help="The file to make.")
@configured
def command(target: Path, config_file: Path | None, data_dir: Path | None) -> None:
    """Write a backup of a venue, which may be running.

    The master key is not in it: keep a copy of that somewhere else. Nor is the history, which is rebuilt.
    """
    configuration = read(config_file, data_dir)
    configure_logging("warning", configuration.log.format)
    options = configuration.venue_options("production")
    manifest = back_up(options.data_directory, target, accounts=not options.accounts_url)
    size = sum(member.size for member in manifest.files.values())
    click.echo(f"{target}: the venue up to command {manifest.sequence}, {size} bytes")
    if options.accounts_url:
        click.echo("the accounts lie in another database (databases.accounts): back it up now, after this")
