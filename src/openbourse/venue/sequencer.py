"""The sequencer: puts commands into one order, makes them durable, applies them, answers.

Two threads share the work. The loop thread collects and applies commands; one worker thread does nothing
but commit batches to the log. While a batch is being committed the next one gathers, so that one sync of
the disk pays for all commands that arrived during the sync before it. A batch is applied only after its
commit: whatever the state shows is durable.
"""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from typing import Any, Final, Protocol

from openbourse.core.commands import AnyCommand
from openbourse.core.events import AnyEvent, Applied
from openbourse.log.command_log import CommandLog
from openbourse.log.errors import LogError, PoisonedCommandError
from openbourse.venue.clock import Clock
from openbourse.venue.distribution import SIZES, Distribution

MAX_PENDING: Final = 100_000
MAX_BATCH: Final = 2_000


class StateMachine(Protocol):
    """What the sequencer needs of `core.Exchange`."""

    @property
    def sequence(self) -> int: ...

    @property
    def now(self) -> int: ...

    def apply(self, command: AnyCommand) -> list[AnyEvent]: ...


class Busy(Exception):  # noqa: N818 - it says how the venue is, nothing is wrong
    """Too many commands are waiting; nothing was done, try again later."""


class VenueStopped(Exception):  # noqa: N818 - as Busy
    """The venue takes no commands any more; nothing was done."""


class OutcomeUnknown(VenueStopped):
    """The venue has stopped under a command: when that has reached the log it will be carried out."""


class _Batch:
    """Commands that are committed together, in order, and who waits for them.

    Beside the future of each call stands how many commands it submitted; 0 is a single one, whose answer is
    not in a list.
    """

    __slots__ = ("calls", "commands")

    def __init__(self) -> None:
        self.commands: list[AnyCommand] = []
        self.calls: list[tuple[asyncio.Future[Any], int]] = []


class Sequencer:
    """Submit commands to it; it feeds `on_applied` with everything applied, in order, each once.

    `on_applied` runs before the submitters get their answers. `on_failure` is called once when a commit, the
    core or `on_applied` has failed: the venue must be shut down then and recovers when it starts again.
    """

    def __init__(
        self,
        exchange: StateMachine,
        log: CommandLog,
        on_applied: Callable[[list[Applied]], None],
        clock: Clock,
        *,
        on_failure: Callable[[Exception], None] | None = None,
        max_pending: int = MAX_PENDING,
        max_batch: int = MAX_BATCH,
    ) -> None:
        self.failure: Exception | None = None
        self.batches = 0
        self.pending = 0  # submitted and not yet answered
        self.batch_sizes = Distribution(SIZES)
        self.commit_seconds = Distribution()
        self._exchange = exchange
        self._log = log
        self._on_applied = on_applied
        self._on_failure = on_failure
        self._clock = clock
        self._latest = 0
        self._max_pending = max_pending
        self._max_batch = max_batch
        self._waiting: deque[_Batch] = deque()  # commands gather in the last one
        self._committing: deque[_Batch] = deque()  # with the worker, or committed and not yet applied
        self._progress = 0.0  # the loop's time when a batch was finished, or the first of several handed over
        self._commit_due = False  # scheduled, or under way and followed by the next one
        self._closed = True
        self._loop: asyncio.AbstractEventLoop
        self._drained: asyncio.Future[None] | None = None
        self._to_commit: SimpleQueue[_Batch | None] = SimpleQueue()
        self._worker = threading.Thread(target=self._commit_batches, name="log-writer", daemon=True)

    def now(self) -> int:
        """The time stamp for a new command (Unix ms): the clock's, but never before one that was given."""
        latest = max(self._latest, self._clock.now(), self._exchange.now)
        self._latest = latest
        return latest

    @property
    def accepting(self) -> bool:
        """Does it run, and take commands?"""
        return not self._closed

    @property
    def stalled_seconds(self) -> float:
        """For how long a batch has been waiting for the disk, or to be applied, without any progress."""
        return self._loop.time() - self._progress if self._committing else 0.0

    # -- submitting -------------------------------------------------------------------------------

    def submit(self, command: AnyCommand) -> "asyncio.Future[list[AnyEvent]]":
        """Await the events of a command. Raises Busy or VenueStopped.

        Whoever stops awaiting does not take the command back: it is carried out all the same.
        """
        batch = self._room_for(1)
        # Costs half of the loop's `create_future`, and is the same.
        future: asyncio.Future[list[AnyEvent]] = asyncio.Future()
        batch.commands.append(command)
        batch.calls.append((future, 0))
        return future

    def submit_all(self, commands: Sequence[AnyCommand]) -> "asyncio.Future[list[list[AnyEvent]]]":
        """Await the events of several commands that follow one another in the log without any between."""
        count = len(commands)
        if count > self._max_batch:
            raise ValueError(f"at most {self._max_batch} commands may be submitted together")
        if not count:
            raise ValueError("there must be a command to submit")
        batch = self._room_for(count)
        future = self._loop.create_future()
        batch.commands.extend(commands)
        batch.calls.append((future, count))
        return future

    def _room_for(self, count: int) -> _Batch:
        """The batch that takes so many commands."""
        if self._closed:
            raise VenueStopped("the venue is not running") from self.failure
        if self.pending + count > self._max_pending:
            raise Busy(f"{self.pending} commands are waiting")
        self.pending += count
        if self._waiting:
            batch = self._waiting[-1]
            if len(batch.commands) + count <= self._max_batch:
                return batch
        return self._begin_batch()

    def _begin_batch(self) -> _Batch:
        batch = _Batch()
        self._waiting.append(batch)
        if not self._commit_due:
            # At the end of this turn of the loop, so that all commands of the turn share a commit.
            self._commit_due = True
            self._loop.call_soon(self._commit_waiting)
        return batch

    # -- committing -------------------------------------------------------------------------------

    def _commit_waiting(self) -> None:
        self._commit_due = bool(self._waiting)
        if not self._waiting:
            return
        batch = self._waiting.popleft()
        if not self._committing:
            self._progress = self._loop.time()
        self._committing.append(batch)
        self._to_commit.put(batch)

    def _commit_batches(self) -> None:
        """The worker thread: commit until told to end, and report each outcome to the loop."""
        while (batch := self._to_commit.get()) is not None:
            failure: Exception | None = None
            began = time.perf_counter()
            try:
                self._log.append(batch.commands)
            except Exception as error:  # noqa: BLE001 - it is handed on to whoever waits
                failure = error
            seconds = time.perf_counter() - began
            self._loop.call_soon_threadsafe(self._committed, batch, seconds, failure)
            if failure is not None:
                return

    def _committed(self, batch: _Batch, seconds: float, failure: Exception | None) -> None:
        if failure is not None:
            self._fail(failure)
        if self.failure is not None:
            return
        self._commit_waiting()  # first, so that the worker commits while this thread applies
        try:
            applied = self._apply(batch.commands)
            self._on_applied(applied)
        except Exception as error:  # noqa: BLE001 - the state may be half changed: stop, recovery replays
            self._fail(error)
            return
        self._committing.popleft()
        self._progress = self._loop.time()
        self.batches += 1
        self.batch_sizes.add(len(batch.commands))
        self.commit_seconds.add(seconds)
        self._answer(batch, applied)
        self._end_when_drained()

    # -- applying and answering -------------------------------------------------------------------

    def _apply(self, commands: list[AnyCommand]) -> list[Applied]:
        apply = self._exchange.apply
        sequence = self._exchange.sequence
        applied: list[Applied] = []
        for command in commands:
            sequence += 1
            try:
                events = apply(command)
            except Exception as error:
                raise PoisonedCommandError(sequence, command, error) from error
            applied.append(Applied(sequence, command, events))
        if self._exchange.sequence != sequence:
            raise LogError(f"the state is at command {self._exchange.sequence}, the log at {sequence}")
        return applied

    def _answer(self, batch: _Batch, applied: list[Applied]) -> None:
        self.pending -= len(batch.commands)
        index = 0
        for future, count in batch.calls:
            answered = future.done()  # a client may have gone
            if count:
                if not answered:
                    future.set_result([each.events for each in applied[index : index + count]])
                index += count
            else:
                if not answered:
                    future.set_result(applied[index].events)
                index += 1

    def _fail(self, error: Exception) -> None:
        """Stop for good: nothing more is committed or applied, everybody who waits is told."""
        self.failure = error
        self._closed = True
        calls = [call for batch in (*self._committing, *self._waiting) for call in batch.calls]
        self._committing.clear()
        self._waiting.clear()
        self.pending = 0
        for future, _ in calls:
            if not future.done():
                stopped = OutcomeUnknown("the venue has stopped; the outcome of the command is unknown")
                stopped.__cause__ = error
                future.set_exception(stopped)
        self._end_when_drained()
        if self._on_failure is not None:
            self._on_failure(error)

    # -- starting and stopping --------------------------------------------------------------------

    def start(self) -> None:
        """Begin to accept commands; call it once, in the event loop.

        LogError when the state is not that of the end of the log.
        """
        if self._exchange.sequence != self._log.last_sequence:
            raise LogError(
                f"the state is at command {self._exchange.sequence}, the log at {self._log.last_sequence}: "
                "recover before starting"
            )
        self._loop = asyncio.get_running_loop()
        self._closed = False
        self._worker.start()

    async def stop(self) -> None:
        """Accept nothing more, finish what was accepted, end the worker. The log stays open."""
        self._closed = True
        if self.pending:
            self._drained = self._drained or self._loop.create_future()
            await self._drained
        if self._worker.is_alive():
            self._to_commit.put(None)
            await asyncio.to_thread(self._worker.join)

    def _end_when_drained(self) -> None:
        if self._drained is not None and not self._drained.done() and not self.pending:
            self._drained.set_result(None)
