"""A gateway process: the doors of a venue whose engine is another process."""

import asyncio
import contextlib
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field

import click
import uvloop

from openbourse.cli.process import obey_supervisor, spare_the_collector, tls_of
from openbourse.cli.protocols import served, websocket_limits
from openbourse.configuration import Configuration
from openbourse.link.remote import RemoteFront
from openbourse.log.data_directory import DataDirectory, Mode
from openbourse.wire.coinex.ws.service import WebSocketService
from openbourse.wire.http.messages import Dialect
from openbourse.wire.http.proxies import TrustedProxies
from openbourse.wire.http.server import HttpServer
from openbourse.wire.http.tls import TlsError
from openbourse.wire.metrics import ServerMetrics


@dataclass(frozen=True)
class Gateway:
    """One of the gateways of a venue. It accepts on `listener`, as long as `lifeline` is open.

    It serves `further` dialects by their first segments, beside those of every venue.
    """

    name: str
    configuration: Configuration
    mode: Mode
    listener: socket.socket
    lifeline: int
    further: Mapping[str, Dialect] = field(default_factory=dict)

    def start(self, first: bool) -> None:
        """Serve until the supervisor says otherwise. Raises ClickException."""
        del first
        try:
            uvloop.run(self._run())
        except TlsError as error:
            raise click.ClickException(str(error)) from None

    async def _run(self) -> None:
        stopping = asyncio.Event()
        obey_supervisor(stopping, self.lifeline)
        configuration = self.configuration
        tls = tls_of(configuration)
        directory = DataDirectory(configuration.venue_options(self.mode).data_directory)
        front = RemoteFront(directory.gateway_socket, self.name)
        connected = asyncio.create_task(front.run())
        try:
            await _either(front.first_touch, stopping)
            if stopping.is_set():
                return
            spare_the_collector()
            proxies = TrustedProxies(configuration.server.trusted_proxies)
            app = served(front, configuration, self.mode, proxies, self.further)
            async with WebSocketService(front, websocket_limits(configuration), proxies) as websockets:
                front.measure = ServerMetrics(app.traffic, websockets, tls).parts
                settings = configuration.server
                server = HttpServer(
                    app,
                    settings.host,
                    settings.port,
                    websocket=websockets.protocol,
                    tls=tls,
                    listener=self.listener,
                )
                async with server:
                    front.serving()
                    await stopping.wait()
                    app.drain()
                    await asyncio.sleep(settings.drain_seconds)
        finally:
            connected.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await connected


async def _either(one: asyncio.Event, other: asyncio.Event) -> None:
    """Until one of the two is set."""
    waiting = [asyncio.ensure_future(event.wait()) for event in (one, other)]
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
