"""The network between people and the venue: it delays, loses, doubles and cuts, all by the dice.

One connection keeps its order, as TCP does; different connections overtake each other. Every HTTP request
has a connection of its own, a WebSocket is one connection for as long as it lasts.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import unquote

from openbourse.wire.http.connection import MAX_HEADERS
from openbourse.wire.http.plain_request import PlainRequest, recognise
from tests.core.dice import Dice
from tests.simulation.machine import Machine

Application = Any  # wire.http.asgi.Application: an ASGI application that can be asked directly as well


class Request(NamedTuple):
    """What is sent: `target` is path and query."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes = b""


class ConnectionBroken(Exception):  # noqa: N818 - it says what is
    """Nobody knows what became of the request."""


class Call:
    """One request of a client, with what becomes of it.

    `hear` is called with the body of the answer, if the client still listens when it comes, and with the
    venue's newest command when it left; `arrived` with every complete copy of the request that reaches the
    venue.
    """

    def __init__(
        self, request: Request, hear: Callable[[bytes, int], None], arrived: Callable[[], None]
    ) -> None:
        self.request = request
        self.hear = hear
        self.arrived = arrived
        self.outcome: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def answer(self, body: bytes, newest: int) -> None:
        if not self.outcome.done():
            self.hear(body, newest)
            self.outcome.set_result(None)

    def fail(self) -> None:
        if not self.outcome.done():
            self.outcome.set_exception(ConnectionBroken())


class Network:
    """`leaving` is called whenever anything leaves the venue, and tells its newest command.

    A `calm` network only delays, and only a little.
    """

    def __init__(
        self, machine: Machine, dice: Dice, faults: Counter[str], leaving: Callable[[], int]
    ) -> None:
        self.calm = False
        self.leaving = leaving
        self.faults = faults
        self._machine = machine
        self._dice = dice
        self._loop = asyncio.get_running_loop()
        # What has left the venue and not arrived, with the stream that it belongs to.
        self._under_way: dict[object, tuple[Callable[[], None], object]] = {}
        self._tasks: dict[object, None] = {}

    @property
    def alive(self) -> bool:
        """Is there still a venue at the other end?"""
        return self._machine.alive

    def delay(self) -> float:
        """How long the next message takes, in seconds."""
        chance = self._dice.random()
        if not self.calm and chance < 0.02:
            self.faults["fault message late by seconds"] += 1
            return 1 + 4 * self._dice.random()
        return 0.001 + 0.02 * chance * chance

    def strikes(self, fault: str, chance: float) -> bool:
        """Does this fault happen now?"""
        if self.calm or self._dice.random() >= chance:
            return False
        self.faults[f"fault {fault}"] += 1
        return True

    async def call(self, application: Application, call: Call, patience: float) -> None:
        """Send a request and wait for its answer. Raises ConnectionBroken or TimeoutError."""
        if self.strikes("request lost", 0.02):
            self._loop.call_later(self.delay(), call.fail)
        else:
            self._loop.call_later(self.delay(), self._deliver, application, call)
            if self.strikes("request doubled", 0.02):
                self._loop.call_later(self.delay(), self._deliver, application, call)
        try:
            async with asyncio.timeout(patience):
                await call.outcome
        except TimeoutError:
            self.faults["fault client out of patience"] += 1
            raise
        finally:
            call.outcome.cancel()  # the client has hung up: nothing is heard any more

    def power_cut(self) -> None:
        """The venue is gone; what had left it may still arrive."""
        broken: list[object] = []
        for arrive, stream in list(self._under_way.values()):
            if stream in broken:
                continue
            if self._dice.random() < 0.6:
                self.faults["fault message arrived after the crash"] += 1
                arrive()
            else:
                broken.append(stream)

    # -- inside --------------------------------------------------------------------------------------

    def _deliver(self, application: Application, call: Call) -> None:
        task = self._loop.create_task(self._serve(application, call))
        self._tasks[task] = None
        task.add_done_callback(lambda done: self._tasks.pop(done, None))

    async def _serve(self, application: Application, call: Call) -> None:
        """As the server does: what arrives whole is answered directly, the rest through ASGI."""
        parts = self._parts(call)
        directly = len(parts) == 1 and self._dice.random() < 0.7
        plain = _plain(application, call.request) if directly else None
        if plain is not None:
            call.arrived()
            body = (await application.respond(application.request(plain, "127.0.0.1"))).body
            self._machine.boundary("answer")
            self._send_back(call, body, self.leaving())
            return

        async def receive() -> dict[str, Any]:
            if not parts:
                return {"type": "http.disconnect"}
            await asyncio.sleep(0)
            part = parts.pop(0)
            if part is None:
                return {"type": "http.disconnect"}
            if not parts:
                call.arrived()
            return {"type": "http.request", "body": part, "more_body": bool(parts)}

        async def send(message: dict[str, Any]) -> None:
            self._machine.boundary("answer")
            newest = self.leaving()
            if message["type"] == "http.response.body":
                self._send_back(call, message["body"], newest)

        await application(_scope(call.request), receive, send)
        if parts == []:
            return
        self._loop.call_later(self.delay(), call.fail)

    def _parts(self, call: Call) -> list[bytes | None]:
        """The body as it arrives; None where the connection breaks."""
        body = call.request.body
        if len(body) > 1 and self._dice.random() < 0.1:
            place = self._dice.between(1, len(body) - 1)
            if self.strikes("request cut in half", 0.3):
                return [body[:place], None]
            return [body[:place], body[place:]]
        return [body]

    def _send_back(self, call: Call, body: bytes, newest: int) -> None:
        if self.strikes("answer lost", 0.02):
            self._loop.call_later(self.delay(), call.fail)
            return
        self.travel(lambda: call.answer(body, newest), self.delay(), stream=call)

    def travel(self, arrive: Callable[[], None], delay: float, stream: object) -> None:
        """Let something that has left the venue on this stream arrive after a while."""
        key = object()

        def arrived() -> None:
            if self._under_way.pop(key, None) is not None:
                arrive()

        self._under_way[key] = (arrive, stream)
        self._loop.call_later(delay, arrived)


def _plain(application: Application, request: Request) -> PlainRequest | None:
    """The request as the direct path sees it, None where it does not take it."""
    fields = {**request.headers, "content-length": str(len(request.body))}
    head = f"{request.method} {request.target} HTTP/1.1\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    plain = recognise(f"{head}\r\n".encode() + request.body, MAX_HEADERS)
    if plain is None or not application.admits(plain.line.path, len(request.body)):
        return None
    return plain


def _scope(request: Request) -> dict[str, Any]:
    path, _, query = request.target.partition("?")
    headers = [(name.lower().encode(), value.encode()) for name, value in request.headers.items()]
    return {
        "type": "http",
        "method": request.method,
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": headers,
        "client": ("127.0.0.1", 50000),
    }
