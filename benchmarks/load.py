"""A light load generator over keep-alive connections, one request under way on each: closed loop, or open.

In a closed loop a connection sends when it has its answer. In an open one, requests have planned times, of
which the server knows nothing; a latency then runs from the planned time, so that a pause of the server is
felt by all who wanted to send during it.

`python -m benchmarks.load` reads a plan as JSON from standard input and prints what it measured as JSON. It
runs in a process of its own, with uvloop and without any HTTP library: it shares the machine with the server
that it loads, so it must cost as little as possible. Requests of `resting` are signed beforehand.
"""

import asyncio
import hashlib
import random
import re
import sys
import time
from collections import Counter, deque
from contextlib import suppress
from functools import partial
from typing import Any, Final, Literal

import msgspec
import uvloop

from benchmarks.histogram import Histogram

WINDOW_MS: Final = 60_000
_PRESIGNED: Final = 30_000  # a second, at most: what comes beyond is signed while the clock runs
_LATEST_ANSWER: Final = 30.0
_TICK: Final = 0.001
PERCENTILES: Final = (0.5, 0.9, 0.99, 0.999)


class Plan(msgspec.Struct):
    """What to do. `mix`: "resting" places orders that stay, "b" is 45 % add, 45 % cancel, 10 % aggressive.

    "get" asks for `target`, unsigned. `rate` is that of an open loop, requests a second at random intervals;
    0 is a closed loop.
    """

    port: int
    keys: list[tuple[str, str]]
    mix: Literal["resting", "b", "get"]
    seconds: float
    connections: int = 64
    seed: int = 1
    target: str = ""
    rate: float = 0.0


class Measured(msgspec.Struct):
    """What came of it: answers with code 0, refusals by their code, and times to the whole answer in µs.

    `times` and `longest` are those of a `Histogram`. `unanswered` are requests that were due, and had no
    answer half a minute after the end.
    """

    seconds: float
    answered: int
    refusals: dict[int, int]
    first_refusal: str
    unanswered: int
    times: dict[int, int]
    longest: int
    own_cpu: float

    @property
    def refused(self) -> int:
        return sum(self.refusals.values())

    @property
    def per_second(self) -> float:
        return self.answered / self.seconds

    @property
    def histogram(self) -> Histogram:
        return Histogram(self.times, self.longest)

    def milliseconds(self) -> dict[str, float]:
        """The usual percentiles of the times."""
        times = self.histogram
        found = {f"p{100 * share:g}": times.percentile(share) / 1_000 for share in PERCENTILES}
        return found | {"max": self.longest / 1_000}


class Signer:
    """Makes signed requests of one user; HMAC with the work that depends only on the secret done once."""

    def __init__(self, key_id: str, secret: str, port: int) -> None:
        block = secret.encode().ljust(64, b"\0")
        assert len(block) == 64, "longer secrets would have to be hashed first"
        self._inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in block))
        self._outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in block))
        self._head = b"Host: 127.0.0.1:%d\r\nX-COINEX-KEY: %s\r\n" % (port, key_id.encode())

    def post(self, path: bytes, body: bytes) -> bytes:
        timestamp = b"%d" % (time.time_ns() // 1_000_000)
        inner = self._inner.copy()
        inner.update(b"POST" + path + body + timestamp)
        outer = self._outer.copy()
        outer.update(inner.digest())
        return (
            b"POST %b HTTP/1.1\r\n%bX-COINEX-SIGN: %b\r\nX-COINEX-TIMESTAMP: %b\r\n"
            b"X-COINEX-WINDOWTIME: %d\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
            % (path, self._head, outer.hexdigest().encode(), timestamp, WINDOW_MS, len(body), body)
        )


class Script:
    """What one connection sends, request by request."""

    def __init__(self, plan: Plan, number: int) -> None:
        key_id, secret = plan.keys[number % len(plan.keys)]
        self._signer = Signer(key_id, secret, plan.port)
        self._random = random.Random(plan.seed * 1_000 + number)
        self._ready: deque[bytes] = deque()
        self._mixed = plan.mix == "b"
        self._open: list[bytes] = []
        self._adding = False
        self._get = f"GET {plan.target} HTTP/1.1\r\nHost: 127.0.0.1:{plan.port}\r\n\r\n".encode()
        self._asks = plan.mix == "get"
        if plan.mix == "resting":
            ahead = int((1.1 * plan.rate or _PRESIGNED) * plan.seconds / plan.connections)
            self._ready.extend(self._order(b"limit", 5_000) for _ in range(ahead))

    def next_request(self) -> bytes:
        if self._asks:
            return self._get
        if not self._mixed:
            return self._ready.popleft() if self._ready else self._order(b"limit", 5_000)
        draw = self._random.random()
        self._adding = False
        if draw < 0.1:
            return self._order(b"ioc", -20)
        # About 16 orders of a connection rest: a thousand of all.
        if draw < 0.55 + (16 - len(self._open)) / 32 or not self._open:
            self._adding = True
            return self._order(b"limit", 1_000)
        order = self._open.pop(self._random.randrange(len(self._open)))
        body = b'{"market":"BTCUSDT","market_type":"SPOT","order_id":%b}' % order
        return self._signer.post(b"/v2/spot/cancel-order", body)

    def answered(self, data: bytes) -> None:
        """Look at an answer with code 0."""
        if self._adding:
            start = data.index(b'"order_id":') + 11
            self._open.append(data[start : data.index(b",", start)])

    def _order(self, kind: bytes, depth: int) -> bytes:
        """A small order up to `depth` ticks on its own side of the middle, or beyond it if negative."""
        buys = self._random.random() < 0.5
        distance = self._random.randint(1, depth) if depth > 0 else depth
        cents = 6_000_000 - distance if buys else 6_000_000 + distance
        body = (
            b'{"market":"BTCUSDT","market_type":"SPOT","side":"%b","type":"%b","amount":"0.0001%d",'
            b'"price":"%d.%02d"}'
        )
        side = b"buy" if buys else b"sell"
        body %= side, kind, self._random.randint(0, 9), cents // 100, cents % 100
        return self._signer.post(b"/v2/spot/order", body)


class Connection(asyncio.Protocol):
    """One request at a time; tells the load when it has the whole answer."""

    def __init__(self, script: Script, load: "Load") -> None:
        self._script = script
        self._load = load
        self._buffer = b""
        self._since = 0
        self.transport: asyncio.Transport

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def send(self, planned: int = 0) -> None:
        """Send the next request; its time counts from `planned` (ns of `perf_counter`), or from now."""
        request = self._script.next_request()
        self._since = planned or time.perf_counter_ns()
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        if self._buffer:
            data = self._buffer + data
        body = data.find(b"\r\n\r\n") + 4
        if body < 4 or len(data) < body + _content_length(data, body):
            self._buffer = data
            return
        self._buffer = b""
        self._load.times.add((time.perf_counter_ns() - self._since) // 1_000)
        if data.startswith(b'{"code":0,', body) and data.startswith(b"HTTP/1.1 200"):
            self._script.answered(data)
        else:
            self._load.refused(data[body:])
        self._load.free(self)

    def connection_lost(self, error: Exception | None) -> None:
        if self._load.running:
            self._load.broken(error)


def _content_length(data: bytes, body: int) -> int:
    start = data.find(b"content-length: ", 0, body) + 16
    assert start >= 16, "an answer without its length"
    return int(data[start : data.find(b"\r", start)])


class Load:
    """One run of a plan."""

    def __init__(self, plan: Plan) -> None:
        self.times = Histogram()
        self.running = True
        self._plan = plan
        self._random = random.Random(plan.seed)
        self._refusals: Counter[int] = Counter()
        self._first_refusal = ""
        self._under_way = 0
        # In turn: the server closes those from which it hears nothing for long.
        self._idle: deque[Connection] = deque()
        self._late: deque[int] = deque()  # planned times that have passed while no connection was free
        self._done = asyncio.get_running_loop().create_future()

    async def run(self) -> Measured:
        loop = asyncio.get_running_loop()
        plan = self._plan
        connections = []
        for number in range(plan.connections):
            script = Script(plan, number)
            connection = Connection(script, self)
            await loop.create_connection(partial(_same, connection), "127.0.0.1", plan.port)
            connections.append(connection)
        self._idle.extend(connections)
        loop.call_later(plan.seconds, self._stop)
        latest = loop.time() + plan.seconds + _LATEST_ANSWER
        cpu, began = time.process_time(), time.perf_counter()
        if plan.rate:
            await self._send_as_planned()
        else:
            while self._idle:
                self._send(self._idle.popleft())
        with suppress(TimeoutError):
            async with asyncio.timeout_at(latest):
                await self._done
        seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
        for connection in connections:
            connection.transport.close()
        return self._measured(seconds, cpu)

    async def _send_as_planned(self) -> None:
        mean = 1e9 / self._plan.rate
        due = time.perf_counter_ns() + self._random.expovariate(1 / mean)
        while self.running:
            now = time.perf_counter_ns()
            while due <= now:
                if self._idle:
                    self._send(self._idle.popleft(), int(due))
                else:
                    self._late.append(int(due))
                due += self._random.expovariate(1 / mean)
            await asyncio.sleep(max(0.0, min(_TICK, (due - now) / 1e9)))

    def _send(self, connection: Connection, planned: int = 0) -> None:
        self._under_way += 1
        connection.send(planned)

    def free(self, connection: Connection) -> None:
        """A connection has its answer."""
        self._under_way -= 1
        if self._late:
            self._send(connection, self._late.popleft())
        elif self.running and not self._plan.rate:
            self._send(connection)
        else:
            self._idle.append(connection)
        if not self.running and not self._under_way and not self._done.done():
            self._done.set_result(None)

    def refused(self, body: bytes) -> None:
        """Count an answer that is no success by its code; 0 for one that has none."""
        code = re.match(rb'\{"code":(\d+)', body)
        self._refusals[int(code[1]) if code else 0] += 1
        if not self._first_refusal:
            self._first_refusal = body[:200].decode(errors="replace")

    def broken(self, error: Exception | None) -> None:
        if not self._done.done():
            self._done.set_exception(ConnectionError(f"the server has closed a connection: {error}"))

    def _stop(self) -> None:
        self.running = False
        if not self._under_way and not self._done.done():
            self._done.set_result(None)

    def _measured(self, seconds: float, cpu: float) -> Measured:
        return Measured(
            seconds=seconds,
            answered=self.times.total - self._refusals.total(),
            refusals=dict(self._refusals),
            first_refusal=self._first_refusal,
            unanswered=self._under_way + len(self._late),
            times=self.times.counts,
            longest=self.times.longest,
            own_cpu=cpu,
        )


def _same(connection: Connection) -> Connection:
    return connection


async def _main() -> None:
    plan = msgspec.json.decode(sys.stdin.buffer.read(), type=Plan)
    sys.stdout.buffer.write(msgspec.json.encode(await Load(plan).run()))


if __name__ == "__main__":
    uvloop.run(_main())
