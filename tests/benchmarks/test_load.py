"""The load generator against a server that pauses: who wanted to send meanwhile has waited, too."""

import asyncio
import time
from typing import Any

from benchmarks.load import Load, Measured, Plan

_PAUSE = 0.4
_BODY = b'{"code":%d,"data":{},"message":""}'


class Server(asyncio.Protocol):
    """Answers at once, but for one pause in the middle."""

    answered = 0
    code = 0

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        assert data.startswith(b"GET /v2/x ")
        Server.answered += 1
        if Server.answered == 3:
            time.sleep(_PAUSE)
        body = _BODY % (self.code if Server.answered % 2 else 0)
        self.transport.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body))


async def loaded(rate: float) -> Measured:
    Server.answered = 0
    server = await asyncio.get_running_loop().create_server(Server, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        plan = Plan(port, [("key", "s" * 32)], "get", 0.8, connections=1, target="/v2/x", rate=rate)
        return await Load(plan).run()


async def test_a_pause_is_felt_by_all_who_wanted_to_send_during_it() -> None:
    measured = await loaded(rate=200.0)
    assert measured.answered == Server.answered
    assert measured.unanswered == 0
    assert measured.longest >= _PAUSE * 1e6 * 0.9
    # 200 a second for 0.4 s: about eighty were due in the pause, sixty of them in its first 300 ms.
    in_time = max((share for share, time in measured.histogram.curve() if time <= 100_000), default=0.0)
    assert (1 - in_time) * measured.answered > 20


async def test_in_a_closed_loop_one_request_has_met_the_pause() -> None:
    measured = await loaded(rate=0.0)
    assert measured.answered == Server.answered > 3
    assert measured.longest >= _PAUSE * 1e6 * 0.9


async def test_refusals_are_counted_by_their_code() -> None:
    Server.code = 3600
    try:
        measured = await loaded(rate=100.0)
    finally:
        Server.code = 0
    assert measured.refusals == {3600: (Server.answered + 1) // 2}
    assert measured.answered == Server.answered // 2
    assert measured.first_refusal.startswith('{"code":3600')
