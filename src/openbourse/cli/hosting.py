"""A venue with its servers, from open doors to the last snapshot.

The first SIGINT or SIGTERM drains and snapshots; the second one ends the process at once, which loses
nothing that was acknowledged.
"""

import asyncio
import contextlib
import gc
import os
import signal
from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final, Protocol

import click
import structlog
import uvloop

from openbourse.cli.commands import sentence
from openbourse.cli.publishing import published_regularly
from openbourse.configuration import Configuration
from openbourse.venue.control import ControlSocket
from openbourse.venue.front import VenueFront
from openbourse.venue.operations import Operations
from openbourse.venue.operator_desk import OperatorDesk
from openbourse.venue.venue import Venue
from openbourse.wire.application import application
from openbourse.wire.coinex.settings import CoinexSettings
from openbourse.wire.coinex.ws.limits import WsLimits
from openbourse.wire.coinex.ws.service import WebSocketService
from openbourse.wire.coinw.settings import CoinwSettings
from openbourse.wire.http.asgi import Application
from openbourse.wire.http.proxies import TrustedProxies
from openbourse.wire.http.server import AddressError, HttpServer
from openbourse.wire.http.tls import Tls, TlsError
from openbourse.wire.metrics import MetricsPage

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
_FORCED: Final = 130
_METRICS_CONNECTIONS: Final = 32
_COLLECTOR_THRESHOLDS: Final = (20_000, 20, 50)

_log = structlog.get_logger(__name__)

Inside = Callable[[Venue], contextlib.AbstractAsyncContextManager[None]]
Ready = Callable[[Venue, str], Awaitable[None]]


class Doors(Protocol):
    """What stands between the network and a venue. A sandbox has doors of its own."""

    def websockets(self, limits: WsLimits, proxies: TrustedProxies) -> WebSocketService:
        """The WebSocket side, not entered yet."""

    def around(self, app: Application) -> Any:
        """The ASGI application to serve, given the venue's own."""


def host(
    venue: Venue,
    configuration: Configuration,
    ready: Ready,
    inside: Inside | None = None,
    doors: Doors | None = None,
) -> None:
    """Serve an opened venue until a signal; ClickException when it had to stop by itself.

    `inside` is entered before the doors open and left after they are closed; `ready` is called with the
    venue and its address when requests are accepted.
    """
    try:
        uvloop.run(_host(venue, configuration, ready, inside or _nothing, doors or _PlainDoors(venue)))
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
    venue: Venue, configuration: Configuration, ready: Ready, inside: Inside, doors: Doors
) -> None:
    stopping = asyncio.Event()
    _catch_signals(stopping)
    venue.on_failure = lambda _: stopping.set()
    async with contextlib.AsyncExitStack() as open_things:
        open_things.push_async_callback(venue.stop)
        tls = _tls(configuration)
        await venue.start()
        await Operations(venue).open_missing_users()
        _spare_the_collector()
        control = ControlSocket(venue.directory.control_socket, OperatorDesk(venue).answer)
        await control.start()
        open_things.push_async_callback(control.stop)
        await open_things.enter_async_context(published_regularly(venue, configuration))
        await _enter(open_things, inside(venue), stopping)
        if not stopping.is_set():
            await _serve(venue, configuration, tls, ready, stopping, doors)


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


def _spare_the_collector() -> None:
    """Keep pauses of the cyclic collector away from requests.

    What recovery has loaded lives as long as the process, and trading makes no cycles
    (tests/core/test_snapshot.py), so the collector need not look at the state again; the servers do make
    some, and it may take its time with them.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECTOR_THRESHOLDS)


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
    async with contextlib.AsyncExitStack() as served:
        limits = websocket_limits(configuration)
        websockets = await served.enter_async_context(doors.websockets(limits, proxies))
        app = application(
            VenueFront(venue),
            _coinex_settings(configuration),
            _coinw_settings(configuration, venue),
            proxies=proxies,
            log_requests=configuration.log.level == "debug",
        )
        server = HttpServer(
            doors.around(app), settings.host, settings.port, websocket=websockets.protocol, tls=tls
        )
        await served.enter_async_context(server)
        if configuration.metrics.enabled:
            page = MetricsPage(venue, app.traffic, websockets, tls).application()
            metrics = HttpServer(
                page,
                configuration.metrics.host,
                configuration.metrics.port,
                max_connections=_METRICS_CONNECTIONS,
            )
            await served.enter_async_context(metrics)
            _log.info("metrics_served", url=f"{metrics.url}/metrics")
        await ready(venue, server.url)
        await stopping.wait()
        app.drain()
        if venue.failure is None:
            await asyncio.sleep(settings.drain_seconds)


def _tls(configuration: Configuration) -> Tls | None:
    """Raises TlsError. With SIGHUP the files are read again."""
    settings = configuration.server
    if not settings.tls_certificate:
        return None
    tls = Tls(Path(settings.tls_certificate).expanduser(), Path(settings.tls_key).expanduser())
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, tls.reload)
    return tls


def _catch_signals(stopping: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()

    def stop() -> None:
        if stopping.is_set():
            os._exit(_FORCED)
        stopping.set()
        click.echo("stopping; once more to force it", err=True)

    for number in _SIGNALS:
        loop.add_signal_handler(number, stop)


def _coinex_settings(configuration: Configuration) -> CoinexSettings:
    return CoinexSettings(
        rate_limits=configuration.limits.rate_limits,
        accept_plain_sha256=configuration.coinex.accept_plain_sha256,
        kline_volume_in_quote=configuration.coinex.swap_candle_volume,
    )


def websocket_limits(configuration: Configuration) -> WsLimits:
    """The limits of the WebSocket side as the operator has set them."""
    chosen = configuration.websocket
    limits = WsLimits(
        connections=chosen.connections,
        connections_per_address=chosen.connections_per_address,
        message_bytes=chosen.message_bytes,
        subscriptions=chosen.subscriptions,
        request_rate=chosen.request_rate,
        request_burst=chosen.request_burst,
        send_queue=chosen.send_queue,
        ping_every=chosen.idle_seconds / 4,
        idle=chosen.idle_seconds,
    )
    return limits if configuration.limits.rate_limits else limits.without_rates()


def _coinw_settings(configuration: Configuration, venue: Venue) -> CoinwSettings | None:
    """None where the protocol is not served."""
    here = ("always", venue.options.mode)
    if configuration.coinw.enabled not in here:
        return None
    return CoinwSettings(
        withdrawals=configuration.coinw.withdrawals in here,
        market_copies=configuration.coinw.market_copies,
        rate_limits=configuration.limits.rate_limits,
    )


def _nothing(_: Venue) -> contextlib.AbstractAsyncContextManager[None]:
    return contextlib.nullcontext()


def check_exposure(configuration: Configuration) -> None:
    """Refuse to speak plain HTTP to other machines unless the operator says so."""
    server = configuration.server
    if bool(server.tls_certificate) != bool(server.tls_key):
        raise click.ClickException("TLS needs both, server.tls_certificate and server.tls_key")
    if server.tls_certificate or server.allow_plain_http or _is_loopback(server.host):
        return
    raise click.ClickException(
        f"{server.host} is reached from other machines and HTTP is not encrypted: set server.tls_certificate "
        "and server.tls_key, or put something that speaks TLS in front and listen on 127.0.0.1, or set "
        "server.allow_plain_http"
    )


def _is_loopback(host_name: str) -> bool:
    if host_name == "localhost":
        return True
    try:
        return ip_address(host_name).is_loopback
    except ValueError:
        return False
