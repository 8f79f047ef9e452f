"""The server on a real socket: limits on headers and time, order of answers, start and stop."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from openbourse.wire.http.asgi import Application
from openbourse.wire.http.connection import MAX_HEADER_BYTES
from openbourse.wire.http.messages import Request, Response
from openbourse.wire.http.router import Nobody, Router
from openbourse.wire.http.server import AddressError, HttpServer
from tests.waiting import SECONDS, until


class Sleeper(Nobody):
    """Answers with the path, after as many milliseconds as the query says."""

    max_body = 100

    def __init__(self) -> None:
        self.asked: list[bytes] = []

    async def answer(self, request: Request) -> Response:
        self.asked.append(request.target)
        await asyncio.sleep(int(request.query or b"0") / 1000)
        return Response(request.target)


@pytest.fixture
def sleeper() -> Sleeper:
    return Sleeper()


@pytest.fixture
def app(sleeper: Sleeper) -> Application:
    return Application(Router({"/a": sleeper, "/b": sleeper}))


@pytest.fixture
async def server(app: Application) -> AsyncIterator[HttpServer]:
    async with HttpServer(app) as server:
        yield server


async def talk(server: HttpServer, data: bytes) -> bytes:
    """Everything that the server sends until it closes the connection."""
    reader, writer = await asyncio.open_connection(server.host, server.port)
    got = b""
    try:
        writer.write(data)
        async with asyncio.timeout(SECONDS):
            while part := await reader.read(65536):
                got += part
    except ConnectionResetError:
        pass
    finally:
        writer.close()
    return got


def get(target: str, close: bool = True) -> bytes:
    end = "connection: close\r\n" if close else ""
    return f"GET {target} HTTP/1.1\r\nhost: x\r\n{end}\r\n".encode()


async def test_it_serves(server: HttpServer) -> None:
    answer = await talk(server, get("/a?1"))
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert answer.endswith(b"/a?1")
    assert server.url == f"http://127.0.0.1:{server.port}"


async def test_pipelined_requests_are_answered_in_order(server: HttpServer) -> None:
    answer = await talk(server, get("/a?80", close=False) + get("/b?0", close=False) + get("/a?1"))
    assert answer.index(b"/a?80") < answer.index(b"/b?0") < answer.index(b"/a?1")


@pytest.mark.parametrize(
    "start",
    [b"", b"GET /a HTTP/1.1\r\nhost: x\r\n", get("/a", close=False) + b"GET /b HT"],
    ids=["silent", "first header", "second header"],
)
async def test_half_a_header_does_not_hold_a_connection(app: Application, start: bytes) -> None:
    async with HttpServer(app, header_seconds=0.2) as server:
        answer = await talk(server, start)
    assert answer.count(b"HTTP/1.1 200") == (
        1 if start.startswith(b"GET /a HTTP/1.1\r\nhost: x\r\n\r\n") else 0
    )


@pytest.mark.parametrize("direct", [True, False])
async def test_an_empty_line_does_not_hold_a_connection(app: Application, direct: bool) -> None:
    async with HttpServer(app, header_seconds=0.5, direct=direct) as server:
        reader, writer = await asyncio.open_connection(server.host, server.port)
        async with asyncio.timeout(SECONDS):
            writer.write(get("/a", close=False))
            await reader.readuntil(b"\r\n\r\n/a")
            writer.write(b"\r\n")
            assert await reader.read() == b""
        writer.close()


@pytest.mark.parametrize("direct", [True, False])
async def test_nobody_keeps_a_connection_for_nothing(app: Application, direct: bool) -> None:
    async with HttpServer(app, header_seconds=0.5, idle_seconds=1, direct=direct) as server:
        reader, writer = await asyncio.open_connection(server.host, server.port)
        async with asyncio.timeout(SECONDS):
            for _ in range(2):
                writer.write(get("/a", close=False))
                await reader.readuntil(b"\r\n\r\n/a")
            assert await reader.read() == b""
        writer.close()


@pytest.mark.parametrize("direct", [True, False])
async def test_a_body_may_take_longer_than_a_header(app: Application, direct: bool) -> None:
    async with HttpServer(app, header_seconds=0.5, direct=direct) as server:
        reader, writer = await asyncio.open_connection(server.host, server.port)
        async with asyncio.timeout(SECONDS):
            writer.write(b"POST /a?0 HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\nha")
            await asyncio.sleep(1.2)
            writer.write(b"lf")
            await reader.readuntil(b"\r\n\r\n/a?0")
        writer.close()


@pytest.mark.parametrize("start", [b"", b"half"])
async def test_half_a_body_does_not_hold_a_connection(sleeper: Sleeper, start: bytes) -> None:
    app = Application(Router({"/a": sleeper}), body_seconds=0.2)
    async with HttpServer(app) as server:
        answer = await talk(server, b"POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n" + start)
    assert answer.startswith(b"HTTP/1.1 404"), "the sleeper's word for a body that is too slow"
    assert not sleeper.asked


@pytest.mark.parametrize(
    "data",
    [
        b"GET /a HTTP/1.1\r\nx: " + b"y" * (MAX_HEADER_BYTES + 1) + b"\r\n\r\n",
        b"GET /a HTTP/1.1\r\n" + b"x: y\r\n" * 200 + b"\r\n",
        b"GET /a?" + b"y" * (MAX_HEADER_BYTES + 1) + b" HTTP/1.1\r\n\r\n",
        b"nonsense\r\n\r\n",
    ],
    ids=["long", "many", "target", "nonsense"],
)
async def test_headers_over_the_limit(server: HttpServer, data: bytes) -> None:
    answer = await talk(server, data)
    assert answer.startswith(b"HTTP/1.1 400") or answer == b""
    assert (await talk(server, get("/a"))).endswith(b"/a")


async def test_a_header_without_end_is_cut(server: HttpServer) -> None:
    reader, writer = await asyncio.open_connection(server.host, server.port)
    writer.write(b"GET /a HTTP/1.1\r\nx: ")
    sent = 0
    with pytest.raises(ConnectionError):
        while sent < 50 * MAX_HEADER_BYTES:
            writer.write(b"y" * 16384)
            await writer.drain()
            await asyncio.sleep(0)
            sent += 16384
            if reader.at_eof():
                raise ConnectionResetError
    writer.close()


async def test_a_client_that_goes_hurts_nobody(server: HttpServer) -> None:
    _, writer = await asyncio.open_connection(server.host, server.port)
    writer.write(get("/a?100"))
    await writer.drain()
    writer.transport.abort()
    assert (await talk(server, get("/b"))).endswith(b"/b")
    await asyncio.sleep(0.15)
    assert (await talk(server, get("/b"))).endswith(b"/b")


async def test_stopping_finishes_what_is_under_way(server: HttpServer, sleeper: Sleeper) -> None:
    slow = asyncio.create_task(talk(server, get("/a?300")))
    await until(lambda: sleeper.asked)
    await server.stop()
    assert (await slow).endswith(b"/a?300")
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(server.host, server.port)


async def test_addresses_that_cannot_be_had() -> None:
    app = Application(Router({}))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(AddressError, match=f"Port {port} on 127.0.0.1 is in use"):
            await HttpServer(app, port=port).start()
    for host, wrong in (("127.0.0.1", 99_999), ("192.0.2.1", 0), ("no.such.host.invalid", 0)):
        with pytest.raises(AddressError):
            await HttpServer(app, host, wrong).start()


async def test_too_many_connections() -> None:
    async with HttpServer(Application(Router({"/a": Sleeper()})), max_connections=2) as server:
        held = [await asyncio.open_connection(server.host, server.port) for _ in range(2)]
        assert (await talk(server, get("/a"))).startswith(b"HTTP/1.1 503")
        reader, writer = held[0]
        writer.write(get("/a", close=False))
        assert (await reader.readline()).startswith(b"HTTP/1.1 200"), "whoever is inside is served"
        for _, writer in held:
            writer.close()
