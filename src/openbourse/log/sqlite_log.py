"""The embedded command log: an SQLite file with one row per batch, synced before `append` returns.

Each row carries a digest over the digest of the row before it and its own content, so the rows form a
chain: a row that was altered, lost, repeated or moved breaks it at that place.
"""

import sqlite3
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
import structlog

from openbourse.core.commands import AnyCommand, decode_commands, encode_commands
from openbourse.log.errors import DamagedLogError, LogError
from openbourse.log.high_water import HighWater, Mark
from openbourse.log.skip_list import FORMAT_WITH_SKIPS, add_skipped, read_skipped
from openbourse.log.sqlite_file import RESTORE, connect, failure
from openbourse.log.wal_tail import frames_written

APPLICATION_ID: Final = 0x4F424C47  # "OBLG": SQLite files of other programs carry another number
FORMAT_VERSION: Final = 1
START_DIGEST: Final = bytes(32)

_CREATE = f"""
BEGIN IMMEDIATE;
CREATE TABLE batches (
    first_sequence INTEGER PRIMARY KEY,
    count INTEGER NOT NULL,
    payload BLOB NOT NULL,
    digest BLOB NOT NULL
);
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {FORMAT_VERSION};
COMMIT;
"""
_INSERT = "INSERT INTO batches (first_sequence, count, payload, digest) VALUES (?, ?, ?, ?)"
_ROWS = "SELECT first_sequence, count, payload, digest FROM batches"

# A reader fetches about this much at a time and then lets go of the file: a read that stays open would keep
# SQLite from recycling its write-ahead file.
_PAGE_ROWS: Final = 256
_PAGE_BYTES: Final = 4_000_000

_warnings = structlog.get_logger(__name__)


class Batch(NamedTuple):
    """One row of the log."""

    first_sequence: int
    size: int
    payload: bytes
    digest: bytes

    @property
    def last_sequence(self) -> int:
        return self.first_sequence + self.size - 1


class SqliteLog:
    """A CommandLog in the file `path`, made when it is not there; its high-water mark lies beside it.

    With `read_only` the file must exist and is never changed: another process may be writing to it, and
    `last_sequence` is then that of the moment of opening. Raises LogError for anything that is not a log of
    this program, and DamagedLogError when its newest commands are gone.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path
        self.read_only = read_only
        self._high_water = HighWater(path.with_suffix(".mark"))
        # Read before the file is opened: a writer in another process moves the mark after its commits.
        mark = self._read_mark()
        self._failure: LogError | None = None
        frames = 0 if read_only else frames_written(path.with_name(f"{path.name}-wal"))
        self._connection = connect(path, read_only=read_only)
        try:
            self._prepare()
            self._tell_of_cut(frames)
            self._head = self._read_head()
            self._check_mark(mark)
            self._skipped = self._read_skipped()
            if not read_only and self._head.sequence and mark != self._head:
                self._move_mark()
        except BaseException:
            self._connection.close()
            raise

    @property
    def last_sequence(self) -> int:
        return self._head.sequence

    @property
    def skipped(self) -> frozenset[int]:
        """See CommandLog.skipped; as it was when the log was opened."""
        return self._skipped

    @property
    def last_digest(self) -> bytes:
        """The end of the chain: two logs with equal last digests hold the same commands."""
        return self._head.digest

    # -- writing ----------------------------------------------------------------------------------

    def append(self, commands: list[AnyCommand]) -> None:
        """See CommandLog.append."""
        if self._failure is not None:
            raise LogError(f"the log takes no more commands after an earlier failure: {self._failure}")
        if self.read_only:
            raise LogError(f"{self.path} is open for reading only")
        if not commands:
            return
        first, payload = self._head.sequence + 1, encode_commands(commands)
        digest = _digest(self._head.digest, first, len(commands), payload)
        try:
            # A transaction by itself, so that this thread waits for the interpreter once and not three times.
            self._connection.execute(_INSERT, (first, len(commands), payload, digest))
        except sqlite3.Error as error:
            # After a failed sync nobody knows what the disk holds; only opening the file anew can tell.
            self._failure = failure(self.path, error)
            raise self._failure from error
        self._head = Mark(first + len(commands) - 1, digest)
        self._move_mark()

    def skip(self, sequence: int) -> None:
        """Take a command out for good, which the caller has tried to apply. Raises LogError."""
        if self.read_only or not 1 <= sequence <= self.last_sequence:
            raise LogError(
                f"{self.path} cannot skip command {sequence}: it does not have it, or is read only"
            )
        try:
            add_skipped(self._connection, sequence)
        except sqlite3.Error as error:
            raise failure(self.path, error) from error
        self._skipped |= {sequence}

    def _move_mark(self) -> None:
        try:
            self._high_water.write(self._head)
        except OSError as error:
            # The batch is durable: a mark that lags behind only makes a lost tail harder to notice.
            _warnings.warning("high_water_mark_not_written", error=str(error))

    # -- reading ----------------------------------------------------------------------------------

    def read(self, after: int) -> Iterator[tuple[int, list[AnyCommand]]]:
        """See CommandLog.read; a batch that holds `after` in its middle is given from the next command on."""
        for batch in self.batches(after):
            commands = self._decode(batch)
            skipped = max(0, after + 1 - batch.first_sequence)
            yield batch.first_sequence + skipped, commands[skipped:]

    def batches(self, after: int) -> Iterator[Batch]:
        """The checked rows that hold commands above `after`."""
        end = self._head.sequence  # a writer may go on meanwhile
        connection = connect(self.path, read_only=True)
        try:
            previous = self._row_before(connection, after)
            while page := self._page(connection, previous.sequence):
                for batch in page:
                    self._check(batch, previous)
                    previous = Mark(batch.last_sequence, batch.digest)
                    yield batch
        except sqlite3.Error as error:
            raise failure(self.path, error) from error
        finally:
            connection.close()
        if previous.sequence < end:
            raise self._damaged(previous.sequence + 1, "is missing")

    def _row_before(self, connection: sqlite3.Connection, after: int) -> Mark:
        """Where the chain stands before the first row that holds a command above `after`."""
        row = connection.execute(
            f"{_ROWS} WHERE first_sequence + count - 1 <= ? AND first_sequence <= ? "
            "ORDER BY first_sequence DESC LIMIT 1",
            (after, after),
        ).fetchone()
        if row is None:
            return Mark(0, START_DIGEST)
        batch = self._batch(row)
        return Mark(batch.last_sequence, batch.digest)

    def _page(self, connection: sqlite3.Connection, after: int) -> list[Batch]:
        page: list[Batch] = []
        size = 0
        cursor = connection.execute(f"{_ROWS} WHERE first_sequence > ? ORDER BY first_sequence", (after,))
        for row in cursor:
            page.append(self._batch(row))
            size += len(page[-1].payload)
            if len(page) >= _PAGE_ROWS or size >= _PAGE_BYTES:
                break
        cursor.close()
        return page

    def _batch(self, row: tuple[object, ...]) -> Batch:
        first, count, payload, digest = row
        if not isinstance(first, int) or not isinstance(count, int) or count < 1:
            raise DamagedLogError(f"{self.path} holds a row that is no batch ({first!r}); {RESTORE}")
        if not isinstance(payload, bytes) or not isinstance(digest, bytes):
            raise self._damaged(first, "is not as it was written")
        return Batch(first, count, payload, digest)

    def _check(self, batch: Batch, previous: Mark) -> None:
        if batch.first_sequence > previous.sequence + 1:
            raise self._damaged(previous.sequence + 1, f"is missing (next is {batch.first_sequence})")
        if batch.first_sequence <= previous.sequence:
            raise self._damaged(batch.first_sequence, "is there twice")
        if batch.digest != _digest(previous.digest, *batch[:3]):
            raise self._damaged(batch.first_sequence, "is not as it was written, or not in its place")

    def _decode(self, batch: Batch) -> list[AnyCommand]:
        try:
            commands = decode_commands(batch.payload)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise LogError(
                f"{self.path}: the batch at sequence {batch.first_sequence} is intact but this version of "
                f"the program cannot read it ({error}); use the version that wrote it"
            ) from None
        if len(commands) != batch.size:
            raise self._damaged(batch.first_sequence, f"holds {len(commands)} commands, not {batch.size}")
        return commands

    def _damaged(self, sequence: int, what: str) -> DamagedLogError:
        return DamagedLogError(f"{self.path} is damaged: the batch at sequence {sequence} {what}; {RESTORE}")

    # -- opening and closing ----------------------------------------------------------------------

    def _prepare(self) -> None:
        try:
            self._identify()
            if not self.read_only:
                self._connection.execute("PRAGMA journal_mode = WAL")
                self._connection.execute("PRAGMA synchronous = FULL")
                self._connection.execute("PRAGMA fullfsync = 1")  # macOS syncs for real only when asked twice
        except sqlite3.Error as error:
            raise failure(self.path, error) from error

    def _identify(self) -> None:
        application = self._pragma("application_id")
        if application == 0 and self._pragma("schema_version") == 0 and not self.read_only:
            self._connection.executescript(_CREATE)
        elif application != APPLICATION_ID:
            raise LogError(f"{self.path} is not a command log of this program; choose another data directory")
        version = self._pragma("user_version")
        if version not in (FORMAT_VERSION, FORMAT_WITH_SKIPS):
            raise LogError(
                f"{self.path} has log format {version}, this version of the program knows {FORMAT_VERSION} "
                f"and "
                f"{FORMAT_WITH_SKIPS}; use the version that wrote it"
            )

    def _tell_of_cut(self, written: int) -> None:
        """A commit that was under way when the power went was never acknowledged: SQLite cuts it off."""
        if not written:
            return
        try:
            _, whole, _ = self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        except sqlite3.Error as error:
            raise failure(self.path, error) from error
        if written > whole:
            _warnings.warning("unfinished_end_of_log_cut", log=str(self.path), pages=written - max(0, whole))

    def _pragma(self, name: str) -> int:
        return int(self._connection.execute(f"PRAGMA {name}").fetchone()[0])

    def _read_head(self) -> Mark:
        try:
            row = self._connection.execute(f"{_ROWS} ORDER BY first_sequence DESC LIMIT 1").fetchone()
        except sqlite3.Error as error:
            raise failure(self.path, error) from error
        if row is None:
            return Mark(0, START_DIGEST)
        batch = self._batch(row)
        return Mark(batch.last_sequence, batch.digest)

    def _read_skipped(self) -> frozenset[int]:
        try:
            if self._pragma("user_version") == FORMAT_VERSION:
                return frozenset()
            return read_skipped(self._connection, str(self.path))
        except sqlite3.Error as error:
            raise failure(self.path, error) from error

    def _read_mark(self) -> Mark | None:
        try:
            return self._high_water.read()
        except LogError as error:
            _warnings.warning("high_water_mark_unusable", error=str(error))
            return None

    def _check_mark(self, mark: Mark | None) -> None:
        if mark is None:
            return
        if mark.sequence > self._head.sequence:
            raise DamagedLogError(
                f"{self.path} has lost commands: it ends at sequence {self._head.sequence}, but "
                f"{mark.sequence} were acknowledged; {RESTORE} "
                f"(removing {self._high_water.path.name} accepts the loss)"
            )
        try:
            if mark != self._row_before(self._connection, mark.sequence):
                raise self._damaged(mark.sequence, "is not the one that was acknowledged")
        except sqlite3.Error as error:
            raise failure(self.path, error) from error

    def close(self) -> None:
        """Let go of the files; SQLite folds its write-ahead file into the log."""
        self._high_water.close()
        try:
            self._connection.close()
        except sqlite3.Error as error:
            raise failure(self.path, error) from error


def _digest(previous: bytes, first_sequence: int, count: int, payload: bytes) -> bytes:
    chained = sha256(previous)
    chained.update(first_sequence.to_bytes(8, "big"))
    chained.update(count.to_bytes(8, "big"))
    chained.update(payload)
    return chained.digest()
