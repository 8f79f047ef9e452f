"""The HTTP server: uvicorn inside an event loop that is running already.

`async with HttpServer(app, host, port)` serves until the block ends. Signals stay with whoever runs the
process. Nothing is logged per request.
"""

import asyncio
import contextlib
import errno
import os
import socket
import ssl
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Final

import uvicorn

from openbourse.wire.http.connection import Connection
from openbourse.wire.http.descriptors import connections_for
from openbourse.wire.http.direct import DirectConnection, DirectDoor
from openbourse.wire.http.tls import Tls

HEADER_SECONDS: Final = 10.0
HANDSHAKE_SECONDS: Final = 10.0
IDLE_SECONDS: Final = 75
UNREAD_SECONDS: Final = 60.0
GRACE_SECONDS: Final = 10
MAX_CONNECTIONS: Final = 10_000
BACKLOG: Final = 1024


class AddressError(Exception):
    """The address cannot be listened on; the text is one sentence for the operator."""


class HttpServer:
    """Serves an ASGI application on one address; `port` is the real one after the start, also for 0."""

    def __init__(
        self,
        app: Any,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        max_connections: int = MAX_CONNECTIONS,
        header_seconds: float = HEADER_SECONDS,
        unread_seconds: float = UNREAD_SECONDS,
        idle_seconds: int = IDLE_SECONDS,
        websocket: Any = "none",
        tls: Tls | None = None,
        direct: bool = True,
        listener: socket.socket | None = None,
    ) -> None:
        """`websocket` makes the asyncio protocol of a connection that wants to become a WebSocket.

        A `listener` listens already; `host` is then only what it is called. `direct` lets an application
        that is a `DirectDoor` be asked without ASGI. With `tls` the server speaks nothing else; its files
        are watched while the server runs.
        """
        self.host = host
        self.port = port
        self._tls = tls
        self._listener = listener
        self._header_seconds = header_seconds
        self._unread_seconds = unread_seconds
        self._idle_seconds = idle_seconds
        self._server = _Server(
            uvicorn.Config(
                app,
                http=Connection,
                ws=websocket,
                loop="none",
                lifespan="off",
                interface="asgi3",
                log_config=None,
                access_log=False,
                proxy_headers=False,
                server_header=False,
                backlog=BACKLOG,
                timeout_keep_alive=idle_seconds,
                timeout_graceful_shutdown=GRACE_SECONDS,
            ),
            None if tls is None else tls.context,
            app if direct and isinstance(app, DirectDoor) else None,
            connections_for(max_connections),
        )
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def url(self) -> str:
        """Where clients find it: `http://127.0.0.1:8080`."""
        return url_of(self.host, self.port, secure=self._tls is not None)

    async def start(self) -> None:
        """Listen. Raises AddressError."""
        listener = self._listener or _listen(self.host, self.port)
        self.port = listener.getsockname()[1]
        serving = asyncio.create_task(self._server.serve(sockets=[listener]))
        listening = asyncio.create_task(self._server.listening.wait())
        await asyncio.wait([serving, listening], return_when=asyncio.FIRST_COMPLETED)
        if serving.done():
            listening.cancel()
            serving.result()
            raise AddressError("the server ended before it began")
        self._tasks = [serving, asyncio.create_task(self._close_late())]
        if self._tls is not None:
            self._tasks.append(asyncio.create_task(self._tls.watch()))

    async def stop(self) -> None:
        """Take no more connections, finish the requests under way, close the rest."""
        if not self._tasks:
            return
        serving, *watching = self._tasks
        self._tasks = []
        self._server.should_exit = True
        for task in watching:
            task.cancel()
        await serving

    async def __aenter__(self) -> "HttpServer":
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def _close_late(self) -> None:
        """Once a second, close the connections on which nothing comes, or from which nothing is read."""
        loop = asyncio.get_running_loop()
        pause = min(1.0, self._header_seconds / 2, self._unread_seconds / 2)
        while True:
            due = loop.time() + pause
            await asyncio.sleep(pause)
            if loop.time() - due > pause:
                continue  # the process was held up: what they sent meanwhile is still to be read
            now = loop.time()
            for connection in list(self._server.server_state.connections):
                if isinstance(connection, Connection):
                    connection.close_if_late(now - self._header_seconds)
                    connection.abort_if_unread(now - self._unread_seconds)
                    connection.close_if_idle(now - self._idle_seconds)


class _Server(uvicorn.Server):
    """uvicorn's server without its signal handlers, which says when it listens."""

    def __init__(
        self,
        config: uvicorn.Config,
        tls: ssl.SSLContext | None,
        direct: DirectDoor | None,
        max_connections: int,
    ) -> None:
        super().__init__(config)
        self._direct = direct
        self._max_connections = max_connections
        self.listening = asyncio.Event()
        self._tls = tls

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn's, with a context of our own and less patience for handshakes."""
        await self.lifespan.startup()
        loop = asyncio.get_running_loop()
        self.servers = [
            await loop.create_server(
                self._connection,
                sock=listener,
                ssl=self._tls,
                ssl_handshake_timeout=None if self._tls is None else HANDSHAKE_SECONDS,
                backlog=BACKLOG,
            )
            for listener in sockets or []
        ]
        self.started = True
        self.listening.set()

    def _connection(self) -> Connection:
        parts = (self.config, self.server_state, self.lifespan.state)
        if self._direct is None:
            connection = Connection(*parts)
        else:
            connection = DirectConnection(*parts)
            connection.door = self._direct
        connection.limit = self._max_connections
        return connection


def require_free(host: str, port: int) -> None:
    """Raises AddressError if nobody could listen there now: for those whose server starts much later."""
    _listen(host, port).close()


def shared_listeners(host: str, port: int, count: int) -> list[socket.socket]:
    """So many sockets that listen on one address; new connections are spread over them. Raises AddressError.

    Who has them open keeps the connections that nobody has accepted yet, whatever becomes of the others.
    """
    # Only an address that nobody listens on: the sockets below would share it with anybody's.
    with _listen(host, port) as probe:
        port = probe.getsockname()[1]
    return [_listen(host, port, shared=True) for _ in range(count)]


def url_of(host: str, port: int, *, secure: bool) -> str:
    """Where clients find a server: `http://127.0.0.1:8080`."""
    shown = f"[{host}]" if ":" in host else host
    return f"{'https' if secure else 'http'}://{shown}:{port}"


def _listen(host: str, port: int, *, shared: bool = False) -> socket.socket:
    """A listening socket; we open it ourselves since uvicorn ends the process when it cannot."""
    try:
        family, *_, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        place = (str(address[0]), port)
        return socket.create_server(place, family=family, backlog=BACKLOG, reuse_port=shared)
    except OverflowError:
        raise AddressError(f"{port} is not a port: ports are 0 to 65535.") from None
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            text = f"Port {port} on {host} is in use by another program."
        elif error.errno == errno.EACCES:
            text = f"Port {port} on {host} is not for this user: ports below 1024 need more rights."
        else:
            # What cannot be bound has a text of Python's with the address once more in it.
            why = error.strerror if isinstance(error, socket.gaierror) else os.strerror(error.errno or 0)
            text = f"Cannot listen on {host} port {port}: {why}."
        raise AddressError(text) from None
