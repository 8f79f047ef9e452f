"""A snapshot read row by row: for whoever needs some of its tables, and not a whole exchange in memory."""

import codecs
import json
import os
import zlib
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Final, Literal

import msgspec

from openbourse.log.errors import SnapshotError
from openbourse.log.snapshots import FORMAT, FORMAT_VERSION, Header

_CHUNK: Final = 1 << 18
_MAX_HEADER: Final = 1 << 16

Table = Literal["clock", "users", "accounts", "system"]


class SnapshotRows:
    """`with SnapshotRows(path) as rows:` the tables of a snapshot that was found to be as it was saved.

    The file stays open meanwhile, so that a venue may drop it. Raises SnapshotError.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._file: BinaryIO = path.open("rb")
        except OSError as error:
            raise SnapshotError(f"cannot read {path}: {error.strerror}") from None
        try:
            self.header = self._read_header()
            self._body = self._file.tell()
            self._check()
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> "SnapshotRows":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def table(self, name: Table) -> Iterator[Any]:
        """The rows of a table of `core.snapshot.dump`, in its order. One table at a time."""
        text = _Text(codecs.iterdecode(self._chunks(), "utf-8"), self._path)
        # Quotes inside of texts are escaped, so that only the name of a table can look like this.
        text.skip_past(f'"{name}":[')
        count = 0
        for count, row in enumerate(text.rows(), start=1):  # noqa: B007 - counted for after the loop
            yield row
        if count != self.header.counts.get(name, count):
            raise SnapshotError(f"{self._path} disagrees with its header about what it holds")

    def _read_header(self) -> Header:
        try:
            header = msgspec.json.decode(self._file.readline(_MAX_HEADER), type=Header)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            raise SnapshotError(f"{self._path} is damaged: its header cannot be read") from None
        if (header.format, header.version) != (FORMAT, FORMAT_VERSION):
            raise SnapshotError(f"{self._path} has the unknown format {header.format} {header.version}")
        return header

    def _check(self) -> None:
        size = os.fstat(self._file.fileno()).st_size - self._body
        if size != self.header.length:
            raise SnapshotError(
                f"{self._path} is damaged: it has {size} bytes instead of {self.header.length}"
            )
        whole = sha256()
        for chunk in self._chunks():
            whole.update(chunk)
        if whole.hexdigest() != self.header.state_hash:
            raise SnapshotError(f"{self._path} is damaged: its state hash disagrees")
        if next(self.table("clock"), None) != self.header.sequence:
            raise SnapshotError(f"{self._path} disagrees with its header about its sequence")

    def _chunks(self) -> Iterator[bytes]:
        """The dump in pieces."""
        self._file.seek(self._body)
        inflate = zlib.decompressobj()
        try:
            while chunk := inflate.unconsumed_tail or self._file.read(_CHUNK):
                yield inflate.decompress(chunk, _CHUNK)
            yield inflate.flush()
        except zlib.error as error:
            raise SnapshotError(f"{self._path} is damaged: {error}") from None
        except OSError as error:
            raise SnapshotError(f"cannot read {self._path}: {error.strerror}") from None


class _Text:
    """A long text of which only a part is held: what was not read yet."""

    def __init__(self, parts: Iterator[str], path: Path) -> None:
        self._parts = parts
        self._path = path
        self._held = ""
        self._at = 0

    def skip_past(self, mark: str) -> None:
        while (found := self._held.find(mark)) < 0:
            self._held = self._held[-len(mark) :]
            self._more()
        self._at = found + len(mark)

    def rows(self) -> Iterator[Any]:
        """Values of JSON up to the end of the array that begins here."""
        decode = json.JSONDecoder().raw_decode
        while True:
            if self._at >= len(self._held):
                self._more()
            sign = self._held[self._at]
            if sign == "]":
                return
            if sign == ",":
                self._at += 1
                continue
            try:
                row, end = decode(self._held, self._at)
            except json.JSONDecodeError:
                end = len(self._held)
                row = None
            if end == len(self._held):  # perhaps a number goes on
                self._more()
                continue
            self._at = end
            yield row

    def _more(self) -> None:
        part = next(self._parts, None)
        if part is None:
            raise SnapshotError(f"{self._path} is not the dump of an exchange")
        self._held = self._held[self._at :] + part
        self._at = 0
