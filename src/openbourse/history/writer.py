"""Feeding the history beside the running venue: nothing lost, nobody made to wait for the database."""

import asyncio
import contextlib
import heapq
import logging
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, count
from typing import Final, NamedTuple

from openbourse.core.events import Applied
from openbourse.history.history import History

_log = logging.getLogger(__name__)

# Events in one transaction: enough to pay for its commit, few enough to be read soon after.
BATCH_EVENTS: Final = 5_000
# How long commands may wait for others to share a transaction with, when nobody asks for them.
GATHER_SECONDS: Final = 0.05
FIRST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 10.0


class _Batch(NamedTuple):
    """Commands that were applied together, and how many events they count as."""

    commands: list[Applied]
    events: int


class HistoryUnavailableError(Exception):
    """The history is behind or overloaded; ask again later."""


class HistoryWriter:
    """Takes applied commands on the event loop and writes them in one thread of its own.

    A failing database loses nothing: the commands stay queued and are tried again, with pauses that
    grow. What is queued counts in events. From `capacity` on `busy` is true, and the venue must refuse
    new orders; from twice that on `full` is true, and it must refuse everything. `trouble` is the
    newest failure, "" when all is well.
    """

    def __init__(self, history: History, capacity: int = 500_000) -> None:
        self.trouble = ""
        self.busy = False
        self.full = False
        self._history = history
        self._capacity = capacity
        self._queue: deque[_Batch] = deque()
        self.backlog = 0  # how many commands wait to be written
        self._queued_events = 0
        self._reached = 0
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []  # a heap by sequence
        self._ticket = count()
        self._work = asyncio.Event()
        self._hurry = asyncio.Event()  # somebody waits, or there is enough for a transaction
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="history-writer")
        self._task: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()

    @property
    def sequence(self) -> int:
        """The newest command that queries can see."""
        return self._reached

    def start(self) -> None:
        """Begin to write; the history must have caught up with the log before."""
        self._reached = self._history.applied_sequence()
        self._task = asyncio.get_running_loop().create_task(self._run(), name="history-writer")

    def add(self, batch: list[Applied]) -> None:
        """Queue applied commands, in order; returns at once."""
        events = len(batch) + sum([len(applied.events) for applied in batch])
        self._queue.append(_Batch(batch, events))
        self._count(len(batch), events)
        self._work.set()
        if self._queued_events >= BATCH_EVENTS:
            self._hurry.set()

    async def reached(self, sequence: int, seconds: float = 5.0) -> None:
        """Wait until queries see everything up to command `sequence`.

        Raises HistoryUnavailableError when that takes longer than this many `seconds`.
        """
        if self._reached >= sequence:
            return
        self._hurry.set()
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        heapq.heappush(self._waiting, (sequence, next(self._ticket), future))
        # Not asyncio.timeout, which needs a task: requests are answered without one.
        limit = loop.call_later(seconds, self._give_up, sequence, future)
        try:
            await future
        finally:
            limit.cancel()

    async def stop(self, seconds: float = 30.0) -> bool:
        """Write what is queued, then end; False when so many `seconds` did not suffice, or a write fails.

        What was not written is in the log and is caught up at the next start.
        """
        self._stopping.set()
        self._work.set()
        self._hurry.set()
        if self._task is not None:
            _, late = await asyncio.wait([self._task], timeout=seconds)
            for task in late:
                task.cancel()
        self._thread.shutdown(wait=False)
        for _, _, future in self._waiting:
            if not future.done():
                future.set_exception(HistoryUnavailableError("the history is closed"))
        return not self.backlog

    async def _run(self) -> None:
        while self._queue or not self._stopping.is_set():
            if not self._queue:
                self._work.clear()
                await self._work.wait()
                continue
            await self._gather()
            together = self._next_batches()
            commands = sum([len(batch.commands) for batch in together])
            events = sum([batch.events for batch in together])
            sequence = together[-1].commands[-1].sequence
            if not await self._write(together):
                return
            self._count(-commands, -events)
            self._wake(sequence)

    async def _gather(self) -> None:
        """Let more commands come for the same transaction, unless somebody waits for those that are here."""
        if self._waiting or self._queued_events >= BATCH_EVENTS or self._stopping.is_set():
            return
        self._hurry.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GATHER_SECONDS):
                await self._hurry.wait()

    async def _write(self, together: list[_Batch]) -> bool:
        """Write these batches, however long it takes; False if that fails and the venue stops."""
        loop = asyncio.get_running_loop()
        pause = FIRST_PAUSE
        while True:
            try:
                await loop.run_in_executor(self._thread, self._apply, together)
            except Exception as error:  # noqa: BLE001 - whatever it is, the commands must not be lost
                self.trouble = f"{type(error).__name__}: {getattr(error, 'orig', None) or error}"
                if self._stopping.is_set():
                    _log.error("history cannot be written, the next start catches up: %s", self.trouble)
                    return False
                _log.error("history cannot be written, next try in %.1f s: %s", pause, self.trouble)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._stopping.wait()
                pause = min(2 * pause, LONGEST_PAUSE)
            else:
                if self.trouble:
                    _log.warning("history is written again")
                    self.trouble = ""
                return True

    def _apply(self, together: list[_Batch]) -> None:
        """Write them, and let go of them in the same thread: the loop has better things to do."""
        self._history.apply(list(chain.from_iterable([batch.commands for batch in together])))
        together.clear()

    def _count(self, commands: int, events: int) -> None:
        """So many more are queued. Whoever submits a command asks what follows from it: so it is at hand."""
        self.backlog += commands
        self._queued_events += events
        self.busy = self._queued_events >= self._capacity
        self.full = self._queued_events >= 2 * self._capacity

    def _next_batches(self) -> list[_Batch]:
        """Take from the queue what shares the next transaction."""
        together: list[_Batch] = []
        events = 0
        while self._queue and events < BATCH_EVENTS:
            batch = self._queue.popleft()
            together.append(batch)
            events += batch.events
        return together

    def _give_up(self, sequence: int, future: asyncio.Future[None]) -> None:
        self._waiting = [entry for entry in self._waiting if entry[2] is not future]
        heapq.heapify(self._waiting)
        if not future.done():
            text = f"history is at command {self._reached}, {sequence} was asked for"
            future.set_exception(HistoryUnavailableError(text))

    def _wake(self, sequence: int) -> None:
        self._reached = max(self._reached, sequence)
        while self._waiting and self._waiting[0][0] <= sequence:
            _, _, future = heapq.heappop(self._waiting)
            if not future.done():
                future.set_result(None)
