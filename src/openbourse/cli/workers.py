"""A venue in several processes: an engine, and gateways that have its doors."""

import sys
from collections.abc import Callable, Mapping
from typing import Final

import click

from openbourse.cli.gateway import Gateway
from openbourse.cli.hosting import Gateways
from openbourse.cli.supervisor import Supervisor
from openbourse.configuration import Configuration
from openbourse.log.data_directory import Mode
from openbourse.wire.http.messages import Dialect
from openbourse.wire.http.server import AddressError, shared_listeners, url_of

MAX_WORKERS: Final = 64
WORKERS_HELP: Final = (
    "Gateway processes for clients, beside one for the exchange. 1 keeps everything in one process."
)

_GRACE_SECONDS: Final = 20.0


def host_with_gateways(
    configuration: Configuration,
    mode: Mode,
    workers: int,
    engine: Callable[[Gateways], None],
    further: Mapping[str, Dialect] | None = None,
) -> None:
    """Serve with so many gateways until a signal. `engine` opens the venue, in a process of its own, and
    hosts it; the gateways serve `further` dialects as well, by their first segments. Raises ClickException;
    does not return when it had to stop by itself.
    """
    server = configuration.server
    try:
        listeners = shared_listeners(server.host, server.port, workers)
    except AddressError as error:
        raise click.ClickException(str(error)) from None
    url = url_of(server.host, listeners[0].getsockname()[1], secure=bool(server.tls_certificate))
    supervisor = Supervisor(kill_seconds=server.drain_seconds + _GRACE_SECONDS)

    def run_engine(first: bool) -> None:
        engine(Gateways(workers, url, supervisor.lifeline, supervisor.started, announce=first))

    doors = []
    for number, listener in enumerate(listeners, start=1):
        gateway = Gateway(
            f"gateway-{number}", configuration, mode, listener, supervisor.lifeline, further or {}
        )
        doors.append((listener, gateway.start))
    status = supervisor.run(run_engine, doors)
    if status:
        sys.exit(status)
