"""The direct path: a request that arrived whole is answered without ASGI in between.

Most requests of an exchange are short and come in one packet. For them, a scope, a task of the server, an
event and four messages only carry bytes from one object of this process to another, and cost more than the
order that the request places. Whatever is out of the ordinary takes the plain path through ASGI, which
answers just the same: bodies that come in parts or in chunks, upgrades, HTTP/1.0, a request that was sent
before the last one was answered, a client that does not read, a server that is full or is stopping.
"""

from typing import Any, Final, Protocol, runtime_checkable

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from openbourse.wire.http.connection import Connection
from openbourse.wire.http.encoding import CLOSE, headers_and_body
from openbourse.wire.http.messages import Request, Response

_METHODS: Final = frozenset({b"GET", b"POST"})  # the answer to HEAD has no body
_UNUSUAL: Final = frozenset({b"expect", b"transfer-encoding", b"upgrade"})


@runtime_checkable
class DirectDoor(Protocol):
    """An application that can be asked without ASGI."""

    def admits(self, path: str, size: int) -> bool:
        """May a request for this path, with a body of so many bytes, be answered directly?"""

    def request(
        self, method: str, target: bytes, headers: list[tuple[bytes, bytes]], peer: str, body: bytes
    ) -> Request:
        """The request as the protocols see it; header names are lower-case."""

    async def respond(self, request: Request) -> Response:
        """The answer. No exception leaves it."""


class DirectConnection(Connection):
    """A connection whose ordinary requests go to `door` at once."""

    door: DirectDoor
    _body: bytes | None = None  # of a request that may go directly, once its header is complete

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._body is not None and not self.transport.is_closing():
            self._take_the_plain_path(self._body)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._body = None

    def on_headers_complete(self) -> None:
        if self._is_ordinary():
            self.header_since = 0.0
            self._body = b""
        else:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if self._body is None:
            super().on_body(body)
        else:
            self._body += body

    def on_message_complete(self) -> None:
        body = self._body
        if body is None:
            super().on_message_complete()
            return
        self._body = None
        peer = self.client[0] if self.client else ""
        request = self.door.request(self.parser.get_method().decode(), self.url, self.headers, peer, body)
        self.cycle = cycle = _Cycle()  # type: ignore[assignment]
        task = self.loop.create_task(self._answer(cycle, request))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def _is_ordinary(self) -> bool:
        """Can the request go directly, if the rest of it is here already?"""
        url = self.url
        under_way: Any = self.cycle  # None before the first request, whatever its annotation says
        if (
            not url.startswith(b"/")
            or b"%" in url.partition(b"?")[0]
            or b"#" in url
            or self.flow.write_paused
            or not (under_way is None or under_way.response_complete)
            or (self.limit_concurrency is not None and len(self.connections) >= self.limit_concurrency)
            or self.parser.get_method() not in _METHODS
            or self.parser.get_http_version() != "1.1"
            or not self.parser.should_keep_alive()
        ):
            return False
        size = b"0"
        for name, value in self.headers:
            if name == b"content-length":
                size = value
            elif name in _UNUSUAL:
                return False
        return size.isdigit() and self.door.admits(url.partition(b"?")[0].decode("ascii"), int(size))

    def _take_the_plain_path(self, body: bytes) -> None:
        self._body = None
        super().on_headers_complete()
        if body:
            super().on_body(body)

    async def _answer(self, cycle: "_Cycle", request: Request) -> None:
        try:
            response = await self.door.respond(request)
        except BaseException:
            self.transport.close()  # a bug, or the end: nobody must wait for an answer that does not come
            raise
        headers, body = headers_and_body(request, response)
        if not cycle.disconnected:
            self.transport.write(self._head(response.status, headers) + body)
        cycle.response_complete = True
        if not cycle.keep_alive or CLOSE in response.headers:
            self.transport.close()
        self.on_response_complete()

    def _head(self, status: int, headers: list[tuple[bytes, bytes]]) -> bytes:
        lines = [b"%b: %b\r\n" % header for header in (*self.server_state.default_headers, *headers)]
        return b"%b%b\r\n" % (STATUS_LINE[status], b"".join(lines))


class _Cycle:
    """Stands where uvicorn keeps the request under way, so that it lets the next one wait."""

    __slots__ = ("disconnected", "keep_alive", "response_complete")

    def __init__(self) -> None:
        self.disconnected = False
        self.keep_alive = True
        self.response_complete = False

    @property
    def message_event(self) -> "_Cycle":
        """Uvicorn wakes those up who wait for the body; nobody does, it is here."""
        return self

    def set(self) -> None:
        """As of an event."""
