"""A crowd of WebSocket clients that count what they get: `PORT COUNT STALLED SUBSCRIBE`.

`STALLED` of them stop reading after they have subscribed; `SUBSCRIBE` 0 leaves all of them idle. Prints
"ready"; then, for each line on stdin, one JSON object with the totals so far.
"""

import asyncio
import json
import resource
import sys
from typing import cast

import msgspec
import uvloop

from benchmarks.fanout_server import SUBSCRIPTIONS

_HANDSHAKE = (
    b"GET /v2/spot HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
_CONNECT_SECONDS = 30.0
_RESERVED = 200  # files that are no connections


class Totals:
    """What all clients together have received."""

    def __init__(self) -> None:
        self.connected = self.messages = self.bytes = self.closed = 0

    def as_json(self, clients: "list[Client]") -> str:
        reading = [client.messages for client in clients if not client.stalled]
        return json.dumps(vars(self) | {"fewest": min(reading), "most": max(reading)})


class Client(asyncio.Protocol):
    """Counts frames by their headers; does not unpack them."""

    def __init__(self, totals: Totals, *, stalled: bool, subscribe: bool) -> None:
        self.stalled = stalled
        self.messages = 0
        self._totals = totals
        self._subscribe = subscribe
        self._shaken = False
        self._skip = 0
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(_HANDSHAKE)

    def data_received(self, data: bytes) -> None:
        if not self._shaken:
            self._shaken = True
            self._totals.connected += 1
            _, _, data = data.partition(b"\r\n\r\n")
            if self._subscribe:
                for number, (method, params) in enumerate(SUBSCRIPTIONS):
                    text = msgspec.json.encode({"method": method, "params": params, "id": number})
                    self._transport.write(b"\x81\xfe%b\0\0\0\0%b" % (len(text).to_bytes(2), text))
            if self.stalled:
                self._transport.pause_reading()
        self._totals.bytes += len(data)
        self._count(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio.Protocol."""
        del exc
        self._totals.closed += 1

    def _count(self, data: bytes) -> None:
        data = self._rest + data if self._rest else data
        at, end = self._skip, len(data)
        while at + 10 <= end or (at + 2 <= end and data[at + 1] < 126 and at + 2 + data[at + 1] <= end):
            size = data[at + 1]
            if size < 126:
                at += 2 + size
            elif size == 126:
                at += 4 + (data[at + 2] << 8 | data[at + 3])
            else:
                at += 10 + int.from_bytes(data[at + 2 : at + 10])
            self.messages += 1
            self._totals.messages += 1
        self._skip = max(0, at - end)
        self._rest = data[at:] if at < end else b""


def allow_files(wanted: int) -> int:
    """How many connections this process may hold: `wanted`, or what the limit of open files allows.

    The limit is raised as far as the process may.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    highest = wanted + _RESERVED if hard == resource.RLIM_INFINITY else min(wanted + _RESERVED, hard)
    if soft != resource.RLIM_INFINITY and soft < highest:
        resource.setrlimit(resource.RLIMIT_NOFILE, (highest, hard))
    return min(wanted, highest - _RESERVED)


async def _main(port: int, count: int, stalled: int, subscribe: int) -> None:
    allow_files(count)
    loop = asyncio.get_running_loop()
    totals = Totals()
    clients: list[Client] = []

    for number in range(count):
        # One after the other, which every server takes while it is busy.
        made = Client(totals, stalled=number < stalled, subscribe=bool(subscribe))
        await loop.create_connection(lambda: made, "127.0.0.1", port)  # noqa: B023 - called at once
        clients.append(made)
    async with asyncio.timeout(_CONNECT_SECONDS):
        while totals.connected < count:  # noqa: ASYNC110 - a benchmark may wait as it likes
            await asyncio.sleep(0.01)
    print("ready", flush=True)
    while await asyncio.to_thread(sys.stdin.readline):
        print(totals.as_json(clients), flush=True)


if __name__ == "__main__":
    uvloop.run(_main(*map(int, sys.argv[1:5])))
