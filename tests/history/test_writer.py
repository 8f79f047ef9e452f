"""The writer beside a running venue: queries see what was applied, failures lose nothing."""

import asyncio
import logging
import threading
import time

import pytest
from sqlalchemy import Connection, func, select, text

from openbourse.core.events import Applied
from openbourse.history import tables, writer
from openbourse.history.history import History
from openbourse.history.reader import HistoryReader
from openbourse.history.writer import HistoryUnavailableError, HistoryWriter
from tests.waiting import SECONDS, until


def count_orders(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(tables.orders)).scalar_one()


class Failing(History):
    """A history whose database can be switched off, and which counts how often it was asked to write."""

    down = False
    tries = 0

    def apply(self, batch: list[Applied]) -> int:
        self.tries += 1
        if self.down:
            raise OSError("no space left on device")
        return super().apply(batch)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(writer, "LONGEST_PAUSE", 0.02)


async def test_a_query_sees_everything_that_was_applied_before_it(record: list[Applied], url: str) -> None:
    history = History(url)
    feeder = HistoryWriter(history)
    feeder.start()
    reader = HistoryReader(history, feeder)
    finished = 0
    for first in range(0, 3000, 60):
        batch = record[first : first + 60]
        finished += sum(
            getattr(event, "change", "") == "finished" for applied in batch for event in applied.events
        )
        feeder.add(batch)
        assert await reader.ask(count_orders, batch[-1].sequence) == finished
    assert feeder.sequence == 3000
    assert await feeder.stop()
    reader.close()
    history.close()


async def test_writing_and_asking_leave_the_loop_alone(record: list[Applied], url: str) -> None:
    history = History(url)
    threads: set[int] = set()
    history_apply = history.apply

    def noting(batch: list[Applied]) -> int:
        threads.add(threading.get_ident())
        return history_apply(batch)

    history.apply = noting  # type: ignore[method-assign]
    feeder = HistoryWriter(history)
    feeder.start()
    for applied in record[:200]:
        feeder.add([applied])
        await asyncio.sleep(0)
    await feeder.reached(200)
    reader = HistoryReader(history, feeder)
    reading = await reader.ask(lambda _: threading.get_ident(), 0)
    assert len(threads) == 1
    assert threading.get_ident() not in threads | {reading}
    assert reading not in threads
    assert await feeder.stop()
    reader.close()
    history.close()


@pytest.mark.usefixtures("quick")
async def test_a_failing_database_loses_nothing(
    record: list[Applied], url: str, caplog: pytest.LogCaptureFixture
) -> None:
    history = Failing(url)
    feeder = HistoryWriter(history, capacity=200)
    feeder.start()
    history.down = True
    feeder.add(record[:100])
    await until(lambda: feeder.trouble)
    assert feeder.trouble == "OSError: no space left on device"
    assert feeder.busy
    assert "history cannot be written" in caplog.text
    feeder.add(record[100:600])
    assert feeder.full
    assert feeder.backlog == 600
    reader = HistoryReader(history, feeder)
    assert await reader.ask(count_orders, 0) == 0
    with pytest.raises(HistoryUnavailableError, match="at command 0, 5 was asked for"):
        await feeder.reached(5, seconds=0.05)
    assert feeder._waiting == []
    history.down = False
    await feeder.reached(600)
    assert (feeder.trouble, feeder.busy, feeder.full, feeder.backlog) == ("", False, False, 0)
    assert "history is written again" in caplog.text
    assert await feeder.stop()
    assert history.applied_sequence() == 600
    reader.close()
    history.close()


async def test_who_is_cancelled_while_waiting_is_cancelled_even_if_the_wait_just_ended(
    record: list[Applied], url: str
) -> None:
    """A task that overlooks this goes on, and whoever waits for its end waits for ever."""
    history = History(url)
    feeder = HistoryWriter(history)
    waiting = asyncio.create_task(feeder.reached(1))
    await asyncio.sleep(0)
    feeder._wake(record[0].sequence)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    history.close()


async def test_pauses_between_tries_grow(
    url: str, record: list[Applied], caplog: pytest.LogCaptureFixture
) -> None:
    history = Failing(url)
    history.down = True
    feeder = HistoryWriter(history)
    feeder.start()
    started = time.monotonic()
    feeder.add(record[:5])
    await until(lambda: history.tries >= 3)
    assert time.monotonic() - started >= 0.3  # 0.1 s, then 0.2 s
    with caplog.at_level(logging.CRITICAL):
        assert not await feeder.stop(seconds=0.01)
    history.close()


async def test_stopping_writes_what_is_queued(record: list[Applied], url: str) -> None:
    history = History(url)
    feeder = HistoryWriter(history)
    feeder.start()
    feeder.add(record[:4000])
    waiting = asyncio.ensure_future(feeder.reached(4001))
    await asyncio.sleep(0)
    assert await feeder.stop()
    assert history.applied_sequence() == 4000
    with pytest.raises(HistoryUnavailableError, match="closed"):
        await waiting
    again = HistoryWriter(history)
    again.start()
    assert again.sequence == 4000
    again.add(record[3900:4100])  # replay may repeat
    await again.reached(4100)
    assert await again.stop()
    history.close()


async def test_queries_are_bounded_and_failures_named(record: list[Applied], url: str) -> None:
    history = History(url)
    feeder = HistoryWriter(history)
    feeder.start()
    reader = HistoryReader(history, feeder, threads=1, waiting=2)
    release = threading.Event()
    held = [asyncio.ensure_future(reader.ask(lambda _: release.wait(SECONDS), 0)) for _ in range(2)]
    await asyncio.sleep(0.01)
    with pytest.raises(HistoryUnavailableError, match="too many"):
        await reader.ask(count_orders, 0)
    release.set()
    assert await asyncio.gather(*held) == [True, True]
    with pytest.raises(HistoryUnavailableError, match="cannot be read"):
        await reader.ask(lambda c: c.execute(text("SELECT * FROM nowhere")), 0)
    assert await reader.ask(count_orders, 0) == 0
    assert await feeder.stop()
    reader.close()
    history.close()
