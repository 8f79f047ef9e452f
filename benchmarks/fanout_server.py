"""The servers of the fan-out benchmark, each ticking five times a second until Ctrl-C.

`venue FILE RECORD` is the WebSocket side of the venue over twenty busy markets; it writes its port to FILE
and what one subscriber is sent in each tick to RECORD. `bare FILE RECORD` is the socket library alone:
uvloop transports, to each of which it writes the recorded bytes, one write a tick; `single FILE RECORD`
writes message by message instead. `library FILE RECORD` is the server of `websockets` with its `broadcast`.
"""

import asyncio
import base64
import gc
import hashlib
import random
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final, cast

import msgspec
import uvloop
import websockets.asyncio.server

from benchmarks.scratch import publish
from openbourse.core import commands as c
from openbourse.core.events import Applied
from openbourse.core.exchange import Exchange
from openbourse.core.units import MONEY_UNIT, UNIT
from openbourse.market_data.market_data import MarketData
from openbourse.wire.coinex.ws.errors import CloseCode
from openbourse.wire.coinex.ws.hub import TICK_SECONDS
from openbourse.wire.coinex.ws.limits import WsLimits
from openbourse.wire.coinex.ws.service import WebSocketService
from openbourse.wire.http.asgi import Application
from openbourse.wire.http.router import Router
from openbourse.wire.http.server import HttpServer

MARKETS: Final = [f"M{number:02}USDT" for number in range(20)]
# All clients of the benchmark come from one address.
MAX_CONNECTIONS: Final = 10_500
LIMITS: Final = WsLimits(connections=MAX_CONNECTIONS, connections_per_address=MAX_CONNECTIONS)
SUBSCRIPTIONS: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    ("depth.subscribe", {"market_list": [[market, 20, "0", False] for market in MARKETS]}),
    ("deals.subscribe", {"market_list": []}),
    ("state.subscribe", {"market_list": []}),
)
RECORDED_TICKS: Final = 25
_ORDERS_A_TICK: Final = 6
_PREPARED_TICKS: Final = 300
_GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

Record = list[bytes]


class Recorder:
    """A subscriber in the process itself; see `session.Connection`."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._ticks: Record = []

    def send(self, frames: bytes) -> None:
        """Keep what comes with a tick; the first frames are answers and first pushes."""
        self._ticks.append(frames)
        if len(self._ticks) == RECORDED_TICKS + 2:
            publish(self._file, msgspec.msgpack.encode(self._ticks[2:]))

    def close(self, code: CloseCode, reason: str) -> None:
        """The server stops."""


class Busy:
    """Twenty markets in which something happens in every tick.

    What the exchange does for it is done beforehand, for the first minute at least: this is about what
    comes after.
    """

    def __init__(self) -> None:
        self.exchange = Exchange()
        self.data = MarketData()
        self.listeners: list[Callable[[list[Applied]], None]] = []
        self._chance = random.Random(1)
        for market in MARKETS:
            spec = c.MarketSpec(market, market[:3], "USDT", 6, 2, UNIT // 1000, 0, 0)
            self._tell(self._applied([c.DefineMarket(self.now(), spec)]))
        self._tell(self._applied([c.OpenUser(self.now(), 1)]))
        for asset in ("USDT", *(market[:3] for market in MARKETS)):
            self._tell(self._applied([c.Deposit(self.now(), asset, 1, asset, 10**9 * MONEY_UNIT)]))
        for _ in range(20):
            self._tell(self._traded())
        # Kept to the end: memory that is given back would be found again by the connections.
        self._prepared = [self._traded() for _ in range(_PREPARED_TICKS)]
        self._next = iter(self._prepared)
        gc.collect()
        gc.freeze()

    def now(self) -> int:
        return time.time_ns() // 1_000_000

    def act(self) -> None:
        """Tell of the next batch."""
        self._tell(next(self._next, []) or self._traded())

    def _traded(self) -> list[Applied]:
        """Some orders on each market, some of which trade, in one batch."""
        chance = self._chance
        batch: list[c.AnyCommand] = []
        for market in MARKETS:
            for _ in range(_ORDERS_A_TICK):
                side = chance.choice(("buy", "sell"))
                price = 100 * UNIT + chance.randrange(-40, 5) * UNIT // 100 * (1 if side == "buy" else -1)
                request = c.OrderRequest(
                    1,
                    "spot",
                    market,
                    cast("c.Side", side),
                    "limit",
                    chance.randrange(1, 500) * UNIT // 1000,
                    price,
                )
                batch.append(c.PlaceOrder(self.now(), request))
        if self.exchange.sequence % 20_000 > 18_000:
            batch.append(c.CancelOrders(self.now(), 1, "spot", ""))
        return self._applied(batch)

    def _applied(self, batch: list[c.AnyCommand]) -> list[Applied]:
        exchange = self.exchange
        return [Applied(exchange.sequence + 1, command, exchange.apply(command)) for command in batch]

    def _tell(self, applied: list[Applied]) -> None:
        self.data.apply(applied)
        for listener in self.listeners:
            listener(applied)


async def venue(file: Path, record: Path) -> None:
    """The product: service, hub, protocol class and HTTP server are those of the venue."""
    busy = Busy()
    # What the WebSocket side needs of a `Front` when nobody signs in and nothing is planned.
    front: Any = SimpleNamespace(
        market_data=busy.data,
        now=busy.now,
        present=busy.now,
        in_touch=True,
        find_key=lambda _: None,
        on_key_change=lambda _: None,
        on_gap=lambda _: None,
        directory=SimpleNamespace(asset=lambda _: None),
        maintenance=SimpleNamespace(listen=lambda _: None),
        listen=lambda listener, _: busy.listeners.append(listener),
    )
    async with (
        WebSocketService(front, LIMITS) as service,
        HttpServer(
            Application(Router({})), websocket=service.protocol, max_connections=MAX_CONNECTIONS
        ) as server,
    ):
        recorder = service.hub.join(Recorder(record), service.hub.spot, "")
        for method, params in SUBSCRIPTIONS:
            recorder.receive(msgspec.json.encode({"method": method, "params": params, "id": 1}), 0.0)
        service.hub.desk.flush()
        await _tick(busy.act, lambda: publish(file, b"%d" % server.port))


class BareProtocol(asyncio.Protocol):
    """Accepts whatever asks, and is written to by `bare`."""

    def __init__(self, transports: dict[asyncio.Transport, None]) -> None:
        self._transports = transports

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Only the handshake is answered; subscriptions are taken for granted."""
        for line in data.split(b"\r\n"):
            if line.lower().startswith(b"sec-websocket-key:"):
                accept = base64.b64encode(hashlib.sha1(line.split()[1] + _GUID).digest())
                self._transport.write(
                    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    b"Sec-WebSocket-Accept: %b\r\n\r\n" % accept
                )
                self._transports[self._transport] = None

    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio.Protocol."""
        del exc
        self._transports.pop(self._transport, None)


async def bare(file: Path, record: Path) -> None:
    """The same bytes to every transport, those of a tick at once."""
    await _bare(file, [[tick] for tick in _recorded(record)])


async def single(file: Path, record: Path) -> None:
    """The same bytes to every transport, one message after the other."""
    await _bare(file, [_split(tick) for tick in _recorded(record)])


async def _bare(file: Path, ticks: list[list[bytes]]) -> None:
    transports: dict[asyncio.Transport, None] = {}
    server = await asyncio.get_running_loop().create_server(lambda: BareProtocol(transports), "127.0.0.1", 0)
    turn = iter(range(10**9))

    def act() -> None:
        for data in ticks[next(turn) % len(ticks)]:
            for transport in transports:
                transport.write(data)

    await _tick(act, lambda: publish(file, b"%d" % server.sockets[0].getsockname()[1]))
    server.close()


async def library(file: Path, record: Path) -> None:
    """The same messages through the library's own server, one by one."""
    ticks = [[_payload(frame) for frame in _split(tick)] for tick in _recorded(record)]
    connections: dict[websockets.asyncio.server.ServerConnection, None] = {}

    async def serve(connection: websockets.asyncio.server.ServerConnection) -> None:
        connections[connection] = None
        try:
            await connection.wait_closed()
        finally:
            del connections[connection]

    turn = iter(range(10**9))

    def act() -> None:
        for message in ticks[next(turn) % len(ticks)]:
            websockets.asyncio.server.broadcast(connections, message)

    async with websockets.asyncio.server.serve(serve, "127.0.0.1", 0, compression=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        await _tick(act, lambda: publish(file, b"%d" % port))


def _recorded(file: Path) -> Record:
    return msgspec.msgpack.decode(file.read_bytes(), type=Record)


def _split(frames: bytes) -> list[bytes]:
    """The frames in a run of them."""
    found = []
    while frames:
        start, size = _extent(frames)
        found.append(frames[: start + size])
        frames = frames[start + size :]
    return found


def _payload(frame: bytes) -> bytes:
    return frame[_extent(frame)[0] :]


def _extent(frame: bytes) -> tuple[int, int]:
    """Where the message of a frame starts, and its bytes."""
    size = frame[1]
    if size == 126:
        return 4, int.from_bytes(frame[2:4])
    if size == 127:
        return 10, int.from_bytes(frame[2:10])
    return 2, size


async def _tick(act: Callable[[], None], ready: Callable[[], object]) -> None:
    """`act` at the pace of the venue until SIGINT."""
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    loop.add_signal_handler(signal.SIGINT, stopping.set)
    ready()
    due = loop.time()
    while not stopping.is_set():
        act()
        due = max(due + TICK_SECONDS, loop.time())
        await asyncio.sleep(due - loop.time())


KINDS: Final[dict[str, Callable[[Path, Path], Awaitable[None]]]] = {
    "venue": venue,
    "bare": bare,
    "single": single,
    "library": library,
}


async def _main() -> None:
    await KINDS[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))


if __name__ == "__main__":
    uvloop.run(_main())
