"""Writing a recording: masks what is nobody's business, and keeps to its limits."""

import base64
import contextlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

import msgspec

from openbourse import __version__
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
from openbourse.wire.recorded import MASK, SECRET, RecordedRequest

# Headers that matter to an answer. All others, cookies and passes of proxies among them, are not written.
_KEPT: Final = ("accept", "content-type", "user-agent")
_OURS: Final = "x-coinex-"
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
        self._put(Header(FORMAT, VERSION, __version__, clock.now(), target, sandbox))

    # -- what happens ------------------------------------------------------------------------------

    def request(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> int:
        """A request has come whole; `headers` have lower-case names. Returns its number."""
        self._requests += 1
        kept = {name: text for name, text in headers.items() if name in _KEPT or name.startswith(_OURS)}
        key = ""
        # What is no text survives as well, byte by byte.
        request = RecordedRequest(method, target, kept, body.decode(errors="surrogateescape"))
        wire = wire_of(target)
        if wire is not None:
            key = self._label(wire.key_of(request))
            request = wire.masked(request, key)
        text = self._text(request.body.encode(errors="surrogateescape"))
        self._put(
            Request(
                time=self.clock.now(),
                number=self._requests,
                method=method,
                target=request.target,
                headers=dict(request.headers),
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
        text = self._text(self._without_secrets(target, body))
        self._put(
            Answer(
                time=self.clock.now(),
                number=number,
                status=status,
                content_type=content_type,
                body=text.text,
                encoding=text.encoding,
                cut=text.cut,
            )
        )

    def failure(self, number: int, error: str) -> None:
        """A request has got no answer."""
        self._put(Failure(time=self.clock.now(), number=number, error=error))

    def opened(self, target: str, status: int = 101) -> int:
        """A WebSocket was opened, or refused with an HTTP status. Returns its number."""
        self._connections += 1
        self._put(Opened(time=self.clock.now(), connection=self._connections, target=target, status=status))
        return self._connections

    def sent(self, connection: int, data: bytes) -> None:
        """A message of the client."""
        message, key = _json(data), ""
        if message is not None and SOCKET.key_of(message):
            key = self._label(SOCKET.key_of(message))
            data = msgspec.json.encode(SOCKET.masked(message, key))
        text = self._text(data)
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
        text = self._text(data)
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

    def close(self) -> None:
        """End the recording; call it once."""
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

    def _without_secrets(self, target: str, body: bytes) -> bytes:
        """An answer may hand a new key out: the secret goes, and the key gets a label."""
        wire = wire_of(target)
        if wire is None:
            return body
        fields = wire.fields(RecordedRequest("", target, {}, ""))
        secrets = [name for name, kind in fields.items() if kind in (SECRET, "key")]
        if not any(f'"{name}"'.encode() in body for name in secrets):
            return body
        message = _json(body)
        return MASK.encode() if message is None else msgspec.json.encode(self._masked(message, fields))

    def _masked(self, value: Any, fields: Mapping[str, str], kind: str = "") -> Any:
        if isinstance(value, dict):
            kinds = {name: fields.get(name, "") for name in value}
            return {name: self._masked(member, fields, kinds[name]) for name, member in value.items()}
        if isinstance(value, list):
            return [self._masked(member, fields, kind) for member in value]
        if kind == SECRET:
            return MASK
        return self._label(value) if kind == "key" and isinstance(value, str) else value

    def _follow_clock(self, body: bytes) -> None:
        """Somebody has moved the sandbox's clock: so is ours."""
        told = _json(body)
        if isinstance(told, dict) and isinstance(told.get("time"), int):
            self.clock.begin(told["time"])
            self.clock.run(float(told.get("factor", 1.0)))

    def _text(self, data: bytes) -> _Text:
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


def _json(data: bytes) -> Any:
    """None for what is not JSON."""
    try:
        return msgspec.json.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError):
        return None
