"""One WebSocket on uvicorn: the handshake and the frames, between a transport and a session.

Parsing is the sans-I/O core of `websockets`. Our own frames bypass it: they are finished bytes that many
connections share, and go straight to the transport. Nothing here ever waits for a client: what it has
not read yet is counted, and too much of it ends the connection.
"""

import asyncio
import logging
from http import HTTPStatus
from typing import Any, Final, Protocol, cast

from websockets.exceptions import PayloadTooBig
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol

from openbourse.wire.coinex.ws.errors import CloseCode
from openbourse.wire.coinex.ws.limits import WsLimits
from openbourse.wire.coinex.ws.session import Channel, Session

# The library logs every frame of a logger that listens; nobody's messages belong into a log.
_silent = logging.getLogger("openbourse.websocket")
_silent.setLevel(logging.CRITICAL)

_NO_FRAMES: Final[list[bytes]] = []


class Registry(Protocol):
    """Where connections come from and go to; see `WebSocketService`."""

    limits: WsLimits

    def channels_at(self, path: str) -> dict[str, Channel] | None:
        """The channels of the endpoint at `path`."""

    def client(self, peer: str, headers: list[tuple[bytes, bytes]]) -> str:
        """Whose address counts: that of the peer, or the one that a trusted proxy names."""

    def admit(self, socket: "WebSocketProtocol", address: str) -> HTTPStatus:
        """Take a connection in (101), or say why not."""

    def open(self, socket: "WebSocketProtocol", channels: dict[str, Channel], address: str) -> Session: ...
    def closed(self, socket: "WebSocketProtocol", code: int) -> None:
        """`code` is the one that the server sent, 0 if the client went by itself."""

    def flush(self) -> None: ...


class WebSocketProtocol(asyncio.Protocol):
    """The server's end of one connection. `heard_at` and `pinged_at` are times of the loop."""

    __slots__ = (
        "_connections",
        "_done",
        "_fragments",
        "_is_text",
        "_loop",
        "_registry",
        "_transport",
        "_wire",
        "address",
        "heard_at",
        "pinged_at",
        "session",
    )

    def __init__(self, registry: Registry, connections: set[Any]) -> None:
        """`connections` is the server's own set: it waits for those in it when it stops."""
        self.address = ""
        self.session: Session | None = None
        self.heard_at = 0.0
        self.pinged_at = 0.0
        self._registry = registry
        self._connections = connections
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._wire = ServerProtocol(max_size=registry.limits.message_bytes, logger=_silent)
        self._fragments = _NO_FRAMES
        self._is_text = True
        self._done = False

    # -- asyncio's side ----------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See asyncio.Protocol."""
        # A cast, since uvloop's transports are no subclass of asyncio's.
        self._transport = transport = cast("asyncio.Transport", transport)
        transport.set_write_buffer_limits(high=self._registry.limits.pause_above)
        peer = transport.get_extra_info("peername")
        self.address = str(peer[0]) if isinstance(peer, tuple) else ""
        self.heard_at = self.pinged_at = self._loop.time()
        self._connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio.Protocol."""
        del exc
        self._connections.discard(self)
        self._transport = None
        self._leave(0)

    def pause_writing(self) -> None:
        """See asyncio.Protocol."""
        if self.session is not None and not self._done:
            self.session.paused = True

    def resume_writing(self) -> None:
        """See asyncio.Protocol."""
        if self.session is not None:
            self.session.paused = False

    def eof_received(self) -> None:
        """The client sends nothing more: that is the end of a WebSocket."""
        self._wire.receive_eof()
        self._write_wire()

    def data_received(self, data: bytes) -> None:
        """See asyncio.Protocol."""
        self.heard_at = self._loop.time()
        self._wire.receive_data(data)
        for event in self._wire.events_received():
            if isinstance(event, Request):
                self._shake_hands(event)
            elif isinstance(event, Frame) and not self._done:
                self._take(event)
        if self._wire.parser_exc is not None and not self._done:
            self._leave(CloseCode.TOO_BIG if isinstance(self._wire.parser_exc, PayloadTooBig) else 0)
        self._write_wire()
        self._registry.flush()

    def shutdown(self) -> None:
        """The server stops; called by uvicorn."""
        self.close(CloseCode.AWAY, "the server stops")

    # -- the session's side ------------------------------------------------------------------------

    def send(self, frames: bytes) -> None:
        """See Connection.send."""
        transport = self._transport
        if self._done or transport is None:
            return
        if transport.get_write_buffer_size() + len(frames) > self._registry.limits.send_queue:
            self.close(CloseCode.SLOW_READER, "too much is unread")
            return
        transport.write(frames)

    def close(self, code: CloseCode, reason: str) -> None:
        """See Connection.close."""
        if self._done:
            return
        self._leave(code)
        if self._wire.state is State.OPEN:
            self._wire.send_close(code, reason)
            self._write_wire()
        elif self._transport is not None:
            self._transport.close()

    def ping(self, now: float) -> None:
        """Ask the client whether it is still there."""
        if self._wire.state is State.OPEN and not self._done:
            self.pinged_at = now
            self._wire.send_ping(b"")
            self._write_wire()

    # -- inside ------------------------------------------------------------------------------------

    def _shake_hands(self, request: Request) -> None:
        """Accept, or answer with another HTTP status. Extensions and subprotocols are declined (ws §1)."""
        channels = self._registry.channels_at(request.path.partition("?")[0])
        if channels is None:
            self._refuse(HTTPStatus.NOT_FOUND)
            return
        self.address = self._registry.client(self.address, _raw_headers(request))
        response = self._wire.accept(request)
        if response.status_code == HTTPStatus.SWITCHING_PROTOCOLS:
            verdict = self._registry.admit(self, self.address)
            if verdict is not HTTPStatus.SWITCHING_PROTOCOLS:
                self._refuse(verdict)
                return
        self._wire.send_response(response)
        if response.status_code == HTTPStatus.SWITCHING_PROTOCOLS:
            self._write_wire()
            self.session = self._registry.open(self, channels, self.address)

    def _refuse(self, status: HTTPStatus) -> None:
        self._wire.send_response(self._wire.reject(status, f"{status.phrase}\n"))

    def _take(self, frame: Frame) -> None:
        session = self.session
        if session is None:
            return
        if frame.opcode is Opcode.PING or frame.opcode is Opcode.PONG:
            # The answer to a ping, with its payload, is with the parser already.
            session.receive_control(self.heard_at)
        elif frame.opcode is Opcode.CLOSE:
            self._registry.flush()  # the answers to what came before it in the same packet
            self._leave(0)
        elif frame.opcode is Opcode.CONT:
            self._fragments.append(bytes(frame.data))
            # Each costs like a message: a flood of empty ones ends as well.
            if not frame.fin:
                session.receive_control(self.heard_at)
            else:
                data, self._fragments = b"".join(self._fragments), _NO_FRAMES
                self._message(session, data)
        else:
            self._is_text = frame.opcode is Opcode.TEXT
            if frame.fin:
                self._message(session, bytes(frame.data))
            else:
                self._fragments = [bytes(frame.data)]

    def _message(self, session: Session, data: bytes) -> None:
        if not self._is_text:
            session.receive_binary(self.heard_at)
            return
        if not data.isascii():
            try:
                data.decode()
            except UnicodeDecodeError:  # RFC 6455 §8.1
                self.close(CloseCode.GARBAGE, "text that is not UTF-8")
                return
        session.receive(data, self.heard_at)

    def _leave(self, code: int) -> None:
        if self._done:
            return
        self._done = True
        self._registry.closed(self, code)
        if self._transport is not None:
            # Who reads nothing will not read the farewell either.
            self._loop.call_later(self._registry.limits.close_timeout, self._abort)

    def _write_wire(self) -> None:
        """Write what the parser has to say; b"" from it means: and then close."""
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        for data in self._wire.data_to_send():
            if not data:
                transport.close()
            elif transport.get_write_buffer_size() + len(data) > 2 * self._registry.limits.send_queue:
                transport.abort()
            else:
                transport.write(data)

    def _abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()


def _raw_headers(request: Request) -> list[tuple[bytes, bytes]]:
    """The headers as they were sent, names in lower case."""
    return [
        (name.lower().encode(), value.encode("ascii", "surrogateescape"))
        for name, value in request.headers.raw_items()
    ]
