"""Clients that do not read their answers: they are given up, and those that read after all are not."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from openbourse.wire.http.asgi import Application
from openbourse.wire.http.connection import Connection
from openbourse.wire.http.messages import Request, Response
from openbourse.wire.http.router import Nobody, Router
from openbourse.wire.http.server import HttpServer
from tests.waiting import SECONDS, until

SIZE = 20_000_000  # more than the kernel takes for somebody who does not read


class Talkative(Nobody):
    async def answer(self, request: Request) -> Response:
        return Response(b"x" * SIZE)


def connections(server: HttpServer) -> list[Connection]:
    found = list(server._server.server_state.connections)
    assert all(isinstance(each, Connection) for each in found)
    return [each for each in found if isinstance(each, Connection)]


@asynccontextmanager
async def asked(server: HttpServer, end: str = "", times: int = 1) -> AsyncIterator[socket.socket]:
    """A client that has asked and does not read; it is known that it does not."""
    with socket.create_connection((server.host, server.port)) as client:
        client.setblocking(False)
        client.send(f"GET /a HTTP/1.1\r\nhost: x\r\n{end}\r\n".encode() * times)
        await until(lambda: [each for each in connections(server) if each.unread_since])
        yield client


@pytest.mark.parametrize("direct", [True, False])
@pytest.mark.parametrize(("end", "times"), [("", 1), ("", 3), ("connection: close\r\n", 1)])
async def test_who_does_not_read_is_cut_off(direct: bool, end: str, times: int) -> None:
    app = Application(Router({"/a": Talkative()}))
    async with HttpServer(app, unread_seconds=0.4, direct=direct) as server:
        async with asked(server, end, times):
            await until(lambda: not connections(server))
        await until(lambda: not server._server.server_state.tasks)


async def test_who_is_to_be_closed_and_does_not_read_is_cut_off() -> None:
    """Little is unsent, so nothing is paused; but closing waits for it to be sent."""
    app = Application(Router({"/a": Talkative()}))
    async with HttpServer(app, unread_seconds=0.4) as server, asked(server):
        (connection,) = connections(server)
        connection.transport.close()
        connection.resume_writing()
        await until(lambda: not connections(server))


async def test_who_reads_after_all_gets_everything() -> None:
    app = Application(Router({"/a": Talkative()}))
    async with HttpServer(app) as server, asked(server) as client:
        reader, writer = await asyncio.open_connection(sock=client)
        async with asyncio.timeout(SECONDS):
            await reader.readuntil(b"\r\n\r\n")
            assert await reader.readexactly(SIZE) == b"x" * SIZE
        (connection,) = connections(server)
        await until(lambda: connection.unread_since == 0.0)
        writer.close()
