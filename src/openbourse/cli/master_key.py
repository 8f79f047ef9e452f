"""`openbourse master-key ...`: the key under which a venue's secrets are encrypted."""

import os
from contextlib import closing
from pathlib import Path

import click

from openbourse.accounts.master_key import VARIABLE
from openbourse.accounts.opening import open_accounts, rotate_key_file
from openbourse.cli.logs import configure_logging
from openbourse.cli.options import configured, read
from openbourse.log.data_directory import DataDirectory


@click.group()
def command() -> None:
    """The key that encrypts API secrets: rotate."""


@command.command()
@configured
def rotate(config_file: Path | None, data_dir: Path | None) -> None:
    """Encrypt all secrets under a new master key.

    For a venue that is stopped. A backup from before needs the key from before.
    """
    configuration = read(config_file, data_dir)
    configure_logging("warning", configuration.log.format)
    if os.environ.get(VARIABLE):
        raise click.ClickException(f"the master key is in {VARIABLE}: only one that is in a file is rotated")
    options = configuration.venue_options("production")
    directory = DataDirectory(options.data_directory)
    with closing(directory):
        directory.open(directory.check())
        url = options.accounts_url or f"sqlite:///{directory.accounts}"
        with closing(open_accounts(url, directory.master_key)) as accounts:
            rotate_key_file(accounts, directory.master_key)
    click.echo(f"{directory.master_key} is new: copy it, and keep the old copy for older backups")
