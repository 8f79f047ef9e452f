"""Rows are written exactly once, whatever is repeated, cut, missing or failing."""

import itertools
import random
from pathlib import Path

import pytest
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import OperationalError

from openbourse.core.commands import decode_commands, encode_commands
from openbourse.core.events import Applied
from openbourse.core.exchange import Exchange
from openbourse.history import tables
from openbourse.history.bulk import Row
from openbourse.history.candle_writer import CandleWriter
from openbourse.history.history import History
from openbourse.history.projection import SequenceGapError
from tests.market_data.recorded import recorded

Content = dict[str, list[tuple[object, ...]]]


def content(history: History) -> Content:
    """Every row of every table."""
    with history.engine.connect() as connection:
        return {
            table.name: sorted(tuple(row) for row in connection.execute(select(table)))
            for table in tables.metadata.sorted_tables
        }


def test_deleted_and_applied_again_it_holds_the_same(record: list[Applied], tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/history.db"
    history = History(url)
    for first in range(0, len(record), 100):
        history.apply(record[first : first + 100])
    first_content = content(history)
    history.close()
    for file in tmp_path.iterdir():
        file.unlink()
    again = History(url)
    assert again.applied_sequence() == 0
    again.apply(record)
    assert content(again) == first_content
    assert all(first_content.values()), "the stream must reach every table"
    again.close()


def test_replaying_the_commands_gives_the_same(record: list[Applied]) -> None:
    """As the venue rebuilds it: the log's bytes through a new exchange."""
    original, rebuilt, exchange = History("sqlite://"), History("sqlite://"), Exchange()
    original.apply(record[:5000])
    for command in decode_commands(encode_commands([applied.command for applied in record[:5000]])):
        events = exchange.apply(command)
        rebuilt.apply([Applied(exchange.sequence, command, events)])
    assert content(rebuilt) == content(original)
    original.close()
    rebuilt.close()


@pytest.mark.parametrize("seed", range(4))
def test_how_the_stream_is_cut_repeated_and_interrupted_does_not_matter(seed: int, tmp_path: Path) -> None:
    record, pick = recorded(seed, 800), random.Random(seed)
    whole = History("sqlite://")
    whole.apply(record)
    url = f"sqlite:///{tmp_path}/history.db"
    pieces = History(url)
    reached = 0
    while reached < len(record):
        start = pick.randint(max(0, reached - 50), reached)
        end = pick.randint(start, min(len(record), start + 120))
        reached = max(reached, end)
        assert pieces.apply(record[start:end]) == reached
        if pick.random() < 0.2:
            pieces.close()
            pieces = History(url)
        assert pieces.applied_sequence() == reached
    assert content(pieces) == content(whole)
    pieces.close()
    whole.close()


def test_missing_commands_are_refused(record: list[Applied], url: str) -> None:
    history = History(url)
    history.apply(record[:10])
    before = content(history)
    for batch in (record[11:20], record[5:10] + record[11:12], record[10:12] + record[13:14]):
        with pytest.raises(SequenceGapError):
            history.apply(batch)
        assert content(history) == before
    assert history.apply(record[5:14]) == 14
    history.close()


def test_a_failure_leaves_nothing_of_its_batch(
    record: list[Applied], url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    history, undisturbed = History(url), History("sqlite://")
    undisturbed.apply(record[:1500])
    write = CandleWriter.write
    calls = itertools.count()

    def failing(self: CandleWriter, connection: Connection, trade_rows: list[Row]) -> None:
        write(self, connection, trade_rows)
        if next(calls) % 2 == 0:
            raise OSError("disk full")

    monkeypatch.setattr(CandleWriter, "write", failing)
    for first in range(0, 1500, 300):
        before = content(history)
        with pytest.raises(OSError, match="disk full"):
            history.apply(record[first : first + 300])
        assert content(history) == before
        history.apply(record[first : first + 300])
    assert content(history) == content(undisturbed)
    history.close()
    undisturbed.close()


def test_a_second_writer_is_noticed(record: list[Applied], url: str) -> None:
    one, other = History(url), History(url)
    one.apply(record[:10])
    other.apply(record[:20])
    with pytest.raises(RuntimeError, match="somebody else"):
        one.apply(record[10:30])
    assert one.apply(record[10:30]) == 30
    with one.engine.connect() as connection:
        twice = connection.execute(
            text("SELECT count(*), count(DISTINCT sequence || '/' || position) FROM balance_changes")
        ).one()
    assert twice[0] == twice[1]
    one.close()
    other.close()


def test_a_locked_database_fails_and_may_be_tried_again(record: list[Applied], url: str) -> None:
    history, other = History(url), History(url)
    with history.engine.connect() as connection:
        connection.execute(text("PRAGMA busy_timeout = 10"))
    with other.engine.connect() as lock:
        lock.exec_driver_sql("BEGIN IMMEDIATE")
        with pytest.raises(OperationalError, match="locked"):
            history.apply(record[:10])
        lock.rollback()
    assert history.apply(record[:10]) == 10
    history.close()
    other.close()
