"""`openbourse serve`: a production venue."""

from pathlib import Path

import click

from openbourse.cli.hosting import check_exposure, host
from openbourse.cli.logs import configure_logging
from openbourse.cli.options import configured, read
from openbourse.cli.production import bar_sandbox
from openbourse.venue.venue import Venue


@click.command()
@click.option("--host", "host_name", help="The address to listen on (server.host).")
@click.option("--port", type=int, help="The port to listen on (server.port).")
@configured
def command(host_name: str | None, port: int | None, config_file: Path | None, data_dir: Path | None) -> None:
    """Run a production venue until Ctrl-C or SIGTERM: no bots, no play money."""
    bar_sandbox()
    configuration = read(config_file, data_dir, server__host=host_name, server__port=port)
    configure_logging(configuration.log.level, configuration.log.format)
    check_exposure(configuration)
    host(Venue.open(configuration.venue_options("production")), configuration, _ready)


async def _ready(venue: Venue, url: str) -> None:
    click.echo(f"serving {url} from {venue.directory.path}")
