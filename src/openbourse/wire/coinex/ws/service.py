"""The WebSocket side of a running venue: its sockets, its pulse and its limits.

`protocol` is what an HTTP server makes of a connection that wants to become a WebSocket.
"""

import asyncio
import contextlib
from http import HTTPStatus
from typing import Any, Final, Self

import structlog

from openbourse.accounts.records import KeyRecord
from openbourse.venue.front import Front
from openbourse.venue.maintenance import Plan
from openbourse.wire.coinex.ws.errors import CloseCode
from openbourse.wire.coinex.ws.hub import TICK_SECONDS, Hub
from openbourse.wire.coinex.ws.limits import WsLimits
from openbourse.wire.coinex.ws.notice import notice_of
from openbourse.wire.coinex.ws.session import Channel, Session
from openbourse.wire.coinex.ws.socket_protocol import WebSocketProtocol
from openbourse.wire.http.proxies import NO_PROXIES, TrustedProxies

SWEEP_SECONDS: Final = 1.0

_log = structlog.get_logger(__name__)


class WebSocketService:
    """All WebSockets of a venue, for as long as it is entered. Make it in the event loop's thread."""

    def __init__(
        self, venue: Front, limits: WsLimits | None = None, proxies: TrustedProxies = NO_PROXIES
    ) -> None:
        self.limits = limits or WsLimits()
        self._venue = venue
        self._proxies = proxies
        self.hub = Hub(
            venue.market_data,
            venue.find_key,
            venue.now,
            venue.present,
            lambda asset: venue.directory.asset(asset) is not None,
            self.limits,
        )
        # The futures address must not have "spot" in it: ccxt tells the two apart by that (ws §1).
        self._endpoints = {"/v2/spot": self.hub.spot, "/v2/futures": self.hub.futures}
        self._sockets: dict[WebSocketProtocol, None] = {}
        self._per_address: dict[str, int] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._loop = asyncio.get_running_loop()
        self._swept_at = self._loop.time()
        venue.listen(self.hub.applied, self.hub.follows)
        venue.on_gap(self._gap)
        venue.on_key_change(self._key_changed)
        venue.maintenance.listen(self._maintenance_planned)

    # -- life --------------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        """Begin to tick and to look after the connections."""
        self._tasks = [
            asyncio.create_task(self._every(TICK_SECONDS, self._tick)),
            asyncio.create_task(self._every(SWEEP_SECONDS, self.sweep)),
        ]
        return self

    async def __aexit__(self, *exception: object) -> None:
        """Send everybody away and end."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self.hub.close_all(CloseCode.AWAY, "the server stops")

    def protocol(self, config: Any, server_state: Any, app_state: Any) -> WebSocketProtocol:
        """A new connection; uvicorn's `ws` setting."""
        del config, app_state
        return WebSocketProtocol(self, server_state.connections)

    def sweep(self) -> None:
        """Ping the quiet, close the silent and those whose key has run out (ws §4).

        Time in which this process was held up does not count against anybody: what they sent meanwhile is
        still to be read.
        """
        now = self._loop.time()
        held_up = now - self._swept_at - SWEEP_SECONDS
        self._swept_at = now
        if held_up > SWEEP_SECONDS:
            for socket in self._sockets:
                socket.heard_at += held_up
                socket.pinged_at += held_up
        quiet = now - min(self.limits.idle, self.limits.ping_every)
        for socket in [each for each in self._sockets if each.heard_at <= quiet]:
            if now - socket.heard_at >= self.limits.idle:
                socket.close(CloseCode.AWAY, "nothing was heard")
            elif now - max(socket.heard_at, socket.pinged_at) >= self.limits.ping_every:
                socket.ping(now)
        self.hub.close_expired()

    # -- what sockets need -------------------------------------------------------------------------

    @property
    def connected(self) -> int:
        """How many WebSockets are open."""
        return len(self._sockets)

    def channels_at(self, path: str) -> dict[str, Channel] | None:
        """See Registry. With and without a slash at the end: clients differ."""
        return self._endpoints.get(path.removesuffix("/"))

    def client(self, peer: str, headers: list[tuple[bytes, bytes]]) -> str:
        """See Registry."""
        return self._proxies.client(peer, headers)

    def admit(self, socket: WebSocketProtocol, address: str) -> HTTPStatus:
        """See Registry."""
        if not self._venue.in_touch or len(self._sockets) >= self.limits.connections:
            verdict = HTTPStatus.SERVICE_UNAVAILABLE
        elif self._per_address.get(address, 0) >= self.limits.connections_per_address:
            verdict = HTTPStatus.TOO_MANY_REQUESTS
        else:
            self._sockets[socket] = None
            self._per_address[address] = self._per_address.get(address, 0) + 1
            return HTTPStatus.SWITCHING_PROTOCOLS
        self.hub.desk.counters.refused += 1
        return verdict

    def open(self, socket: WebSocketProtocol, channels: dict[str, Channel], address: str) -> Session:
        """See Registry."""
        self.hub.desk.counters.opened += 1
        return self.hub.join(socket, channels, address)

    def closed(self, socket: WebSocketProtocol, code: int) -> None:
        """See Registry."""
        if socket.session is not None:
            self.hub.leave(socket.session)
        if code:
            self.hub.desk.counters.closed[code] += 1
        if socket not in self._sockets:
            return
        del self._sockets[socket]
        self._per_address[socket.address] -= 1
        if not self._per_address[socket.address]:
            del self._per_address[socket.address]

    def flush(self) -> None:
        """See Registry."""
        self.hub.desk.flush()

    # -- inside ------------------------------------------------------------------------------------

    def _key_changed(self, key: KeyRecord) -> None:
        """Accounts may be changed from any thread."""
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody is connected
            self._loop.call_soon_threadsafe(self.hub.key_changed, key)

    def _gap(self) -> None:
        """Clients must not go on with a gap: they come back to a fresh state."""
        self.hub.close_all(CloseCode.RESTART, "the venue restarts")

    def _maintenance_planned(self, plan: Plan) -> None:
        self.hub.announce(notice_of(plan))

    def _tick(self) -> None:
        try:
            self.hub.tick()
        except Exception:  # noqa: BLE001 - the pulse has to go on
            _log.exception("websocket_tick_failed")
            self.hub.close_all(CloseCode.INTERNAL, "internal error")

    async def _every(self, seconds: float, action: Any) -> None:
        """Call `action` at a steady pace. A late call is not made up for; one that fails is not the last."""
        due = self._loop.time()
        while True:
            due = max(due + seconds, self._loop.time())
            await asyncio.sleep(due - self._loop.time())
            try:
                action()
            except Exception:  # noqa: BLE001 - without ticks and sweeps nobody is served any more
                _log.exception("websocket_service_failed")
