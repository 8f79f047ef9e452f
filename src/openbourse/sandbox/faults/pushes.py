"""Faults of WebSockets: connections that lose, repeat, mix up and spoil what they carry.

Everything happens between a session and its socket, on finished frames: the session never knows.
"""

import asyncio
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, Final

import msgspec
from isal import isal_zlib

from openbourse.sandbox.faults.desk import FaultDesk
from openbourse.sandbox.faults.rules import Rule, maintenance_of
from openbourse.venue.front import Front
from openbourse.wire.coinex.ws.errors import CloseCode
from openbourse.wire.coinex.ws.limits import WsLimits
from openbourse.wire.coinex.ws.messages import frame as framed
from openbourse.wire.coinex.ws.notice import notice_of
from openbourse.wire.coinex.ws.service import WebSocketService
from openbourse.wire.coinex.ws.session import Channel, Session
from openbourse.wire.coinex.ws.socket_protocol import WebSocketProtocol
from openbourse.wire.http.proxies import NO_PROXIES, TrustedProxies

DEPTH: Final = "depth.update"
ANSWER: Final = "answer"
_MAX_HELD: Final = 1_000
# Where a push about an order or a stop order has its market.
_ORDERS: Final = ("order", "stop")


class FaultyWebSockets(WebSocketService):
    """The WebSocket side of a sandbox."""

    def __init__(
        self,
        venue: Front,
        faults: FaultDesk,
        limits: WsLimits | None = None,
        proxies: TrustedProxies = NO_PROXIES,
    ) -> None:
        super().__init__(venue, limits, proxies)
        self._faults = faults
        self._faulty: dict[WebSocketProtocol, FaultyConnection] = {}
        faults.on_added = self._added

    def admit(self, socket: WebSocketProtocol, address: str) -> HTTPStatus:
        """See Registry."""
        if self._faults.standing("maintenance"):
            return HTTPStatus.SERVICE_UNAVAILABLE
        return super().admit(socket, address)

    def open(self, socket: WebSocketProtocol, channels: dict[str, Channel], address: str) -> Session:
        """See Registry."""
        connection = FaultyConnection(socket, self._faults)
        self._faulty[socket] = connection
        self.hub.desk.counters.opened += 1
        connection.session = self.hub.join(connection, channels, address)
        return connection.session

    def closed(self, socket: WebSocketProtocol, code: int) -> None:
        """See Registry."""
        self._faulty.pop(socket, None)
        super().closed(socket, code)

    def _added(self, rule: Rule) -> None:
        """Who is to be disconnected need not wait for a push."""
        if rule.kind == "disconnect" and rule.channel == "*":
            for connection in list(self._faulty.values()):
                connection.strike_now()
        elif rule.kind == "maintenance":
            self.hub.announce(notice_of(maintenance_of(rule, self.hub.desk.now())))


class FaultyConnection:
    """Stands between a session and its socket. See `Connection` for what a session needs."""

    def __init__(self, socket: WebSocketProtocol, faults: FaultDesk) -> None:
        self.session: Session | None = None
        self._socket = socket
        self._faults = faults
        self._loop = asyncio.get_running_loop()
        self._silent_until = 0.0
        self._no_depth_until = 0.0
        self._late_until = 0.0
        self._held: dict[str, list[bytes]] = {}

    def close(self, code: CloseCode, reason: str) -> None:
        """See Connection.close."""
        self._socket.close(code, reason)

    def strike_now(self) -> None:
        """Disconnect without waiting for a message, if there is a rule for it."""
        if any(True for _ in self._faults.on_push("", "", self._key, _disconnects)):
            self._disconnect()

    def send(self, frames: bytes) -> None:
        """See Connection.send."""
        now = self._loop.time()
        undisturbed = not self._held and now >= max(
            self._silent_until, self._no_depth_until, self._late_until
        )
        if undisturbed and not self._faults.armed:
            self._socket.send(frames)
            return
        leaving = b"".join(part for frame in _split(frames) for part in self._treated(frame))
        if not leaving:
            return
        if self._late_until > now:
            self._loop.call_at(self._late_until, self._socket.send, leaving)
        else:
            self._socket.send(leaving)

    @property
    def _key(self) -> str:
        key = None if self.session is None else self.session.key
        return "" if key is None else key.key_id

    def _treated(self, frame: bytes) -> list[bytes]:
        """What becomes of one frame."""
        now = self._loop.time()
        message = _message(frame)
        method, market = _about(message)
        parts = [frame]

        def applies(rule: Rule) -> bool:
            return self._applies(rule, parts, method, now)

        for rule in self._faults.on_push(method, market, self._key, applies):
            if rule.kind == "disconnect":
                self._disconnect()
                return []
            parts = self._struck(rule, parts, message, method, now)
        if self._withheld(method, now):
            return []
        return parts + self._held.pop(method, []) if parts else parts

    def _withheld(self, method: str, now: float) -> bool:
        return now < self._silent_until or (method == DEPTH and now < self._no_depth_until)

    def _applies(self, rule: Rule, parts: list[bytes], method: str, now: float) -> bool:
        """See desk.Applies: what is not sent anyway cannot be spoilt."""
        if rule.kind in ("drop", "duplicate", "reorder", "wrong_checksum") and (
            not parts or self._withheld(method, now)
        ):
            return False
        if rule.kind == "wrong_checksum":
            return method == DEPTH
        if rule.kind == "reorder":
            # One that follows a push that was held back is what that leaves behind.
            return method not in self._held and len(self._held) < _MAX_HELD
        return True

    def _struck(
        self, rule: Rule, parts: list[bytes], message: dict[str, Any], method: str, now: float
    ) -> list[bytes]:
        if rule.kind == "stall":
            self._silent_until = now + rule.seconds
        elif rule.kind == "withhold_depth":
            self._no_depth_until = now + rule.seconds
        elif rule.kind == "push_latency":
            self._late_until = max(self._late_until, now + rule.seconds)
        elif rule.kind == "drop":
            return []
        elif rule.kind == "duplicate":
            return parts + parts
        elif rule.kind == "wrong_checksum":
            return [_spoilt(message)]
        elif rule.kind == "reorder":
            # It leaves behind the next one of its kind.
            self._held[method] = parts
            return []
        return parts

    def _disconnect(self) -> None:
        self._socket.close(CloseCode.AWAY, "injected fault")


def _disconnects(rule: Rule) -> bool:
    return rule.kind == "disconnect"


def _split(frames: bytes) -> Iterator[bytes]:
    """The single frames, which our own server never masks nor cuts into pieces (RFC 6455 §5.2)."""
    start = 0
    while start < len(frames):
        size, header = frames[start + 1], 2
        if size == 126:
            size, header = int.from_bytes(frames[start + 2 : start + 4]), 4
        elif size == 127:
            size, header = int.from_bytes(frames[start + 2 : start + 10]), 10
        yield frames[start : start + header + size]
        start += header + size


def _message(frame: bytes) -> dict[str, Any]:
    header = {126: 4, 127: 10}.get(frame[1], 2)
    message: dict[str, Any] = msgspec.json.decode(isal_zlib.decompress(frame[header:], 31))
    return message


def _about(message: dict[str, Any]) -> tuple[str, str]:
    """What a message is, and of which market if it is of one."""
    method = message.get("method")
    if not isinstance(method, str):
        return ANSWER, ""
    data = message.get("data")
    for about in (data, *(data.get(name) for name in _ORDERS)) if isinstance(data, dict) else ():
        if isinstance(about, dict) and isinstance(about.get("market"), str):
            return method, about["market"]
    return method, ""


def _spoilt(message: dict[str, Any]) -> bytes:
    """A depth push with a checksum that is not that of its book."""
    message["data"]["depth"]["checksum"] ^= 1
    return framed(msgspec.json.encode(message))
