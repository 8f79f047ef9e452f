"""A light load generator: closed loop over keep-alive connections, one request under way on each.

`python -m benchmarks.load` reads a plan as JSON from standard input and prints what it measured as JSON. It
runs in a process of its own, with uvloop and without any HTTP library: it shares the machine with the server
that it loads, so it must cost as little as possible. Requests of `resting` are signed beforehand.
"""

import asyncio
import hashlib
import random
import sys
import time
from collections import deque
from functools import partial
from typing import Any, Final, Literal

import msgspec
import uvloop

from benchmarks.report import percentile

WINDOW_MS: Final = 60_000
_PRESIGNED: Final = 30_000  # a second, at most: what comes beyond is signed while the clock runs
_LATEST_ANSWER: Final = 30.0


class Plan(msgspec.Struct):
    """What to do. `mix`: "resting" places orders that stay, "b" is 45 % add, 45 % cancel, 10 % aggressive."""

    port: int
    keys: list[tuple[str, str]]
    mix: Literal["resting", "b"]
    seconds: float
    connections: int = 64
    seed: int = 1


class Measured(msgspec.Struct):
    """What came of it: answers with code 0, refusals, and times from sending to the whole answer in µs."""

    seconds: float
    answered: int
    refused: int
    first_refusal: str
    p50: int
    p99: int
    p999: int
    longest: int
    own_cpu: float

    @property
    def per_second(self) -> float:
        return self.answered / self.seconds


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
        if not self._mixed:
            ahead = int(_PRESIGNED * plan.seconds / plan.connections)
            self._ready.extend(self._order(b"limit", 5_000) for _ in range(ahead))

    def next_request(self) -> bytes:
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
    """Sends the next request as soon as the answer to the last one is complete."""

    def __init__(self, script: Script, load: "Load") -> None:
        self._script = script
        self._load = load
        self._buffer = b""
        self._sent = 0
        self.transport: asyncio.Transport

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def send(self) -> None:
        request = self._script.next_request()
        self._sent = time.perf_counter_ns()
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        if self._buffer:
            data = self._buffer + data
        body = data.find(b"\r\n\r\n") + 4
        if body < 4 or len(data) < body + _content_length(data, body):
            self._buffer = data
            return
        self._buffer = b""
        self._load.times.append(time.perf_counter_ns() - self._sent)
        if data.startswith(b'{"code":0,', body) and data.startswith(b"HTTP/1.1 200"):
            self._script.answered(data)
        else:
            self._load.refused(data[body:])
        if self._load.running:
            self.send()
        else:
            self._load.one_less()

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
        self.times: list[int] = []
        self.running = True
        self._plan = plan
        self._refused = 0
        self._first_refusal = ""
        self._open = 0
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
        self._open = len(connections)
        loop.call_later(plan.seconds, self._stop)
        cpu, began = time.process_time(), time.perf_counter()
        for connection in connections:
            connection.send()
        await asyncio.wait_for(self._done, plan.seconds + _LATEST_ANSWER)
        seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
        for connection in connections:
            connection.transport.close()
        return self._measured(seconds, cpu)

    def refused(self, body: bytes) -> None:
        self._refused += 1
        if not self._first_refusal:
            self._first_refusal = body[:200].decode(errors="replace")

    def one_less(self) -> None:
        """A connection has its last answer."""
        self._open -= 1
        if not self._open:
            self._done.set_result(None)

    def broken(self, error: Exception | None) -> None:
        if not self._done.done():
            self._done.set_exception(ConnectionError(f"the server has closed a connection: {error}"))

    def _stop(self) -> None:
        self.running = False

    def _measured(self, seconds: float, cpu: float) -> Measured:
        times = sorted(nanoseconds // 1_000 for nanoseconds in self.times)
        return Measured(
            seconds=seconds,
            answered=len(times) - self._refused,
            refused=self._refused,
            first_refusal=self._first_refusal,
            p50=percentile(times, 0.5),
            p99=percentile(times, 0.99),
            p999=percentile(times, 0.999),
            longest=times[-1] if times else 0,
            own_cpu=cpu,
        )


def _same(connection: Connection) -> Connection:
    return connection


async def _main() -> None:
    plan = msgspec.json.decode(sys.stdin.buffer.read(), type=Plan)
    sys.stdout.buffer.write(msgspec.json.encode(await Load(plan).run()))


if __name__ == "__main__":
    uvloop.run(_main())
