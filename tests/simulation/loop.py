"""An event loop in which nothing takes time and everything can end at any moment.

Time moves only when all tasks wait, straight to the moment that the first of them waits for. Every callback
is a boundary of the machine, so that its power may go at every `await`: the loop simply stops, and what its
tasks still meant to do never happens.
"""

import asyncio
import contextlib
import selectors
from collections.abc import Callable
from typing import Any

from tests.core.dice import Dice
from tests.simulation.machine import Machine, SimulatedCrash

# How long a thread of a pool needs for what it is asked for, at most.
_POOL_SECONDS = 0.004


class Deadlock(Exception):  # noqa: N818 - it says what is
    """Everybody waits for somebody else."""


class _NeverIdle:
    """A selector that moves the clock where a real one would sleep."""

    def __init__(self, machine: Machine) -> None:
        self._real = selectors.DefaultSelector()
        self._machine = machine

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def select(self, timeout: float | None = None) -> list[Any]:
        if not self._machine.alive:
            raise SimulatedCrash
        if timeout is None:
            raise Deadlock
        self._machine.moment += max(0.0, timeout)
        return []


_RealLoop: Any = asyncio.SelectorEventLoop  # its methods have types that only it can have


class VirtualLoop(_RealLoop):  # type: ignore[misc]
    """The loop of one machine. Pools of threads are simulated too: their work is done a little later."""

    def __init__(self, machine: Machine, dice: Dice) -> None:
        self._machine = machine
        self._dice = dice
        super().__init__(_NeverIdle(machine))
        self._clock_resolution = 1e-6
        self.set_exception_handler(lambda _, __: None)  # tasks that were cut off have nothing to say

    def time(self) -> float:
        return self._machine.moment

    # -- every callback is a boundary ----------------------------------------------------------------

    def call_soon(self, callback: Any, *args: Any, context: Any = None) -> Any:
        return super().call_soon(self._step, callback, args, context=context)

    def call_soon_threadsafe(self, callback: Any, *args: Any, context: Any = None) -> Any:
        """Threads run only while the loop waits for them (`worker.py`), so that nobody need be woken."""
        return self.call_soon(callback, *args, context=context)

    def call_at(self, when: float, callback: Any, *args: Any, context: Any = None) -> Any:
        return super().call_at(when, self._step, callback, args, context=context)

    def _step(self, callback: Callable[..., object], args: tuple[Any, ...]) -> None:
        self._machine.boundary("turn")
        if self._machine.alive:
            callback(*args)

    # -- pools ---------------------------------------------------------------------------------------

    def run_in_executor(self, executor: Any, func: Any, *args: Any) -> Any:
        future = self.create_future()

        def work() -> None:
            self._machine.boundary("pool")
            failure, result = None, None
            try:
                result = func(*args)
            except Exception as error:  # noqa: BLE001 - handed on, as a pool does
                failure = error
            self._machine.boundary("pool")
            self.call_later(self._dice.random() * _POOL_SECONDS, report, result, failure)

        def report(result: object, failure: Exception | None) -> None:
            if future.done():
                return
            if failure is None:
                future.set_result(result)
            else:
                future.set_exception(failure)

        self.call_later(self._dice.random() * _POOL_SECONDS, work)
        return future

    # -- the end -------------------------------------------------------------------------------------

    def abandon(self) -> None:
        """Close it without letting anybody finish."""
        tasks: Any = asyncio.all_tasks(self)
        for task in tasks:
            task._log_destroy_pending = False
            coroutine = task.get_coro()
            # What stands in a `finally` is not done by a process that is gone: it must not matter.
            with contextlib.suppress(BaseException):
                coroutine.close()
        self._ready.clear()
        self._scheduled.clear()
        self.close()
