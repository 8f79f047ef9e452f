"""Writing a recording: masks what is nobody's business, and keeps to its limits."""

import base64
import contextlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

import msgspec

from openbourse import __version__
from openbourse.sandbox.recording.censor import Censor
from openbourse.sandbox.recording.lines import (
    FORMAT,
    MAX_FILE_BYTES,
    MAX_MESSAGE_BYTES,
    VERSION,
    Answer,
    Closed,
    End,
    Failure,
    Header,
    Line,
    Opened,
    Received,
    RecordFileError,
    Request,
    SandboxState,
    Sent,
    line_of,
)
from openbourse.sandbox.recording.wires import SOCKET, wire_of
from openbourse.sandbox.virtual_clock import VirtualClock
from openbourse.wire.recorded import RecordedRequest

# Headers that matter to an answer. All others, cookies and passes of proxies among them, are not written.
_KEPT: Final = frozenset({"accept", "content-type", "user-agent"}) | {
    f"x-coinex-{name}" for name in ("key", "sign", "timestamp", "windowtime")
}
_MAX_LABELS: Final = 10_000


class _Text(NamedTuple):
    text: str
    encoding: Literal["text", "base64"]
    cut: bool


class Recorder:
    """Writes one file. `clock` tells the time of its lines; `keys` are names for known keys, by key id.

    `full` when it writes no more, for want of room or for the `trouble` that it says.
    """

    def __init__(
        self,
        path: Path,
        target: str,
        clock: VirtualClock,
        sandbox: SandboxState | None = None,
        keys: Mapping[str, str] | None = None,
        *,
        max_file_bytes: int = MAX_FILE_BYTES,
        max_message_bytes: int = MAX_MESSAGE_BYTES,
    ) -> None:
        """Make the file, which must not exist: nobody's recording is overwritten. Raises RecordFileError."""
        self.path = path
        self.clock = clock
        self.messages = 0
        self.full = False
        self.trouble = ""
        self._labels = dict(keys or {})
        self._censor = Censor(self._label)
        self._requests = 0
        self._connections = 0
        self._left = max_file_bytes
        self._max_message = max_message_bytes
        try:
            # What is in it is the business of its owner.
            self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        except FileExistsError:
            raise RecordFileError(f"{path} exists already; record into another file") from None
        except OSError as error:
            raise RecordFileError(f"cannot write {path}: {error.strerror}") from None
        self._put(Header(FORMAT, VERSION, __version__, clock.now(), self._censor.target(target), sandbox))

    # -- what happens ------------------------------------------------------------------------------

    def request(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> int:
        """A request has come whole; `headers` have lower-case names. Returns its number."""
        self._requests += 1
        method, target = _readable(method), _readable(target)
        kept = {name: _readable(text) for name, text in headers.items() if name in _KEPT}
        # What is no text survives as well, byte by byte.
        request = RecordedRequest(method, target, kept, body.decode(errors="surrogateescape"))
        wire = wire_of(target)
        key = "" if wire is None else self._label(wire.key_of(request))
        packed = headers.get("content-encoding", "")
        text = self._text(self._censor.body(request.body, target, packed))
        self._put(
            Request(
                time=self.clock.now(),
                number=self._requests,
                method=method,
                target=self._censor.target(target),
                headers=self._censor.headers(kept),
                body=text.text,
                key=key,
                encoding=text.encoding,
                cut=text.cut,
            )
        )
        return self._requests

    def answer(self, number: int, target: str, status: int, content_type: str, body: bytes) -> None:
        """The whole answer to a request, after inflation."""
        if target.startswith("/sandbox/clock"):
            self._follow_clock(body)
        text = self._text(self._censor.body(body.decode(errors="surrogateescape"), target))
        self._put(
            Answer(
                time=self.clock.now(),
                number=number,
                status=status,
                content_type=_readable(content_type),
                body=text.text,
                encoding=text.encoding,
                cut=text.cut,
            )
        )

    def failure(self, number: int, error: str) -> None:
        """A request has got no answer."""
        self._put(Failure(time=self.clock.now(), number=number, error=self._censor.words(_readable(error))))

    def opened(self, target: str, status: int = 101) -> int:
        """A WebSocket was opened, or refused with an HTTP status. Returns its number."""
        self._connections += 1
        self._put(
            Opened(
                time=self.clock.now(),
                connection=self._connections,
                target=self._censor.target(_readable(target)),
                status=status,
            )
        )
        return self._connections

    def sent(self, connection: int, data: bytes) -> None:
        """A message of the client."""
        key = self._label(SOCKET.key_of(_json(data)))
        text = self._text(self._censor.message(data.decode(errors="surrogateescape")))
        self._put(
            Sent(
                time=self.clock.now(),
                connection=connection,
                text=text.text,
                key=key,
                encoding=text.encoding,
                cut=text.cut,
            )
        )

    def received(self, connection: int, data: bytes) -> None:
        """A message of the server, after inflation."""
        text = self._text(self._censor.message(data.decode(errors="surrogateescape")))
        self._put(
            Received(
                time=self.clock.now(),
                connection=connection,
                text=text.text,
                encoding=text.encoding,
                cut=text.cut,
            )
        )

    def closed(self, connection: int, by: Literal["client", "server"], code: int) -> None:
        """A WebSocket has ended."""
        self._put(Closed(time=self.clock.now(), connection=connection, by=by, code=code))

    @property
    def summary(self) -> str:
        """What has become of it, for its owner."""
        end = ", which is full: the end is missing" if self.full else ""
        return self.trouble or f"{self.messages} messages in {self.path}{end}"

    def discard(self) -> None:
        """Take the file of a recording back that never began: the next try may have its name."""
        self._file.close()
        if not self.messages:
            self.path.unlink(missing_ok=True)

    def close(self) -> None:
        """End the recording."""
        if self._file.closed:
            return
        if not self.full:
            self._write(line_of(End(time=self.clock.now(), messages=self.messages, why="stopped")))
        with contextlib.suppress(OSError):  # what could not be written then cannot be now
            self._file.close()

    # -- inside ------------------------------------------------------------------------------------

    def _label(self, key: str) -> str:
        """A name for a key: the given one, or `key-1`, `key-2` in the order of their appearance."""
        if key and key not in self._labels and len(self._labels) < _MAX_LABELS:
            number = sum(label.startswith("key-") for label in self._labels.values()) + 1
            self._labels[key] = f"key-{number}"
        return self._labels.get(key, "")

    def _follow_clock(self, body: bytes) -> None:
        """Somebody has moved the sandbox's clock: so is ours."""
        told = _json(body)
        if isinstance(told, dict) and isinstance(told.get("time"), int):
            self.clock.begin(told["time"])
            self.clock.run(float(told.get("factor", 1.0)))

    def _text(self, censored: str) -> _Text:
        data = censored.encode(errors="surrogateescape")
        cut = len(data) > self._max_message
        data = data[: self._max_message]
        try:
            return _Text(data.decode(), "text", cut)
        except UnicodeDecodeError:
            return _Text(base64.b64encode(data).decode(), "base64", cut)

    def _put(self, line: Line) -> None:
        """Write a line, or the last one when there is no more room."""
        if self.full or self._file.closed:
            return
        text = line_of(line)
        if len(text) > self._left:
            self.full = True
            text = line_of(End(time=self.clock.now(), messages=self.messages, why="full"))
        elif not isinstance(line, Header):
            self.messages += 1
        self._write(text)

    def _write(self, text: bytes) -> None:
        self._left -= len(text)
        try:
            self._file.write(text)
            self._file.flush()  # whoever is killed has lost nothing but the line under way
        except OSError as error:
            # The client is served on: it has not asked for a recording.
            self.full = True
            self.trouble = f"cannot write {self.path}: {error.strerror}"


def _readable(text: str) -> str:
    """Text of a header line, whose bytes need not be UTF-8, as JSON can have it."""
    return text.encode(errors="surrogateescape").decode(errors="replace")


def _json(data: bytes) -> Any:
    """None for what is not JSON."""
    try:
        return msgspec.json.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError):
        return None
