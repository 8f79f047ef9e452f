"""A WebSocket without sockets: the venue's real protocol at one end, a client's at the other.

Bytes arrive in order and in pieces of any size, sometimes late, and the connection may break between any
two of them. A client that does not read lets what it is sent pile up.
"""

import asyncio
import gzip
import json
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.uri import parse_uri

from openbourse.wire.coinex.ws.service import WebSocketService
from tests.core.dice import Dice
from tests.simulation.town.network import Network

# Two pieces never arrive at the same time: timers of equal times have no order.
_INSTANT = 1e-5

Hear = Callable[[dict[str, Any]], None]


class Connection:
    """One WebSocket of a client. `hear` gets every message; `over` is done when the connection is gone."""

    def __init__(self, service: WebSocketService, network: Network, dice: Dice, hear: Hear) -> None:
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._hear = hear
        self._network = network
        self._dice = dice
        self._loop = asyncio.get_running_loop()
        self._wire = ClientProtocol(parse_uri("ws://venue/v2/spot"))
        self._server: Any = service.protocol(None, SimpleNamespace(connections=set()), None)
        self._transport = _Transport(self)
        transport: Any = self._transport
        self._early: list[dict[str, Any]] = []  # sent before hands were shaken
        self._up_free = self._down_free = 0.0
        self._server.connection_made(transport)
        self._wire.send_request(self._wire.connect())
        self._flush()

    def send(self, message: dict[str, Any]) -> None:
        """Send a request, unless the connection is gone."""
        if self._wire.state is State.CONNECTING:
            self._early.append(message)
        elif not self.over.done() and self._wire.state is State.OPEN:
            self._wire.send_text(json.dumps(message).encode())
            self._flush()

    def break_off(self) -> None:
        """The connection is cut: both ends notice sooner or later, and no byte more arrives at either."""
        if not self.over.done() and self._network.alive:
            self.over.set_result(None)
            self._loop.call_later(self._network.delay(), self._server.connection_lost, None)

    # -- upwards -------------------------------------------------------------------------------------

    def _flush(self) -> None:
        for data in self._wire.data_to_send():
            for piece in self._pieces(data):
                self._up_free = max(self._up_free + _INSTANT, self._loop.time() + self._network.delay())
                self._loop.call_at(self._up_free, self._receive_above, piece)

    def _receive_above(self, data: bytes) -> None:
        if not self.over.done() and not self._transport.is_closing():
            self._server.data_received(data)

    def _pieces(self, data: bytes) -> list[bytes]:
        if len(data) < 2 or self._dice.random() < 0.7:
            return [data] if data else []
        place = self._dice.between(1, len(data) - 1)
        return [data[:place], data[place:]]

    # -- downwards -----------------------------------------------------------------------------------

    def write(self, data: bytes) -> None:
        """The venue writes."""
        self._network.leaving()
        for piece in self._pieces(data):
            self._down_free = max(self._down_free + _INSTANT, self._loop.time() + self._network.delay())
            self._travel(partial(self._receive_below, piece))

    def _travel(self, arrive: Callable[[], None]) -> None:
        self._network.travel(arrive, max(0.0, self._down_free - self._loop.time()), stream=self)

    def stall(self, seconds: float) -> None:
        """The client reads nothing for a while."""
        self._down_free = max(self._down_free, self._loop.time() + seconds)

    def _receive_below(self, data: bytes) -> None:
        self._transport.drained(len(data))
        if self.over.done():
            return
        self._wire.receive_data(data)
        for event in self._wire.events_received():
            early, self._early = self._early, []
            for message in early:
                self.send(message)
            if isinstance(event, Frame) and event.opcode is Opcode.BINARY:
                self._hear(json.loads(gzip.decompress(bytes(event.data))))
            elif isinstance(event, Frame) and event.opcode is Opcode.CLOSE:
                self.break_off()
        assert self._wire.parser_exc is None, f"the venue sent no frames: {self._wire.parser_exc!r}"
        self._flush()

    def closed_above(self) -> None:
        """The venue has closed: what it wrote before arrives, and then the end."""
        self._down_free += _INSTANT
        self._travel(self.break_off)


class _Transport:
    """What the venue's protocol sees of the connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._unread = 0
        self._high = 1 << 20
        self._closing = False
        self._paused = False

    def write(self, data: bytes) -> None:
        if self._closing:
            return
        self._unread += len(data)
        self._connection.write(data)
        if self._unread > self._high and not self._paused:
            self._paused = True
            self._connection._server.pause_writing()

    def drained(self, size: int) -> None:
        self._unread -= size
        if self._paused and self._unread <= self._high // 4:
            self._paused = False
            self._connection._server.resume_writing()

    def close(self) -> None:
        if not self._closing:
            self._closing = True
            self._connection.closed_above()

    abort = close

    def is_closing(self) -> bool:
        return self._closing

    def get_write_buffer_size(self) -> int:
        return self._unread

    def set_write_buffer_limits(self, high: int) -> None:
        self._high = high

    def get_extra_info(self, name: str) -> tuple[str, int]:
        return ("127.0.0.1", 5)
