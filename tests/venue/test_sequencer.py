"""The sequencer: one order, durable before answered, and nobody is left waiting."""

import asyncio
import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from openbourse.core import snapshot
from openbourse.core.commands import AnyCommand, Deposit, OpenUser
from openbourse.core.events import AnyEvent, Applied, Deposited, Refused
from openbourse.core.exchange import Exchange
from openbourse.log.command_log import CommandLog
from openbourse.log.errors import LogError, PoisonedCommandError
from openbourse.log.recovery import recover
from openbourse.log.snapshots import SnapshotStore
from openbourse.log.sqlite_log import SqliteLog
from openbourse.venue.clock import SystemClock
from openbourse.venue.sequencer import Busy, OutcomeUnknown, Sequencer, VenueStopped
from tests.log.venues import traffic
from tests.waiting import SECONDS


class GatedLog:
    """A log in memory whose commits wait until they are let through, and fail when told to."""

    def __init__(self) -> None:
        self.batches: list[list[AnyCommand]] = []
        self.entered = threading.Semaphore(0)
        self.gate = threading.Semaphore(0)
        self.failure: Exception | None = None

    @property
    def skipped(self) -> frozenset[int]:
        return frozenset()

    @property
    def last_sequence(self) -> int:
        return sum(map(len, self.batches))

    def append(self, commands: list[AnyCommand]) -> None:
        self.entered.release()
        self.gate.acquire()
        if self.failure is not None:
            raise self.failure
        self.batches.append(list(commands))

    def read(self, after: int) -> Iterator[tuple[int, list[AnyCommand]]]:
        raise NotImplementedError

    def close(self) -> None: ...


class Bench:
    """A sequencer on a log, with everything that it fed to the read side."""

    def __init__(self, log: CommandLog, **limits: int) -> None:
        self.exchange = Exchange()
        self.fed: list[list[Applied]] = []
        self.failures: list[Exception] = []
        self.sequencer = Sequencer(
            self.exchange, log, self.fed.append, SystemClock(), on_failure=self.failures.append, **limits
        )

    @property
    def applied(self) -> list[Applied]:
        return [each for batch in self.fed for each in batch]


@contextlib.asynccontextmanager
async def running(log: CommandLog, **limits: int) -> AsyncIterator[Bench]:
    bench = Bench(log, **limits)
    bench.sequencer.start()
    try:
        async with asyncio.timeout(2 * SECONDS):  # whoever is left waiting shows as a failure
            yield bench
    finally:
        if isinstance(log, GatedLog):
            log.gate.release(1000)
        async with asyncio.timeout(SECONDS):
            await bench.sequencer.stop()


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SqliteLog]:
    log = SqliteLog(tmp_path / "commands.db")
    yield log
    log.close()


@pytest.fixture
def gated() -> GatedLog:
    return GatedLog()


async def entered(log: GatedLog) -> None:
    """Wait until a commit is under way."""
    assert await asyncio.to_thread(log.entered.acquire, timeout=SECONDS)


async def turns(count: int = 20) -> None:
    """Let the loop do whatever it could do."""
    for _ in range(count):
        await asyncio.sleep(0.001)


def users(count: int) -> list[AnyCommand]:
    return [OpenUser(1, user) for user in range(1, count + 1)]


async def test_answers_are_the_events_of_the_core(log: SqliteLog) -> None:
    commands, judge = traffic(500), Exchange()
    async with running(log) as bench:
        answers = await asyncio.gather(*map(bench.sequencer.submit, commands))
    assert answers == [judge.apply(command) for command in commands]
    assert snapshot.dump(bench.exchange) == snapshot.dump(judge)
    assert [each.sequence for each in bench.applied] == list(range(1, 501))
    assert [command for _, batch in log.read(0) for command in batch] == list(commands)


async def test_commands_of_one_turn_share_a_commit(log: SqliteLog) -> None:
    async with running(log) as bench:
        await asyncio.gather(*map(bench.sequencer.submit, users(300)))
    assert [batch.size for batch in log.batches(0)] == [300]


async def test_what_arrives_during_a_commit_is_the_next_batch(gated: GatedLog) -> None:
    async with running(gated) as bench:
        waiting = [bench.sequencer.submit(OpenUser(1, 1))]
        await entered(gated)
        for user in range(2, 50):
            waiting.append(bench.sequencer.submit(OpenUser(1, user)))
            await asyncio.sleep(0)
        gated.gate.release(2)
        await asyncio.gather(*waiting)
    assert [len(batch) for batch in gated.batches] == [1, 48]
    assert bench.sequencer.batches == 2


async def test_batches_are_bounded_and_calls_stay_whole(gated: GatedLog) -> None:
    async with running(gated, max_batch=10) as bench:
        waiting = [bench.sequencer.submit_all(users(size)) for size in (4, 4, 4, 10, 1)]
        gated.gate.release(10)
        await asyncio.gather(*waiting)
        with pytest.raises(ValueError, match="at most 10 commands"):
            bench.sequencer.submit_all(users(11))
        with pytest.raises(ValueError, match="must be a command"):
            bench.sequencer.submit_all([])
    assert [len(batch) for batch in gated.batches] == [8, 4, 10, 1]


async def test_nothing_is_answered_or_visible_before_its_commit(gated: GatedLog) -> None:
    async with running(gated) as bench:
        waiting = bench.sequencer.submit(OpenUser(1, 1))
        await entered(gated)
        await turns()
        assert not waiting.done()
        assert bench.exchange.sequence == 0
        assert bench.fed == []
        gated.gate.release()
        await waiting
        assert bench.exchange.sequence == 1


async def test_the_next_batch_commits_while_one_is_applied(gated: GatedLog) -> None:
    async with running(gated) as bench:
        first = bench.sequencer.submit(OpenUser(1, 1))
        await entered(gated)
        second = bench.sequencer.submit(OpenUser(1, 2))
        gated.gate.release()
        await first
        await entered(gated)  # its commit has begun
        assert not second.done()


async def test_commands_submitted_together_are_adjacent(log: SqliteLog) -> None:
    async with running(log) as bench:

        async def submit_group(group: int) -> None:
            for _ in range(5):
                commands = [Deposit(1, f"{group}-{index}", group, "BTC", 1) for index in range(7)]
                answers = await bench.sequencer.submit_all(commands)
                assert len(answers) == 7
                await asyncio.sleep(random.random() / 1000)

        await asyncio.gather(*map(submit_group, range(20)))
    stored = [command for _, batch in log.read(0) for command in batch]
    groups = [command.user for command in stored if isinstance(command, Deposit)]
    assert len(groups) == 700
    assert all(len(set(groups[start : start + 7])) == 1 for start in range(0, 700, 7))


async def test_the_read_side_is_fed_before_the_answer(log: SqliteLog) -> None:
    async with running(log) as bench:
        await bench.sequencer.submit(OpenUser(1, 1))
        assert [each.sequence for each in bench.applied] == [1]


async def test_the_read_side_may_submit_commands_itself(gated: GatedLog) -> None:
    gated.gate.release(10)
    followers: list[asyncio.Future[list[AnyEvent]]] = []
    bench: Bench

    def react(applied: list[Applied]) -> None:
        if not followers:
            followers.append(bench.sequencer.submit(OpenUser(1, 2)))

    bench = Bench(gated)
    bench.sequencer = Sequencer(bench.exchange, gated, react, SystemClock())
    bench.sequencer.start()
    await bench.sequencer.submit(OpenUser(1, 1))
    await asyncio.wait_for(followers[0], SECONDS)
    await bench.sequencer.stop()


async def test_a_full_queue_says_so_and_takes_nothing(gated: GatedLog) -> None:
    async with running(gated, max_pending=5) as bench:
        waiting = [bench.sequencer.submit(command) for command in users(4)]
        with pytest.raises(Busy):
            bench.sequencer.submit_all(users(2))
        waiting.append(bench.sequencer.submit(OpenUser(1, 5)))
        with pytest.raises(Busy):
            bench.sequencer.submit(OpenUser(1, 6))
        gated.gate.release(10)
        await asyncio.gather(*waiting)
        await bench.sequencer.submit(OpenUser(1, 7))  # there is room again
    assert bench.exchange.sequence == 6
    assert bench.sequencer.pending == 0


async def test_a_client_that_goes_disturbs_nobody(gated: GatedLog) -> None:
    async with running(gated) as bench:

        async def wait_for(user: int) -> list[AnyEvent]:
            return await bench.sequencer.submit(OpenUser(1, user))

        tasks = [asyncio.create_task(wait_for(user)) for user in (1, 2, 3)]
        await entered(gated)
        tasks[1].cancel()
        await asyncio.gather(tasks[1], return_exceptions=True)
        gated.gate.release()
        first, third = await asyncio.gather(tasks[0], tasks[2])
    assert first == bench.applied[0].events
    assert third == bench.applied[2].events
    assert bench.exchange.user_terms(2) is not None  # carried out all the same


# -- bad days -------------------------------------------------------------------------------------


async def test_a_failed_commit_stops_the_venue_and_tells_everybody(gated: GatedLog) -> None:
    async with running(gated) as bench:
        gated.gate.release()
        await bench.sequencer.submit(OpenUser(1, 1))
        await entered(gated)
        gated.failure = LogError("the disk is full")
        waiting = [bench.sequencer.submit(OpenUser(1, 2))]
        await entered(gated)
        waiting += [bench.sequencer.submit(OpenUser(1, user)) for user in (3, 4)]
        gated.gate.release(5)
        for future in waiting:
            with pytest.raises(VenueStopped, match="outcome of the command is unknown") as caught:
                await future
            assert caught.value.__cause__ is gated.failure
        with pytest.raises(VenueStopped):
            bench.sequencer.submit(OpenUser(1, 5))
        assert bench.failures == [gated.failure]
        assert bench.sequencer.failure is gated.failure
    assert bench.exchange.sequence == gated.last_sequence == 1


class FaultyExchange:
    """Fails at its third command."""

    def __init__(self) -> None:
        self.sequence = 0
        self.now = 0

    def apply(self, command: AnyCommand) -> list[AnyEvent]:
        self.sequence += 1
        if self.sequence == 3:
            raise ZeroDivisionError
        return [Refused("invalid_request")]


async def test_a_fault_of_the_core_stops_the_venue_and_the_log_keeps_the_commands(tmp_path: Path) -> None:
    log = SqliteLog(tmp_path / "commands.db")
    failures: list[Exception] = []
    fed: list[list[Applied]] = []
    sequencer = Sequencer(FaultyExchange(), log, fed.append, SystemClock(), on_failure=failures.append)
    sequencer.start()
    await asyncio.gather(*map(sequencer.submit, users(2)))
    results = await asyncio.gather(*map(sequencer.submit, users(3)), return_exceptions=True)
    assert [type(result) for result in results] == [OutcomeUnknown] * 3
    (failure,) = failures
    assert isinstance(failure, PoisonedCommandError)
    assert (failure.sequence, failure.command) == (3, OpenUser(1, 1))
    assert isinstance(failure.__cause__, ZeroDivisionError)
    await asyncio.wait_for(sequencer.stop(), SECONDS)
    assert len(fed) == 1
    result = recover(log, SnapshotStore(tmp_path / "snapshots"))
    assert result.exchange.sequence == 5


async def test_a_fault_of_the_read_side_stops_the_venue(log: SqliteLog) -> None:
    def fail(applied: list[Applied]) -> None:
        raise OSError(28, "No space left on device")

    sequencer = Sequencer(Exchange(), log, fail, SystemClock())
    sequencer.start()
    with pytest.raises(VenueStopped):
        await sequencer.submit(OpenUser(1, 1))
    assert isinstance(sequencer.failure, OSError)
    await asyncio.wait_for(sequencer.stop(), SECONDS)


# -- start and end --------------------------------------------------------------------------------


async def test_stopping_finishes_what_was_accepted_and_refuses_the_rest(gated: GatedLog) -> None:
    async with running(gated, max_batch=10) as bench:
        waiting = [bench.sequencer.submit(command) for command in users(35)]
        stopping = [asyncio.create_task(bench.sequencer.stop()) for _ in range(2)]
        await turns(2)
        with pytest.raises(VenueStopped):
            bench.sequencer.submit(OpenUser(1, 99))
        gated.gate.release(10)
        await asyncio.wait_for(asyncio.gather(*stopping), SECONDS)
        assert all(future.done() for future in waiting)
    assert bench.exchange.sequence == gated.last_sequence == 35


async def test_it_does_not_start_on_a_state_that_is_not_recovered(log: SqliteLog) -> None:
    log.append(users(3))
    with pytest.raises(LogError, match="recover before starting"):
        Bench(log).sequencer.start()


async def test_before_the_start_and_after_the_end_nothing_is_taken(log: SqliteLog) -> None:
    bench = Bench(log)
    with pytest.raises(VenueStopped):
        bench.sequencer.submit(OpenUser(1, 1))
    await bench.sequencer.stop()
    bench.sequencer.start()
    await bench.sequencer.stop()
    with pytest.raises(VenueStopped):
        bench.sequencer.submit(OpenUser(1, 1))


async def test_time_stamps_never_fall_behind_the_log(log: SqliteLog) -> None:
    future = 10**13
    async with running(log) as bench:
        await bench.sequencer.submit(OpenUser(future, 1))
        assert bench.sequencer.now() == future


# -- sudden death ---------------------------------------------------------------------------------

_WRITER = """
import asyncio, os, sys
from pathlib import Path
from openbourse.core.commands import Deposit, OpenUser
from openbourse.log.recovery import recover
from openbourse.log.snapshots import SnapshotStore
from openbourse.log.sqlite_log import SqliteLog
from openbourse.venue.clock import SystemClock
from openbourse.venue.sequencer import Sequencer

async def main(folder, life):
    log = SqliteLog(folder / "commands.db")
    exchange = recover(log, SnapshotStore(folder / "snapshots")).exchange
    sequencer = Sequencer(exchange, log, lambda applied: None, SystemClock())
    sequencer.start()
    await sequencer.submit(OpenUser(1, 1))

    async def deposit(client):
        for number in range(10**9):
            key = f"{life}-{client}-{number}"
            await sequencer.submit(Deposit(sequencer.now(), key, 1, "BTC", 1))
            os.write(1, key.encode() + b"\\n")

    await asyncio.gather(*map(deposit, range(20)))

asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
"""


def test_kill_9_at_any_moment_loses_nothing_acknowledged(tmp_path: Path) -> None:
    seed = int(os.environ.get("OPENBOURSE_TEST_SEED", "1"))
    moments = random.Random(seed)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    acknowledged: set[str] = set()
    for life in range(6):
        writer = subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(tmp_path), str(life)], stdout=subprocess.PIPE, env=environment
        )
        assert writer.stdout is not None
        first = writer.stdout.readline()
        killer = threading.Timer(moments.uniform(0.0, 0.3), writer.send_signal, [signal.SIGKILL])
        killer.start()
        told = first + writer.stdout.read()
        writer.wait()
        whole = told[: told.rfind(b"\n") + 1].decode().split()
        assert whole, f"seed {seed}: the writer said nothing in life {life}"
        acknowledged.update(whole)

        log = SqliteLog(tmp_path / "commands.db")
        result = recover(log, SnapshotStore(tmp_path / "snapshots"))
        stored = {
            command.key for _, batch in log.read(0) for command in batch if isinstance(command, Deposit)
        }
        assert acknowledged <= stored, f"seed {seed}, life {life}"
        assert result.exchange.balances(1, "spot")["BTC"] == (len(stored), 0)
        if life % 2:
            SnapshotStore(tmp_path / "snapshots").save(result.exchange)
        log.close()


async def test_deposits_through_the_sequencer_say_what_they_did(log: SqliteLog) -> None:
    async with running(log) as bench:
        _, events = await bench.sequencer.submit_all([OpenUser(1, 1), Deposit(1, "k", 1, "BTC", 5)])
    assert any(isinstance(event, Deposited) and event.amount == 5 for event in events)
