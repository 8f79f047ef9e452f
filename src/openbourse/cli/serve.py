"""`openbourse serve`: a production venue."""

from pathlib import Path

import click

from openbourse.cli.hosting import Gateways, host
from openbourse.cli.logs import configure_logging
from openbourse.cli.options import PORT, configured, read
from openbourse.cli.production import bar_sandbox
from openbourse.cli.protocols import check_exposure
from openbourse.cli.workers import MAX_WORKERS, WORKERS_HELP, host_with_gateways
from openbourse.venue.venue import Venue


@click.command()
@click.option("--host", "host_name", help="The address to listen on (server.host).")
@click.option("--port", type=PORT, help="The port to listen on (server.port).")
@click.option(
    "--workers", type=click.IntRange(1, MAX_WORKERS), default=1, show_default=True, help=WORKERS_HELP
)
@configured
def command(
    host_name: str | None,
    port: int | None,
    workers: int,
    config_file: Path | None,
    data_dir: Path | None,
) -> None:
    """Run a production venue until Ctrl-C or SIGTERM.

    It has no bots and no play money.
    """
    bar_sandbox()
    configuration = read(config_file, data_dir, server__host=host_name, server__port=port)
    configure_logging(configuration.log.level, configuration.log.format)
    check_exposure(configuration)
    options = configuration.venue_options("production")

    def engine(gateways: Gateways | None) -> None:
        host(Venue.open(options), configuration, _ready, gateways=gateways)

    if workers == 1:
        engine(None)
    else:
        host_with_gateways(configuration, "production", workers, engine)


async def _ready(venue: Venue, url: str) -> None:
    click.echo(f"serving {url} from {venue.directory.path}")
