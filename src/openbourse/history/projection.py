"""Applied commands to rows, exactly once: the only writer of the history."""

from typing import Final

from sqlalchemy import Connection, Engine, Table, select, update

from openbourse.core.events import Applied
from openbourse.history import tables
from openbourse.history.bulk import BulkInsert
from openbourse.history.candle_writer import CandleWriter
from openbourse.history.rows import RowCollector
from openbourse.history.tables import progress

# What changes in a row after it was first written, in the tables whose rows have a life.
_CHANGING: Final[dict[Table, tuple[str, ...]]] = {
    tables.deposits: ("credited", "confirmations", "irreversible", "status", "note", "updated_at"),
    tables.withdrawals: ("status", "tx_id", "confirmations", "note", "updated_at"),
}


class SequenceGapError(Exception):
    """Commands are missing between what the history has and what it was given."""


class Projection:
    """Writes batches of applied commands; belongs to one thread.

    A batch is one transaction, which also moves `applied_sequence`. So after any failure the history
    stands at the end of some batch, and giving it the same commands again does no harm.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._candles = CandleWriter(engine)
        self._inserts = _insert_statements(engine)
        self._sequence = 0
        self._time = 0
        self._certain = False  # whether the three above are known to be what the database holds

    def apply(self, batch: list[Applied]) -> int:
        """Write those commands of `batch` (ascending, gapless) that are new; returns the sequence reached.

        Raises SequenceGapError when commands are missing before it, or the error of the database; nothing
        of the batch is written then.
        """
        if not self._certain:
            self._read_progress()
        fresh = [applied for applied in batch if applied.sequence > self._sequence]
        if not fresh:
            return self._sequence
        _check_gapless(fresh, self._sequence)
        self._certain = False
        with self._engine.begin() as connection:
            time = self._write(connection, fresh)
        self._sequence, self._time = fresh[-1].sequence, time
        self._certain = True
        return self._sequence

    def _write(self, connection: Connection, fresh: list[Applied]) -> int:
        time = self._time
        collected = RowCollector()
        for applied in fresh:
            time = max(time, applied.command.time)  # as the core does: time never runs back
            collected.add(applied, time)
        self._claim(connection, fresh[-1].sequence, time)
        for table, rows in collected.rows.items():
            self._inserts[table].execute(connection, rows)
        self._candles.write(connection, collected.rows.get(tables.trades, ()))
        return time

    def _claim(self, connection: Connection, sequence: int, time: int) -> None:
        """Move the progress row first: a second writer would wait here, and then find it moved."""
        claim = (
            update(progress)
            .where(progress.c.applied_sequence == self._sequence)
            .values(applied_sequence=sequence, applied_time=time)
        )
        if connection.execute(claim).rowcount != 1:
            raise RuntimeError("somebody else writes to this history")

    def _read_progress(self) -> None:
        self._candles.forget()
        with self._engine.connect() as connection:
            query = select(progress.c.applied_sequence, progress.c.applied_time)
            self._sequence, self._time = connection.execute(query).one()
        self._certain = True


def _check_gapless(fresh: list[Applied], reached: int) -> None:
    for expected, applied in enumerate(fresh, reached + 1):
        if applied.sequence != expected:
            raise SequenceGapError(
                f"history was given command {applied.sequence} where {expected} comes next"
            )


def _insert_statements(engine: Engine) -> dict[Table, BulkInsert]:
    """How rows of each table are written; all of them may be written again without harm."""
    statements = {table: BulkInsert(engine, table) for table in tables.metadata.sorted_tables}
    for table, updated in _CHANGING.items():
        statements[table] = BulkInsert(engine, table, updated)
    return statements
