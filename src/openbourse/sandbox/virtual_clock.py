"""A clock to move: it runs as fast as one likes, stands still, and goes on when it is told to.

Whatever waits in the sandbox waits by this clock's `sleep`, so that bots, chains and markets live through
the time that is moved. One sleeper is woken at a time, in the order of their times, and the next one only
when that one sleeps again: a day that is stepped through twice is the same day twice.
"""

import asyncio
import heapq
import time
from collections.abc import Callable
from itertools import count
from typing import Any, Final, NamedTuple

# How long, in real time, a woken task may be busy before a step gives up on it.
PATIENCE_SECONDS: Final = 30.0
MAX_FACTOR: Final = 100_000.0
# No longer step than ten years: a slip of the finger should not end beyond what dates can say.
MAX_STEP_MS: Final = 10 * 366 * 86_400_000


class ClockError(Exception):
    """The clock cannot be moved like that; the text is a sentence for the user."""


class _Sleeper(NamedTuple):
    due: int
    number: int
    future: "asyncio.Future[None]"
    task: "asyncio.Task[Any] | None"


class VirtualClock:
    """A `Clock` (Unix ms). `factor` is how much faster than real time it runs; 0 means it stands still.

    All methods but `now` belong to the event loop's thread.
    """

    def __init__(
        self,
        start: int | None = None,
        factor: float = 1.0,
        *,
        monotonic: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        """It begins at `start`, or at the computer's time. Raises ClockError for a bad factor."""
        self._monotonic = monotonic
        self._factor = _checked(factor)
        self._known = (monotonic(), time.time_ns() // 1_000_000 if start is None else start)
        self._sleepers: list[_Sleeper] = []
        self._numbers = count()
        self._timer: asyncio.TimerHandle | None = None
        self._moving = asyncio.Lock()
        self._busy: asyncio.Task[Any] | None = None
        self._at_rest: asyncio.Future[None] | None = None

    @property
    def factor(self) -> float:
        """How much faster than real time it runs."""
        return self._factor

    @property
    def sleeping(self) -> int:
        """How many wait for their time."""
        return sum(not sleeper.future.done() for sleeper in self._sleepers)

    def now(self) -> int:
        """See Clock.now. Any thread may ask."""
        since, base = self._known
        return base + int((self._monotonic() - since) * self._factor) // 1_000_000

    def not_before(self, time: int) -> None:
        """Go on from `time` (Unix ms) if it is earlier: a venue's log must not be from its future."""
        if self.now() < time:
            self._set(time)

    def begin(self, time: int) -> None:
        """Begin at another time (Unix ms), also an earlier one: only before anybody has looked at it."""
        assert not self._sleepers, "somebody is waiting for a time already"
        self._set(time)

    def run(self, factor: float) -> None:
        """Run at another pace from now on; 0 stands still. Raises ClockError."""
        factor = _checked(factor)
        self._set(self.now())
        self._factor = factor
        self._set_alarm()

    async def sleep(self, seconds: float) -> None:
        """Wait until the clock has gone on by `seconds`."""
        loop = asyncio.get_running_loop()
        task = asyncio.current_task()
        due = self.now() + max(0, round(seconds * 1000))
        sleeper = _Sleeper(due, next(self._numbers), loop.create_future(), task)
        heapq.heappush(self._sleepers, sleeper)
        self._rested(task)
        self._set_alarm()
        await sleeper.future  # one that is cancelled is passed over when its time comes

    async def advance(self, seconds: float) -> None:
        """Go on by `seconds`, letting everybody who sleeps live through them.

        Raises ClockError for a step back or out of reach, and when somebody woken does not come to rest.
        """
        step = _milliseconds(seconds)
        async with self._moving:
            factor, target = self._factor, self.now() + step
            self.run(0)
            try:
                while self._sleepers and self._sleepers[0].due <= target:
                    sleeper = heapq.heappop(self._sleepers)
                    if not sleeper.future.done():
                        self._set(max(self.now(), sleeper.due))
                        await self._let_live(sleeper)
                self._set(max(self.now(), target))
            finally:
                self.run(factor)

    def jump(self, seconds: float) -> None:
        """Go on by `seconds` at once: who should have woken in between wakes afterwards, once.

        Raises ClockError.
        """
        self._set(self.now() + _milliseconds(seconds))
        self._wake()

    # -- inside ------------------------------------------------------------------------------------

    def _set(self, now: int) -> None:
        self._known = (self._monotonic(), now)

    def _set_alarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._factor and self._sleepers:
            delay = max(0, self._sleepers[0].due - self.now()) / 1000 / self._factor
            self._timer = asyncio.get_running_loop().call_later(delay, self._wake)

    def _wake(self) -> None:
        now = self.now()
        while self._sleepers and self._sleepers[0].due <= now:
            sleeper = heapq.heappop(self._sleepers)
            if not sleeper.future.done():
                sleeper.future.set_result(None)
        self._set_alarm()

    async def _let_live(self, sleeper: _Sleeper) -> None:
        """Wake one and wait until it sleeps again or has ended."""
        task = sleeper.task
        assert task is not None, "only tasks can sleep"
        self._busy = task
        self._at_rest = asyncio.get_running_loop().create_future()
        task.add_done_callback(self._rested)
        sleeper.future.set_result(None)
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._at_rest
        except TimeoutError:
            raise ClockError(f"{task.get_name()} was woken and has not come to rest since") from None
        finally:
            task.remove_done_callback(self._rested)
            self._busy = self._at_rest = None

    def _rested(self, task: "asyncio.Task[Any] | None") -> None:
        if task is not None and task is self._busy and self._at_rest is not None and not self._at_rest.done():
            self._at_rest.set_result(None)


def _checked(factor: float) -> float:
    if not 0 <= factor <= MAX_FACTOR:
        raise ClockError(f"a clock's factor is from 0 (it stands still) to {MAX_FACTOR:g}")
    return factor


def _milliseconds(seconds: float) -> int:
    if not 0 <= seconds * 1000 <= MAX_STEP_MS:
        raise ClockError("a clock goes on by 0 seconds or more, and by ten years at most")
    return round(seconds * 1000)
