"""One HTTP connection: uvicorn's, with the limits that it lacks.

uvicorn waits for ever for the rest of a header and for a client that does not read, and takes headers of any
size. This class counts all three; the server looks over its connections once a second (`HttpServer`). When
there are too many connections, uvicorn refuses the requests of all of them; here only those that came too
late are refused. When what comes is no HTTP, or the client sends no more, uvicorn ends the connection at
once; here the requests that came whole are answered first: they are being carried out. What a client sends
together with the header of a WebSocket is dropped by uvicorn; here it is for the WebSocket.
"""

import asyncio
import sys
from typing import Any, Final, cast

from httptools import HttpParserUpgrade
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from openbourse.wire.http.descriptors import TOLD

MAX_HEADER_BYTES: Final = 64 * 1024
MAX_HEADERS: Final = 100


class Connection(HttpToolsProtocol):
    """`header_since` is the loop's time at which the wait for a header began, 0.0 outside of one.

    `unread_since` is that of the wait for a client that does not read its answers, `idle_since` that of an
    answer after which nothing has come, where uvicorn has set no timer of its own.
    """

    turned_away = 0  # connections closed without a word, of all servers of the process
    limit: int = 0  # how many connections there may be, this one included
    header_since: float = 0.0
    unread_since: float = 0.0
    idle_since: float = 0.0
    parsing = False  # is the parser in the middle of a request?
    _header_bytes: int = 0
    ending = False  # nothing more is read, and the last answer closes
    _upgraded_at: int = 0  # where in what came the header of a WebSocket ended

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.header_since = self.loop.time()
        surplus = len(self.connections) - self.limit
        if surplus > TOLD:
            Connection.turned_away += 1
            transport.abort()
        elif surplus > 0:
            self.limit_concurrency = 0  # uvicorn's word for it: every request is answered with 503

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        last: Any = self.cycle  # None before the first request, whatever its annotation says
        if last is not None and last.response_complete:
            # They refer to each other: without it nothing is left to the collector of cycles.
            self.cycle = cast("Any", None)

    def data_received(self, data: bytes) -> None:
        if self.ending:
            return
        since = self.header_since
        super().data_received(data)
        if self._upgraded_at:
            rest, self._upgraded_at = data[self._upgraded_at :], 0
            if rest:
                cast("asyncio.Protocol", self.transport.get_protocol()).data_received(rest)
        elif self.header_since == 0.0:
            self._await_header()
        elif self.header_since == since:
            # All of it belongs to one header, and what the parser holds of a field is in no callback yet.
            self._header_bytes += len(data)
            if self._header_bytes > 2 * MAX_HEADER_BYTES and not self._ends_with_answers():
                self.transport.close()

    def eof_received(self) -> bool:  # type: ignore[override] # uvicorn's says only that it closes
        # With TLS there is no such thing as a half of a connection.
        return self.scheme == "http" and self._ends_with_answers()

    def send_400_response(self, msg: str) -> None:
        if not self._ends_with_answers():
            super().send_400_response(msg)

    def on_response_complete(self) -> None:
        if self.ending and not self.pipeline:
            self.transport.close()
        super().on_response_complete()

    def handle_websocket_upgrade(self) -> None:
        upgrade = sys.exception()
        super().handle_websocket_upgrade()
        self.parser = cast("Any", None)  # see connection_lost, of which only the WebSocket will hear
        assert isinstance(upgrade, HttpParserUpgrade), "uvicorn calls this while it handles one"
        (self._upgraded_at,) = upgrade.args

    def _ends_with_answers(self) -> bool:
        """Read no more, and close when the requests that came whole are answered. False if there are none."""
        last: Any = self.cycle  # None before the first request, whatever its annotation says
        if self.ending:
            return True
        if last is None or last.response_complete:
            return False
        if getattr(last, "more_body", False):
            if not self.pipeline:
                return False
            self.pipeline.popleft()  # it will never be whole
        if self.pipeline:
            last, _ = self.pipeline[0]
        last.keep_alive = False
        self.header_since = 0.0
        self.ending = True
        return True

    def _await_header(self) -> None:
        """Something came, and no request of it: an empty line, as some clients send after each of theirs.

        uvicorn has stopped its watch over idle connections all the same.
        """
        under_way: Any = self.cycle  # None before the first request, whatever its annotation says
        if self.timeout_keep_alive_task is None and (under_way is None or under_way.response_complete):
            self.header_since = self.loop.time()
            self._header_bytes = 0

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.parsing = True
        self.header_since = self.loop.time()
        self._header_bytes = 0

    def on_url(self, url: bytes) -> None:
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count(len(name) + len(value))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self.header_since = 0.0
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self.parsing = False
        super().on_message_complete()

    def close_if_late(self, deadline: float) -> None:
        """Close when a header has been awaited since before `deadline`."""
        if (
            0.0 < self.header_since < deadline
            and not self.transport.is_closing()
            and not self._ends_with_answers()
        ):
            self.transport.close()

    def close_if_idle(self, deadline: float) -> None:
        """Close when nothing has come since before `deadline`."""
        if 0.0 < self.idle_since < deadline:
            self.transport.close()

    def abort_if_unread(self, deadline: float) -> None:
        """Give the client up when it has not read since before `deadline`; it loses what was unsent."""
        if self.unread_since == 0.0 and self.transport.is_closing():
            self.unread_since = self.loop.time()  # closed, and still here: there is something to send first
        if 0.0 < self.unread_since < deadline:
            self.transport.abort()

    def pause_writing(self) -> None:
        super().pause_writing()
        self.unread_since = self.loop.time()

    def resume_writing(self) -> None:
        super().resume_writing()
        self.unread_since = 0.0

    def _count(self, size: int) -> None:
        self._header_bytes += size
        # The parser turns this into a 400 and the end of the connection.
        if self._header_bytes > MAX_HEADER_BYTES or len(self.headers) >= MAX_HEADERS:
            raise ValueError("the header is too large")
