"""The ASGI application: bodies, compression, request ids, and bugs that stay inside."""

import asyncio
from typing import Any

import pytest

from openbourse.wire.http.asgi import Application
from openbourse.wire.http.health import Live, Ready
from openbourse.wire.http.messages import Request, Response
from openbourse.wire.http.router import Router
from tests.waiting import SECONDS
from tests.wire.calling import call


class Echo:
    """A protocol that says what it got."""

    max_body = 100

    async def answer(self, request: Request) -> Response:
        if request.body == b"bug":
            raise RuntimeError("inside")
        return Response(b"%b %b" % (request.target, request.body or b"-"), headers=((b"x-echo", b"1"),))

    def too_large(self, request: Request) -> Response:
        return Response(b"large")

    def too_slow(self, request: Request) -> Response:
        return Response(b"slow")

    def internal_error(self, request: Request) -> Response:
        return Response(b"sorry")


@pytest.fixture
def app() -> Application:
    return Application(Router({"/echo": Echo(), "/livez": Live()}), body_seconds=0.05)


async def test_the_target_stays_as_sent(app: Application) -> None:
    answer = await call(app, "GET", "/echo/a%2Fb?x=1%202&x=3")
    assert answer.body == b"/echo/a%2Fb?x=1%202&x=3 -"
    assert answer.headers["x-echo"] == "1"


async def test_request_ids_are_unique(app: Application) -> None:
    ids = {(await call(app, "GET", "/echo")).headers["x-request-id"] for _ in range(3)}
    assert len(ids) == 3


async def test_bodies_in_parts(app: Application) -> None:
    assert (await call(app, "POST", "/echo", chunks=[b"a", b"", b"b"])).body == b"/echo ab"


@pytest.mark.parametrize(
    "chunks", [[b"x" * 101], [b"x" * 60] * 2, [b"x" * 60] * 13, [b"x" * 1000, b"x"], [b"x" * 101, b""]]
)
async def test_bodies_over_the_limit(app: Application, chunks: list[bytes]) -> None:
    assert (await call(app, "POST", "/echo", chunks=chunks)).body == b"large"


@pytest.mark.parametrize("begun", [True, False])
async def test_a_body_that_does_not_come(app: Application, begun: bool) -> None:
    sent: list[Any] = []
    first = [{"type": "http.request", "body": b"a", "more_body": True}] if begun else []

    async def receive() -> Any:
        return first.pop() if first else await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/echo", "raw_path": b"/echo", "headers": []}
    async with asyncio.timeout(SECONDS):
        await app(scope | {"query_string": b""}, receive, send)
    assert sent[1]["body"] == b"slow"
    assert (b"connection", b"close") in sent[0]["headers"]


@pytest.mark.parametrize("half", [True, False])
async def test_a_client_that_goes_gets_nothing(app: Application, half: bool) -> None:
    messages: list[Any] = [{"type": "http.disconnect"}]
    if half:
        messages.append({"type": "http.request", "body": b"bug", "more_body": True})

    async def receive() -> Any:
        return messages.pop()

    async def send(message: Any) -> None:
        raise AssertionError("nobody is there")

    scope = {"type": "http", "method": "POST", "path": "/echo", "raw_path": b"/echo", "headers": []}
    await app(scope | {"query_string": b""}, receive, send)


async def test_a_bug_is_answered_in_the_protocols_words(app: Application) -> None:
    assert (await call(app, "POST", "/echo", b"bug")).body == b"sorry"


@pytest.mark.parametrize(
    ("accepted", "compressed"),
    [
        ("gzip, deflate", True),
        ("br;q=1.0, GZIP;q=0.5", True),
        ("gzip;q=0", False),
        ("deflate", False),
        ("", False),
        ("x-gzip-not", False),
    ],
)
async def test_compression_when_offered(accepted: str, compressed: bool) -> None:
    class Long(Echo):
        async def answer(self, request: Request) -> Response:
            return Response(b"long " * int(request.query))

    app = Application(Router({"/long": Long()}))
    for count, large in ((300, True), (20, False)):
        answer = await call(app, "GET", f"/long?{count}", headers={"Accept-Encoding": accepted})
        assert answer.body == b"long " * count
        assert ("content-encoding" in answer.headers) == (compressed and large)


async def test_nobody_and_health(app: Application) -> None:
    assert (await call(app, "GET", "/nobody")).status == 404
    assert (await call(app, "POST", "/nobody", b"x" * 500)).status == 404
    assert (await call(app, "GET", "/livez")).status == 200
    reasons = ["", "starting"]
    ready = Application(Router({"/readyz": Ready(lambda: reasons[-1])}))
    assert (await call(ready, "GET", "/readyz")).status == 503
    reasons.pop()
    assert (await call(ready, "GET", "/readyz")).status == 200


def test_mounts_are_first_segments() -> None:
    for wrong in ("v2", "/v2/", "/v2/spot", ""):
        with pytest.raises(ValueError, match="first segment"):
            Router({wrong: Echo()})
