"""`openbourse config ...`: the settings in effect."""

from pathlib import Path

import click

from openbourse.cli.options import configured, read
from openbourse.configuration_text import as_toml, reference_page


@click.group()
def command() -> None:
    """The configuration."""


@command.command("show")
@click.option("--reference", is_flag=True, help="Print the page of the documentation instead.")
@configured
def show_settings(reference: bool, config_file: Path | None, data_dir: Path | None) -> None:
    """Print all settings as a TOML file.

    Each with its value, where that comes from, and what it means.
    """
    if reference:
        click.echo(reference_page(), nl=False)
    else:
        click.echo(as_toml(read(config_file, data_dir)), nl=False)
