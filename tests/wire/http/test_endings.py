"""How connections end: a request that is carried out is answered first, whatever comes after it."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from openbourse.wire.http.asgi import Application
from openbourse.wire.http.connection import MAX_HEADER_BYTES, Connection
from openbourse.wire.http.messages import Request, Response
from openbourse.wire.http.router import Nobody, Router
from openbourse.wire.http.server import HttpServer
from tests.waiting import SECONDS, until

ORDER = b"POST /a/order HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\r\nabc"
CHUNKS = b"POST /a/chunks HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"

NONSENSE = {
    "one byte more": b"!",
    "words": b"nonsense\r\n\r\n",
    "a long header": b"GET / HTTP/1.1\r\nx: " + b"y" * (MAX_HEADER_BYTES + 1) + b"\r\n\r\n",
    "a broken body": CHUNKS + b"nonsense\r\n",
}


class Exchange(Nobody):
    """Carries requests out once it is open."""

    max_body = 1000

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.asked: list[bytes] = []

    async def answer(self, request: Request) -> Response:
        self.asked.append(request.target)
        await self.open.wait()
        return Response(b"carried out\n")


class Client:
    """A client of an exchange over a connection of its own."""

    def __init__(
        self, exchange: Exchange, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.exchange = exchange
        self.reader = reader
        self.writer = writer

    async def order(self, data: bytes = ORDER) -> None:
        """Send it, and see that it has arrived."""
        self.writer.write(data)
        await until(lambda: self.exchange.asked)

    async def told(self) -> bytes:
        """All that the server says from now on, to its end."""
        self.exchange.open.set()
        async with asyncio.timeout(SECONDS):
            return await self.reader.read()


@pytest.fixture
def exchange() -> Exchange:
    return Exchange()


@pytest.fixture(params=[True, False], ids=["direct", "plain"])
async def server(exchange: Exchange, request: pytest.FixtureRequest) -> AsyncIterator[HttpServer]:
    app = Application(Router({"/a": exchange}))
    async with HttpServer(app, direct=request.param) as server:
        yield server


@pytest.fixture
async def client(exchange: Exchange, server: HttpServer) -> AsyncIterator[Client]:
    reader, writer = await asyncio.open_connection(server.host, server.port)
    yield Client(exchange, reader, writer)
    writer.close()


def its_connection(server: HttpServer) -> Connection:
    (connection,) = server._server.server_state.connections
    assert isinstance(connection, Connection)
    return connection


def assert_carried_out(answers: bytes, count: int = 1) -> None:
    assert answers.count(b"HTTP/1.1 200") == answers.count(b"carried out\n") == count, answers
    assert answers.count(b"HTTP/1.1") == count, answers


@pytest.mark.parametrize("nonsense", NONSENSE.values(), ids=NONSENSE)
@pytest.mark.parametrize("at_once", [True, False])
async def test_nonsense_behind_a_request(
    server: HttpServer, client: Client, nonsense: bytes, at_once: bool
) -> None:
    await client.order(ORDER + nonsense if at_once else ORDER)
    if not at_once:
        client.writer.write(nonsense)
    await until(lambda: its_connection(server).ending)
    assert_carried_out(await client.told())
    assert client.exchange.asked == [b"/a/order"]


async def test_what_comes_after_nonsense_is_not_read(
    server: HttpServer, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    await client.order(ORDER + NONSENSE["words"])
    connection = its_connection(server)
    await until(lambda: connection.ending)
    came: list[bytes] = []
    receive = connection.data_received

    def received(data: bytes) -> None:
        receive(data)
        came.append(data)

    monkeypatch.setattr(connection, "data_received", received)
    client.writer.write(ORDER)
    await until(lambda: came)
    assert_carried_out(await client.told())
    assert client.exchange.asked == [b"/a/order"]


async def test_a_header_without_end_behind_a_request(server: HttpServer, client: Client) -> None:
    await client.order(ORDER + b"GET / HTTP/1.1\r\nx: ")
    connection = its_connection(server)
    for _ in range(2 * MAX_HEADER_BYTES // 1024 + 1):
        connection.data_received(b"y" * 1024)
    assert connection.ending
    assert_carried_out(await client.told())


async def test_nonsense_behind_several_requests(server: HttpServer, client: Client) -> None:
    await client.order(ORDER * 3 + NONSENSE["words"])
    await until(lambda: its_connection(server).ending)
    answers = await client.told()
    assert_carried_out(answers, 3)
    assert answers.count(b"connection: close") == 1
    assert b"connection: close" in answers.rpartition(b"HTTP/1.1")[2]


async def test_half_a_header_behind_a_request(server: HttpServer, client: Client) -> None:
    await client.order(ORDER + b"GET /a HT")
    connection = its_connection(server)
    await until(lambda: connection.header_since)
    connection.close_if_late(connection.header_since + 1)  # as the server, were it later
    assert_carried_out(await client.told())


@pytest.mark.parametrize("answered", [False, True])
async def test_a_request_that_is_broken_itself(client: Client, answered: bool) -> None:
    client.exchange.open.set()
    if answered:
        await client.order()
        await client.reader.readuntil(b"carried out\n")
    client.writer.write(CHUNKS + b"nonsense\r\n")
    assert (await client.told()).startswith(b"HTTP/1.1 400")
    assert client.exchange.asked == [b"/a/order"] * answered


async def test_a_client_that_sends_no_more_gets_its_answer(server: HttpServer, client: Client) -> None:
    await client.order()
    client.writer.write_eof()
    await until(lambda: its_connection(server).ending)
    assert_carried_out(await client.told())


async def test_a_client_that_sends_no_more_gets_all_its_answers(client: Client) -> None:
    await client.order(ORDER * 3)
    client.writer.write_eof()
    assert_carried_out(await client.told(), 3)


async def test_half_a_request_and_no_more(client: Client) -> None:
    client.writer.write(ORDER[:-1])
    client.writer.write_eof()
    assert await client.told() == b""
    assert client.exchange.asked == []


async def test_a_request_and_half_a_request_and_no_more(client: Client) -> None:
    await client.order(ORDER + ORDER[:-1])
    client.writer.write_eof()
    assert_carried_out(await client.told())
    assert client.exchange.asked == [b"/a/order"]


async def test_a_client_that_sends_no_more_leaves_nothing_behind(server: HttpServer, client: Client) -> None:
    client.exchange.open.set()
    await client.order()
    await client.reader.readuntil(b"carried out\n")
    client.writer.write_eof()
    assert await client.told() == b""
    await until(lambda: not server._server.server_state.connections)
