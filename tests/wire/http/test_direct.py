"""The direct path answers byte for byte as the plain one does, and takes what it should."""

import asyncio
import gc
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import pytest
from structlog.testing import capture_logs

from openbourse.wire.http.asgi import Application
from openbourse.wire.http.connection import Connection
from openbourse.wire.http.encoding import CLOSE, closing, form
from openbourse.wire.http.messages import Request, Response
from openbourse.wire.http.router import Nobody, Router
from openbourse.wire.http.server import HttpServer
from tests.waiting import until

PATIENCE: Final = 30.0
_CHANGING: Final = re.compile(rb"(date|x-request-id): [^\r]*")


KNOWN: Final = Response(b"the same to all" * 100, endpoint="GET /m/known", code=0, forms={})


def known(request: Request) -> Response | None:
    if request.query in (b"fail", b"forget"):
        raise RuntimeError("a bug")
    return KNOWN if request.path == "/m/known" else None


class Mirror(Nobody):
    """Answers with what it understood of the request, once it is allowed to."""

    max_body = 2_000

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.open.set()
        self.came = asyncio.Event()

    async def answer(self, request: Request) -> Response:
        self.came.set()
        await self.open.wait()
        if request.query == b"fail":
            raise RuntimeError("a bug")
        if request.path == "/m/known":
            return KNOWN
        seen = (request.method, request.path, request.target, request.query, request.body)
        return Response(repr((seen, sorted(request.headers.items()), request.client_ip)).encode())

    def too_large(self, request: Request) -> Response:
        return Response(b"too large for " + request.path.encode(), 413)


class Counting(Application):
    """Counts what came directly."""

    direct = 0

    async def respond(self, request: Request) -> Response:
        self.direct += 1
        return await super().respond(request)


class Served:
    """A server with a mirror behind it."""

    def __init__(self, direct: bool) -> None:
        self.mirror = Mirror()
        self.app = Counting(Router({"/m": self.mirror}), known=known)
        self.server = HttpServer(self.app, direct=direct)

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        reader, writer = await asyncio.open_connection(self.server.host, self.server.port)
        try:
            yield reader, writer
        finally:
            writer.close()

    async def talk(self, parts: list[bytes]) -> bytes:
        """Send the parts, each in a packet of its own; everything until the server closes."""
        async with self.connected() as (reader, writer), asyncio.timeout(PATIENCE):
            for part in parts:
                writer.write(part)
                await writer.drain()
                await _turns()
            return _CHANGING.sub(rb"\1", await reader.read())


async def _turns() -> None:
    """Client and server share the loop: after some turns of it the server has seen what was sent."""
    for _ in range(20):
        await asyncio.sleep(0.001)


def request(
    target: str = "/m/order?a=1",
    body: bytes = b"",
    *,
    method: str = "POST",
    version: str = "1.1",
    close: bool = True,
    more: bytes = b"",
) -> bytes:
    length = b"content-length: %d\r\n" % len(body) if body else b""
    end = b"connection: close\r\n" if close else b""
    start = f"{method} {target} HTTP/{version}\r\nHost: x\r\n".encode()
    return start + length + more + end + b"\r\n" + body


KEPT = request(body=b'{"n":1}', close=False)
LAST = request("/m/last")

DIRECTLY = {
    "a body": ([KEPT, LAST], 1),
    "no answer's body": ([request(method="HEAD", close=False), LAST], 0),
    "another method": ([request(method="PUT", body=b"x", close=False), LAST], 0),
    "no body": ([request(method="GET", close=False), LAST], 1),
    "one after another": ([KEPT, KEPT, KEPT, LAST], 3),
    "a bug": ([request("/m?fail", close=False), LAST], 1),
    "what is known": ([request("/m/known", method="GET", close=False)] * 2 + [LAST], 0),
    "the same compressed": (
        [request("/m/known", method="GET", close=False, more=b"Accept-Encoding: gzip\r\n")] * 2 + [LAST],
        0,
    ),
    "the same not asked for": ([request("/m/known", close=False), LAST], 1),
    "a bug in what is known": ([request("/m/known?fail", method="GET", close=False), LAST], 1),
    "unknown path": ([request("/nobody", close=False), LAST], 1),
    "a long answer": ([request(body=b"x" * 1_500, close=False, more=b"Accept-Encoding: gzip\r\n"), LAST], 1),
    "no keep-alive": ([LAST], 0),
    "at once": ([KEPT + KEPT + LAST], 0),
    "a body that comes later": ([KEPT[:-7], KEPT[-7:], LAST], 1),
    "half a body that comes later": ([KEPT[:-3], KEPT[-3:], LAST], 1),
    "a body in many parts": ([KEPT[:-5], KEPT[-5:-3], KEPT[-3:], LAST], 0),
    "the next one behind a body that comes later": ([KEPT[:-3], KEPT[-3:] + KEPT, LAST], 0),
    "a header that comes in parts": ([KEPT[:20], KEPT[20:], KEPT, LAST], 1),
    "an empty line before it": ([KEPT, b"\r\n", KEPT, LAST], 2),
    "a client that says that it stays": ([request(close=False, more=b"Connection: keep-alive\r\n"), LAST], 1),
    "a header twice": ([request(close=False, more=b"X-A: 1\r\nx-a: 2\r\n"), LAST], 0),
    "an empty header": ([request(close=False, more=b"X-A:\r\n"), LAST], 0),
    "blanks around a header": ([request(close=False, more=b"X-A:   1 \r\n"), LAST], 0),
    "chunks": (
        [
            request(close=False, more=b"transfer-encoding: chunked\r\n"),
            b"3\r\nabc\r\n",
            b"0\r\n\r\n",
            LAST,
        ],
        0,
    ),
    "a question first": (
        [request(close=False, more=b"expect: 100-continue\r\ncontent-length: 3\r\n"), b"abc", LAST],
        0,
    ),
    "too large": ([request(body=b"x" * 2_001, close=False), LAST], 0),
    "an absolute target": ([request("http://x/m/order?a=1", close=False), LAST], 0),
    "an encoded path": ([request("/m/%6frder?a=%20", close=False), LAST], 0),
    "an encoded query": ([request("/m/order?a=%20", close=False), LAST], 1),
    "an old client": ([request(version="1.0", close=False)], 0),
    "nonsense after it": ([KEPT + b"nonsense\r\n\r\n"], 0),
    "nonsense later": ([KEPT, b"nonsense\r\n\r\n"], 1),
    "a wrong length": ([request(close=False, more=b"content-length: x\r\n")], 0),
}


async def test_both_paths_answer_alike() -> None:
    direct, plain = Served(direct=True), Served(direct=False)
    with capture_logs():
        async with direct.server, plain.server:
            for name, (parts, directly) in DIRECTLY.items():
                direct.app.direct = 0
                answer = await direct.talk(parts)
                assert answer.startswith(b"HTTP/1.1 "), name
                assert answer == await plain.talk(parts), name
                assert (direct.app.direct, plain.app.direct) == (directly, 0), name


async def test_what_is_known_is_counted_and_answered_after_what_came_before() -> None:
    served = Served(direct=True)
    async with served.server, served.connected() as (reader, writer), asyncio.timeout(PATIENCE):
        served.mirror.open.clear()
        writer.write(request("/m/first", close=False))
        await served.mirror.came.wait()
        writer.write(request("/m/known", method="GET", close=False))
        await _turns()
        served.mirror.open.set()
        await reader.readuntil(KNOWN.body)  # by the plain path: it had to wait
        writer.write(request("/m/known", method="GET", close=False))
        await reader.readuntil(KNOWN.body)
        served.mirror.open.clear()
        writer.write(request("/m/known", method="GET", close=False))
        await reader.readuntil(KNOWN.body)  # nobody was asked
    assert served.app.traffic.endpoints[KNOWN.endpoint].codes == {"0": 3}


async def test_a_bug_in_what_is_known_is_told_and_the_protocol_answers() -> None:
    served = Served(direct=True)
    forgetting = request("/m/known?forget", method="GET", close=False)
    with capture_logs() as logs:
        async with served.server:
            assert (await served.talk([forgetting, LAST])).count(KNOWN.body) == 1
    assert [log["path"] for log in logs if log["event"] == "request_failed"] == ["/m/known"]
    assert served.app.traffic.failures == 1


def test_asking_a_client_to_leave_does_not_ask_all_that_are_told_the_same() -> None:
    told = Request("1", "GET", "/m/known", b"/m/known", b"", {}, "")
    for _ in range(2):
        assert CLOSE not in form(told, KNOWN).headers
        assert CLOSE in form(told, closing(KNOWN)).headers


async def test_a_request_waits_for_the_one_before_it() -> None:
    served = Served(direct=True)
    async with served.server, served.connected() as (reader, writer), asyncio.timeout(PATIENCE):
        served.mirror.open.clear()
        writer.write(request("/m/first", close=False))
        await served.mirror.came.wait()
        writer.write(request("/m/second", close=False) + LAST)
        await writer.drain()
        served.mirror.open.set()
        answer = await reader.read()
    assert answer.index(b"/m/first") < answer.index(b"/m/second") < answer.index(b"/m/last")


@pytest.mark.parametrize("raises", [True, False], ids=["no answer", "one that nobody can send"])
async def test_no_client_waits_for_an_answer_that_does_not_come(raises: bool) -> None:
    served = Served(direct=True)

    async def fail(request: Request) -> Response:
        await asyncio.sleep(0)  # a server closes what fails at once by itself
        if raises:
            raise RuntimeError(request.path)
        return Response(b"", status=-1)

    served.app.respond = fail  # type: ignore[method-assign]
    failures: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: failures.append(context["message"]))
    async with served.server, served.connected() as (reader, writer), asyncio.timeout(PATIENCE):
        writer.write(KEPT)
        assert await reader.read() == b""
    assert len(failures) == 1


async def test_a_client_that_goes_hurts_nobody() -> None:
    served = Served(direct=True)
    async with served.server, asyncio.timeout(PATIENCE):
        served.mirror.open.clear()
        async with served.connected() as (_, writer):
            writer.write(KEPT)
            await served.mirror.came.wait()
            writer.transport.abort()
        served.mirror.open.set()
        assert (await served.talk([KEPT, LAST])).count(b"HTTP/1.1 200") == 2


@pytest.mark.parametrize("direct", [True, False])
async def test_a_closed_connection_leaves_nothing_for_the_collector(direct: bool) -> None:
    served = Served(direct=direct)
    async with served.server, asyncio.timeout(PATIENCE):
        await served.talk([KEPT, LAST])
        gc.collect()
        gc.disable()
        try:
            for _ in range(3):
                async with served.connected() as (reader, writer):
                    writer.write(KEPT)
                    await reader.readuntil(b"7")
            await until(lambda: not any(isinstance(each, Connection) for each in gc.get_objects()))
        finally:
            gc.enable()


async def test_stopping_finishes_what_is_under_way() -> None:
    served = Served(direct=True)
    async with served.server, served.connected() as (reader, writer), asyncio.timeout(PATIENCE):
        served.mirror.open.clear()
        writer.write(KEPT)
        await served.mirror.came.wait()
        stopping = asyncio.create_task(served.server.stop())
        await _turns()
        served.mirror.open.set()
        assert (await reader.read()).startswith(b"HTTP/1.1 200")
        await stopping


async def test_who_keeps_a_connection_is_asked_to_leave_it() -> None:
    served = Served(direct=True)
    async with served.server, served.connected() as (reader, writer), asyncio.timeout(PATIENCE):
        served.mirror.open.clear()
        writer.write(KEPT)
        await served.mirror.came.wait()
        served.app.drain()  # while the request is under way
        served.mirror.open.set()
        answer = await reader.read()
    assert b"connection: close" in answer
