"""A venue with its servers, from open doors to the last snapshot.

The first SIGINT or SIGTERM drains and snapshots; the second one ends the process at once, which loses
nothing that was acknowledged.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol

import click
import structlog
import uvloop

from openbourse.cli.failures import sentence
from openbourse.cli.process import catch_signals, obey_supervisor, spare_the_collector, tls_of
from openbourse.cli.protocols import served, websocket_limits
from openbourse.cli.publishing import published_regularly
from openbourse.configuration import Configuration
from openbourse.history.writer import HistoryUnavailableError
from openbourse.link.server import EngineLink
from openbourse.venue.control import ControlSocket, Handler
from openbourse.venue.front import VenueFront
from openbourse.venue.operations import Operations
from openbourse.venue.operator_desk import OperatorDesk
from openbourse.venue.venue import Venue
from openbourse.wire.coinex.ws.limits import WsLimits
from openbourse.wire.coinex.ws.service import WebSocketService
from openbourse.wire.http.asgi import Application
from openbourse.wire.http.proxies import TrustedProxies
from openbourse.wire.http.server import AddressError, HttpServer
from openbourse.wire.http.tls import Tls, TlsError
from openbourse.wire.metrics import MetricsPage, ServerMetrics

_METRICS_CONNECTIONS: Final = 32

_log = structlog.get_logger(__name__)

Inside = Callable[[Venue], contextlib.AbstractAsyncContextManager[None]]
Ready = Callable[[Venue, str], Awaitable[None]]


class Doors(Protocol):
    """What stands between the network and a venue. A sandbox has doors of its own."""

    def websockets(self, limits: WsLimits, proxies: TrustedProxies) -> WebSocketService:
        """The WebSocket side, not entered yet."""

    def around(self, app: Application) -> Any:
        """The ASGI application to serve, given the venue's own."""


@dataclass(frozen=True)
class Gateways:
    """How the engine process of a venue with gateways fits in. They serve `url`, `count` of them.

    The end of `lifeline` tells that there is no supervisor any more; `started` is called when all gateways
    serve for the first time. `announce` is false after the engine was started again.
    """

    count: int
    url: str
    lifeline: int
    started: Callable[[], None]
    announce: bool


def host(
    venue: Venue,
    configuration: Configuration,
    ready: Ready,
    inside: Inside | None = None,
    doors: Doors | None = None,
    gateways: Gateways | None = None,
) -> None:
    """Serve an opened venue until a signal; ClickException when it had to stop by itself.

    `inside` is entered before the doors open and left after they are closed; `ready` is called with the
    venue and its address when requests are accepted. With `gateways` those have the doors, not `doors`; they
    have been open all the time when the engine was started again, and then do not wait for what is `inside`.
    """
    try:
        uvloop.run(
            _host(venue, configuration, ready, inside or _nothing, doors or _PlainDoors(venue), gateways)
        )
    except (AddressError, TlsError) as error:
        raise click.ClickException(str(error)) from None
    if venue.failure is not None:
        raise click.ClickException(
            f"the venue has stopped ({sentence(venue.failure)}); whatever was acknowledged is kept, "
            "start it again when the cause is gone"
        )


class _PlainDoors:
    """Nothing between the network and the venue."""

    def __init__(self, venue: Venue) -> None:
        self._venue = venue

    def websockets(self, limits: WsLimits, proxies: TrustedProxies) -> WebSocketService:
        return WebSocketService(VenueFront(self._venue), limits, proxies)

    def around(self, app: Application) -> Application:
        return app


async def _host(
    venue: Venue,
    configuration: Configuration,
    ready: Ready,
    inside: Inside,
    doors: Doors,
    gateways: Gateways | None,
) -> None:
    stopping = asyncio.Event()
    if gateways is None:
        catch_signals(stopping)
    else:
        obey_supervisor(stopping, gateways.lifeline)
    venue.on_failure = lambda _: stopping.set()
    async with contextlib.AsyncExitStack() as open_things:
        open_things.push_async_callback(venue.stop)
        tls = tls_of(configuration) if gateways is None else None
        await venue.start()
        await Operations(venue).open_missing_users()
        with contextlib.suppress(HistoryUnavailableError):
            await venue.conservation.samples.prepare()
        spare_the_collector()
        link = None if gateways is None else EngineLink(venue)
        answer: Handler = OperatorDesk(venue).answer
        if link is not None:
            answer = link.settling(answer)
        control = ControlSocket(venue.directory.control_socket, answer)
        await control.start()
        open_things.push_async_callback(control.stop)
        await open_things.enter_async_context(published_regularly(venue, configuration))
        if link is not None and gateways is not None and not gateways.announce:
            await open_things.enter_async_context(link)
        await _enter(open_things, inside(venue), stopping)
        if stopping.is_set():
            return
        spare_the_collector()  # of a sandbox's past, too
        if gateways is None or link is None:
            await _serve(venue, configuration, tls, ready, stopping, doors)
        else:
            if gateways.announce:
                await open_things.enter_async_context(link)
            await _let_serve(venue, configuration, link, ready, stopping, gateways)


async def _enter(
    open_things: contextlib.AsyncExitStack,
    inside: contextlib.AbstractAsyncContextManager[None],
    stopping: asyncio.Event,
) -> None:
    """Enter what lives inside the venue; it may take long, and a signal ends it."""
    entering = asyncio.ensure_future(open_things.enter_async_context(inside))
    told_to_stop = asyncio.ensure_future(stopping.wait())
    await asyncio.wait([entering, told_to_stop], return_when=asyncio.FIRST_COMPLETED)
    told_to_stop.cancel()
    if entering.done():
        entering.result()
    else:
        entering.cancel()
        await asyncio.wait([entering])


async def _serve(
    venue: Venue,
    configuration: Configuration,
    tls: Tls | None,
    ready: Ready,
    stopping: asyncio.Event,
    doors: Doors,
) -> None:
    """Keep the doors open until `stopping`, then let everybody finish."""
    settings = configuration.server
    proxies = TrustedProxies(settings.trusted_proxies)
    async with contextlib.AsyncExitStack() as doors_open:
        limits = websocket_limits(configuration)
        websockets = await doors_open.enter_async_context(doors.websockets(limits, proxies))
        app = served(VenueFront(venue), configuration, venue.options.mode, proxies)
        server = HttpServer(
            doors.around(app), settings.host, settings.port, websocket=websockets.protocol, tls=tls
        )
        await doors_open.enter_async_context(server)
        page = MetricsPage(venue, ServerMetrics(app.traffic, websockets, tls))
        await doors_open.enter_async_context(_measured(page, configuration))
        await ready(venue, server.url)
        await stopping.wait()
        app.drain()
        if venue.failure is None:
            await asyncio.sleep(settings.drain_seconds)


async def _let_serve(
    venue: Venue,
    configuration: Configuration,
    link: EngineLink,
    ready: Ready,
    stopping: asyncio.Event,
    gateways: Gateways,
) -> None:
    """Let gateways have the doors, until `stopping`."""
    async with _measured(MetricsPage(venue, gateways=link.measure), configuration):
        served = asyncio.ensure_future(link.served_by(gateways.count))
        told_to_stop = asyncio.ensure_future(stopping.wait())
        await asyncio.wait([served, told_to_stop], return_when=asyncio.FIRST_COMPLETED)
        if served.done():
            if gateways.announce:
                await ready(venue, gateways.url)
            gateways.started()
        served.cancel()
        await told_to_stop


@contextlib.asynccontextmanager
async def _measured(page: MetricsPage, configuration: Configuration) -> AsyncIterator[None]:
    """Metrics are served inside the block, if they shall be."""
    settings = configuration.metrics
    if not settings.enabled:
        yield
        return
    server = HttpServer(
        page.application(), settings.host, settings.port, max_connections=_METRICS_CONNECTIONS
    )
    async with server:
        _log.info("metrics_served", url=f"{server.url}/metrics")
        yield


def _nothing(_: Venue) -> contextlib.AbstractAsyncContextManager[None]:
    return contextlib.nullcontext()
