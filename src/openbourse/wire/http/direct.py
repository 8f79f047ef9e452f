"""The direct path: a plain request that arrived whole is answered without parser, task and ASGI in between.

Most requests of an exchange are short and come in one packet, or in two: header and body. For them a
parser's callbacks, a scope, a task, an event and four messages only carry bytes from one object of this
process to another, and cost more than the order that the request places. Whatever is out of the ordinary
takes the plain path, which answers just the same: unusual headers, bodies that come in parts or in chunks,
upgrades, HTTP/1.0, a request that was sent before the last one was answered, a client that does not read,
a server that is full or is stopping.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final, Protocol, runtime_checkable

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from openbourse.venue.errand import Errand
from openbourse.wire.http.connection import MAX_HEADERS, Connection
from openbourse.wire.http.encoding import CLOSE, REQUEST_ID, form
from openbourse.wire.http.messages import Request, Response
from openbourse.wire.http.plain_request import PlainRequest, recognise

# Longer ones are left to the parser, which counts what is header and what is body.
_MAX_BYTES: Final = 64 * 1024

_ID: Final = REQUEST_ID + b": "
_CLOSE_LINE: Final = b"\r\n%b: %b" % CLOSE

# By status; each beside the very list of headers that it was made from.
_starts: Final[dict[int, tuple[list[tuple[bytes, bytes]], bytes]]] = {}


@runtime_checkable
class DirectDoor(Protocol):
    """An application that can be asked without ASGI."""

    def admits(self, path: str, size: int) -> bool:
        """May a request for this path, with a body of so many bytes, be answered directly?"""

    def request(self, plain: PlainRequest, peer: str) -> Request:
        """The request as the protocols see it."""

    def known(self, request: Request) -> Response | None:
        """The answer if it is at hand, None if it must be made. No exception leaves it."""

    async def respond(self, request: Request) -> Response:
        """The answer, made. No exception leaves it, and it needs no task: see `Errand`."""


class DirectConnection(Connection):
    """A connection whose plain requests go to `door` at once."""

    door: DirectDoor
    _held: bytes = b""  # a request whose body has not come yet

    def data_received(self, data: bytes) -> None:
        self.idle_since = 0.0
        held, self._held = self._held, b""
        if held:
            data = held + data
        if len(data) <= _MAX_BYTES and self._is_idle():
            plain = recognise(data, MAX_HEADERS)
            if plain is not None and self.door.admits(plain.line.path, len(plain.body) + plain.missing):
                if not plain.missing:
                    self._answer(plain)
                    return
                if not held:
                    self._hold(data)
                    return
        super().data_received(data)

    def close_if_late(self, deadline: float) -> None:
        if self._held and self.header_since < deadline:
            held, self._held = self._held, b""
            super().data_received(held)
        super().close_if_late(deadline)

    def answered(self, answering: "Answering", response: Response) -> None:
        """Send the answer to the request under way."""
        if not answering.disconnected:
            self._send(answering.request, response, answering.keep_alive)
        answering.response_complete = True
        if not answering.keep_alive or CLOSE in response.headers:
            self.transport.close()
        if self.pipeline or self.ending:
            self.on_response_complete()
        else:
            self._await_next()

    def _send(self, request: Request, response: Response, keep_alive: bool = True) -> None:
        sent = form(request, response)
        close = b"" if keep_alive or CLOSE in response.headers else _CLOSE_LINE
        start = self._start(response.status)
        self.transport.write(b"".join((start, _ID, request.id.encode(), close, sent.lines, sent.body)))

    def _await_next(self) -> None:
        self.server_state.total_requests += 1
        self.idle_since = self.loop.time()

    def _is_idle(self) -> bool:
        """Is nothing under way, so that what comes now is the beginning of a request to be answered now?"""
        under_way: Any = self.cycle  # None before the first request, whatever its annotation says
        return (
            (under_way is None or under_way.response_complete)
            and not self.parsing
            and not self.pipeline
            and not self.flow.write_paused
            and (self.limit_concurrency is None or len(self.connections) < self.limit_concurrency)
            and not self.transport.is_closing()
        )

    def _hold(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        self._held = data
        self.header_since = self.loop.time()

    def _answer(self, plain: PlainRequest) -> None:
        self._unset_keepalive_if_required()
        self.header_since = 0.0
        request = self.door.request(plain, self.client[0] if self.client else "")
        response = self.door.known(request)
        if response is not None:
            self._send(request, response)
            self._await_next()
            return
        answering = Answering(self, request, self.door.respond(request))
        self.cycle = answering  # type: ignore[assignment] # where uvicorn keeps the request under way
        answering.go_on()

    def _start(self, status: int) -> bytes:
        """The status line and the headers that all answers have; uvicorn makes these anew every second."""
        headers = self.server_state.default_headers
        known = _starts.get(status)
        if known is None or known[0] is not headers:
            lines = [b"%b: %b\r\n" % header for header in headers]
            known = _starts[status] = (headers, b"".join((STATUS_LINE[status], *lines)))
        return known[1]


class Answering(Errand[Response]):
    """A request under way. To uvicorn it is the cycle that makes the next one wait."""

    __slots__ = ("_connection", "_waiting_for", "disconnected", "keep_alive", "request", "response_complete")

    def __init__(
        self, connection: DirectConnection, request: Request, coroutine: Coroutine[Any, Any, Response]
    ) -> None:
        super().__init__(coroutine)
        self.request = request
        self.disconnected = False
        self.keep_alive = True
        self.response_complete = False
        self._connection = connection
        self._waiting_for: asyncio.Future[Any] | None = None

    def waits(self, future: asyncio.Future[Any]) -> None:
        self._waiting_for = future
        # What a server waits for when it stops, and cancels when it cannot wait any longer.
        self._connection.tasks.add(self)  # type: ignore[arg-type]

    def ended(self, result: Response) -> None:
        self._connection.tasks.discard(self)
        try:
            self._connection.answered(self, result)
        except Exception as error:  # noqa: BLE001 - as if there were no answer
            self.failed(error)

    def failed(self, error: BaseException) -> None:
        self._connection.tasks.discard(self)
        self._connection.transport.close()  # a bug, or the end: nobody must wait for what does not come
        raise error

    def cancel(self, msg: object = None) -> None:
        """As of a task."""
        if self._waiting_for is not None:
            self._waiting_for.cancel(msg)

    @property
    def message_event(self) -> "Answering":
        """Uvicorn wakes those up who wait for the body; nobody does, it is here."""
        return self

    def set(self) -> None:
        """As of an event."""
