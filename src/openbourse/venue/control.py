"""The control socket: how the operator's command line reaches a venue that is running.

A Unix socket in the data directory that only its owner can open. A client sends one request as one line of
JSON and gets one line back: `{"ok": true, "result": ...}` or `{"ok": false, "error": "a sentence"}`.
"""

import asyncio
import contextlib
import socket
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import msgspec
import structlog

from openbourse.log.errors import LogError
from openbourse.venue.unix_socket import address_of, bound

MAX_LINE: Final = 64 * 1024
MAX_CLIENTS: Final = 8
IDLE_SECONDS: Final = 60.0
STOP_SECONDS: Final = 10.0
ANSWER_SECONDS: Final = 60.0

Handler = Callable[[bytes], Awaitable[Any]]
_log = structlog.get_logger(__name__)


class ControlError(Exception):
    """The venue refused the request; the text is a sentence for the operator."""


class NobodyListensError(Exception):
    """No venue is running on this data directory."""


class _Answer(msgspec.Struct):
    ok: bool
    result: Any = None
    error: str = ""


class ControlSocket:
    """Answers requests while a venue runs. `handler` gives the result for a line or raises ControlError."""

    def __init__(self, path: Path, handler: Handler) -> None:
        self._path = path
        self._handler = handler
        self._server: asyncio.Server | None = None
        self._clients: set[asyncio.Task[None]] = set()
        self._silent: set[asyncio.Task[None] | None] = set()  # those that have not asked yet

    async def start(self) -> None:
        """Listen. The caller holds the lock of the data directory, so an older socket is a dead one."""
        listener = bound(self._path)
        try:
            self._server = await asyncio.start_unix_server(self._accept, sock=listener, limit=MAX_LINE)
        except OSError as error:
            listener.close()
            raise LogError(
                f"cannot make the control socket {self._path}: {error.strerror or error}"
            ) from None

    async def stop(self) -> None:
        """Finish the requests under way, and go."""
        if self._server is None:
            return
        self._server.close()
        for client in self._clients & self._silent:
            client.cancel()
        if self._clients:
            await asyncio.wait(self._clients, timeout=STOP_SECONDS)
        with contextlib.suppress(OSError):  # of a failing disk; the next start removes a dead socket
            self._path.unlink()
        self._server = None

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._clients) >= MAX_CLIENTS:
            writer.close()
            return
        client = asyncio.create_task(self._serve(reader, writer))
        self._clients.add(client)
        client.add_done_callback(self._clients.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            line = await self._line(reader)
            if line:
                writer.write(msgspec.json.encode(await self._answer(line)) + b"\n")
                await writer.drain()
        except ValueError:  # a line over the limit
            writer.write(msgspec.json.encode(_Answer(ok=False, error="the request is too long")) + b"\n")
        except (OSError, TimeoutError):
            pass
        finally:
            writer.close()

    async def _line(self, reader: asyncio.StreamReader) -> bytes:
        client = asyncio.current_task()
        self._silent.add(client)
        try:
            async with asyncio.timeout(IDLE_SECONDS):
                return await reader.readline()
        finally:
            self._silent.discard(client)

    async def _answer(self, line: bytes) -> _Answer:
        try:
            return _Answer(ok=True, result=await self._handler(line))
        except ControlError as error:
            return _Answer(ok=False, error=str(error))
        except Exception:  # noqa: BLE001 - one request must not end the venue; its log says what happened
            _log.error("control_request_failed", traceback=traceback.format_exc())
            return _Answer(ok=False, error="the venue could not do that, its log says why")


def ask(path: Path, line: bytes) -> Any:
    """The result of a request to the venue behind the socket at `path`.

    Raises NobodyListensError when there is none (nothing was done), ControlError when it refuses.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(ANSWER_SECONDS)
        try:
            with address_of(path) as address:
                connection.connect(address)
        except (FileNotFoundError, ConnectionRefusedError, NotADirectoryError):
            raise NobodyListensError(str(path)) from None
        except OSError as error:
            raise ControlError(f"cannot reach the venue at {path}: {error.strerror or error}") from None
        try:
            connection.sendall(line + b"\n")
            received = _receive_line(connection)
            answer = msgspec.json.decode(received, type=_Answer)
        except (OSError, msgspec.MsgspecError):
            raise ControlError(
                "the venue gave no answer: look whether it was done before repeating it"
            ) from None
    if not answer.ok:
        raise ControlError(answer.error)
    return answer.result


def _receive_line(connection: socket.socket) -> bytes:
    received = bytearray()
    while not received.endswith(b"\n"):
        chunk = connection.recv(MAX_LINE)
        if not chunk:
            break
        received += chunk
    return bytes(received)
