"""An event loop in which nothing takes time and everything can end at any moment.

Time moves only when all tasks wait, straight to the moment that the first of them waits for. Every turn of
the loop is counted, so that a crash can be put between any two of them: the loop simply stops, as a process
does that is killed, and what its tasks still meant to do never happens.
"""

import asyncio
import selectors
from typing import Any


class SimulatedCrash(Exception):  # noqa: N818 - it is no error
    """The process is gone."""


class Deadlock(Exception):  # noqa: N818 - it says what is
    """Everybody waits for somebody else."""


class _NeverIdle:
    """A selector that moves the clock where a real one would sleep."""

    def __init__(self, loop: "VirtualLoop") -> None:
        self._real = selectors.DefaultSelector()
        self._loop = loop

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def select(self, timeout: float | None = None) -> list[Any]:
        self._loop.turns += 1
        if self._loop.turns == self._loop.crash_at:
            raise SimulatedCrash
        if timeout is None:
            raise Deadlock
        self._loop.moment += max(0.0, timeout)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """`moment` is the time in seconds, `turns` how often the loop went round; it crashes at turn
    `crash_at`.
    """

    def __init__(self, moment: float, crash_at: int) -> None:
        self.moment = moment
        self.turns = 0
        self.crash_at = crash_at
        super().__init__(_NeverIdle(self))  # type: ignore[arg-type]
        self._clock_resolution = 1e-6
        self.set_exception_handler(lambda _, __: None)  # tasks that were cut off have nothing to say

    def time(self) -> float:
        return self.moment

    def abandon(self) -> None:
        """Close it without letting anybody finish."""
        self._ready.clear()  # type: ignore[attr-defined]
        self._scheduled.clear()  # type: ignore[attr-defined]
        for task in asyncio.all_tasks(self):
            task._log_destroy_pending = False  # type: ignore[attr-defined]
        self.close()
