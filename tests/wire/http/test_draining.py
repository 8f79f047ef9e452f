"""An application that is going to stop, and what it says of a request."""

import asyncio
from typing import Any

import pytest
from structlog.testing import capture_logs

from openbourse.wire.http.asgi import Application
from openbourse.wire.http.health import Ready
from openbourse.wire.http.messages import Request, Response
from openbourse.wire.http.proxies import TrustedProxies
from openbourse.wire.http.router import Nobody, Router
from openbourse.wire.http.server import HttpServer
from tests.wire.calling import call


class Who(Nobody):
    """Says who asks."""

    async def answer(self, request: Request) -> Response:
        return Response(request.client_ip.encode(), endpoint="GET /who", code=0)


async def read_answer(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    return head + await reader.readexactly(int(length.partition(b":")[2]))


async def test_who_keeps_a_connection_is_asked_to_leave_it() -> None:
    app = Application(Router({"/readyz": Ready(lambda: "stopping" if app.draining else "")}))
    async with HttpServer(app) as server:
        reader, writer = await asyncio.open_connection(server.host, server.port)
        request = b"GET /readyz HTTP/1.1\r\nhost: x\r\n\r\n"
        writer.write(request)
        before = await read_answer(reader)
        assert before.startswith(b"HTTP/1.1 200")
        assert b"connection: close" not in before
        app.drain()
        writer.write(request)
        after = await read_answer(reader)
        assert after.startswith(b"HTTP/1.1 503")
        assert b"connection: close" in after
        assert await reader.read() == b""
        writer.close()


@pytest.mark.parametrize(("peer", "seen"), [("10.0.0.1", b"203.0.113.5"), ("10.9.9.9", b"10.9.9.9")])
async def test_a_trusted_proxy_names_the_client(peer: str, seen: bytes) -> None:
    app = Application(Router({"/who": Who()}), proxies=TrustedProxies(["10.0.0.1"]))
    answer = await call(app, "GET", "/who", headers={"X-Forwarded-For": "203.0.113.5"}, client_ip=peer)
    assert answer.body == seen


@pytest.mark.parametrize("wanted", [True, False])
async def test_a_line_for_each_request_on_demand(wanted: bool) -> None:
    app = Application(Router({"/who": Who()}), log_requests=wanted)
    with capture_logs() as logs:
        answer = await call(app, "GET", "/who?secret=1", headers={"X-Secret": "1"})
        await call(app, "GET", "/nobody/secret")
    lines: list[Any] = [line for line in logs if line["event"] == "request"]
    assert len(lines) == 2 * wanted
    if wanted:
        assert lines[0]["request"] == answer.headers["x-request-id"]
        assert (lines[0]["endpoint"], lines[0]["code"], lines[0]["status"]) == ("GET /who", 0, 200)
        assert (lines[1]["endpoint"], lines[1]["code"], lines[1]["status"]) == ("other", None, 404)
        assert lines[0]["milliseconds"] >= 0
    assert "secret" not in str(logs)
