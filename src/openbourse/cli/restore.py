"""`openbourse restore`: a data directory from a backup."""

from pathlib import Path

import click

from openbourse.accounts.master_key import VARIABLE, read_key_file
from openbourse.cli.logs import configure_logging
from openbourse.cli.options import configured, read
from openbourse.log.data_directory import DataDirectory
from openbourse.log.files import write_atomically
from openbourse.log.restore import restore


@click.command()
@click.argument("source", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--master-key", "key_file", type=click.Path(path_type=Path), help="A copy of master.key.")
@configured
def command(source: Path, key_file: Path | None, config_file: Path | None, data_dir: Path | None) -> None:
    """Make a data directory from the backup SOURCE.

    It must not exist, or be empty. All of it is checked.

    What happened after the backup is gone. Look at docs/how-to/recover.md before you start the venue.
    """
    configuration = read(config_file, data_dir)
    configure_logging("warning", configuration.log.format)
    key = None if key_file is None else read_key_file(key_file)
    directory = DataDirectory(configuration.venue_options("production").data_directory)
    manifest = restore(source, directory.path)
    click.echo(f"{directory.path}: the venue up to command {manifest.sequence}")
    if key is not None:
        write_atomically(directory.master_key, key.hex().encode() + b"\n")
    else:
        click.echo(f"before it is started it needs {directory.master_key} or {VARIABLE}")
