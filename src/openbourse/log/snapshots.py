"""Snapshots: the whole state at one sequence, so that a start replays only the tail of the log.

A snapshot is never needed, only faster: whatever looks wrong with one is said aloud, and an older one or the
log alone takes its place.
"""

import time
import zlib
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec
import structlog

from openbourse.core import snapshot
from openbourse.core.exchange import Exchange
from openbourse.log.collector import no_collector
from openbourse.log.errors import SnapshotError
from openbourse.log.files import write_atomically

FORMAT: Final = "openbourse-snapshot"
FORMAT_VERSION: Final = 1
KEEP: Final = 3

_SUFFIX = ".snapshot"
_STALE_SECONDS = 3600.0  # a temporary file of this age was left by a process that was killed
_warnings = structlog.get_logger(__name__)


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The first line of a snapshot file, as JSON; the deflated dump follows.

    `counts` tells how many things of each kind the state has, `state_hash` is the SHA-256 of the dump, and
    `length` the size of the deflated body in bytes.
    """

    format: str
    version: int
    sequence: int
    counts: dict[str, int]
    state_hash: str
    length: int


class SnapshotStore:
    """The snapshot files of one directory; the newest three are kept."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def save(self, exchange: Exchange) -> Path:
        """Write the state durably and drop the oldest files; SnapshotError when that fails."""
        body, state_hash = _compressed(exchange)
        counts = snapshot.counts(exchange)
        header = Header(FORMAT, FORMAT_VERSION, exchange.sequence, counts, state_hash, len(body))
        path = self.path(exchange.sequence)
        try:
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_atomically(path, msgspec.json.encode(header) + b"\n" + body)
            self._drop_old()
        except OSError as error:
            raise SnapshotError(f"cannot write the snapshot {path}: {error.strerror}") from None
        return path

    def sequences(self) -> list[int]:
        """The sequences of the files that are there, newest first; nothing is said about their content."""
        if not self.directory.is_dir():
            return []
        names = (path.name.removesuffix(_SUFFIX) for path in self.directory.glob(f"*{_SUFFIX}"))
        return sorted((int(name) for name in names if name.isdecimal()), reverse=True)

    def newest_valid(self, not_after: int | None = None) -> Exchange | None:
        """The newest state that can be trusted, of sequence `not_after` at most; None when there is none.

        Every file passed over because of what is in it is logged as a warning.
        """
        for sequence in self.sequences():
            if not_after is not None and sequence > not_after:
                continue
            try:
                return self.load(sequence)
            except SnapshotError as error:
                _warnings.warning("snapshot_refused", sequence=sequence, error=str(error))
        return None

    def load(self, sequence: int) -> Exchange:
        """The state in one file; SnapshotError when it is not exactly what was saved."""
        path = self.path(sequence)
        header, body = self._read(path)
        if header.sequence != sequence:
            raise SnapshotError(f"{path} holds sequence {header.sequence}")
        try:
            dump = zlib.decompress(body)
        except zlib.error as error:
            raise SnapshotError(f"{path} is damaged: {error}") from None
        if sha256(dump).hexdigest() != header.state_hash:
            raise SnapshotError(f"{path} is damaged: its state hash disagrees")
        try:
            with no_collector():
                exchange = snapshot.restore(dump)
        except Exception as error:
            raise SnapshotError(f"{path} cannot be restored by this version: {error!r}") from error
        if exchange.sequence != sequence or snapshot.counts(exchange) != header.counts:
            raise SnapshotError(f"{path} disagrees with its header about what it holds")
        if snapshot.state_hash(exchange) != header.state_hash:
            raise SnapshotError(f"{path} does not restore to the state that was saved")
        return exchange

    def _read(self, path: Path) -> tuple[Header, bytes]:
        try:
            content = path.read_bytes()
        except OSError as error:
            raise SnapshotError(f"cannot read {path}: {error.strerror}") from None
        line, _, body = content.partition(b"\n")
        try:
            header = msgspec.json.decode(line, type=Header)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            raise SnapshotError(f"{path} is damaged: its header cannot be read") from None
        if (header.format, header.version) != (FORMAT, FORMAT_VERSION):
            raise SnapshotError(f"{path} has the unknown format {header.format} {header.version}")
        if header.length != len(body):
            raise SnapshotError(f"{path} is damaged: it has {len(body)} bytes instead of {header.length}")
        return header, body

    def path(self, sequence: int) -> Path:
        """Where the snapshot of that sequence is, or would be."""
        return self.directory / f"{sequence:020d}{_SUFFIX}"

    def _drop_old(self) -> None:
        for sequence in self.sequences()[KEEP:]:
            self.path(sequence).unlink(missing_ok=True)
        for path in self.directory.glob("*.tmp"):
            if path.stat().st_mtime < time.time() - _STALE_SECONDS:
                path.unlink(missing_ok=True)


def _compressed(exchange: Exchange) -> tuple[bytes, str]:
    """The deflated dump and its hash, made piece by piece."""
    deflate, whole = zlib.compressobj(level=1), sha256()
    parts = []
    for piece in snapshot.pieces(exchange):
        whole.update(piece)
        parts.append(deflate.compress(piece))
    parts.append(deflate.flush())
    return b"".join(parts), whole.hexdigest()
