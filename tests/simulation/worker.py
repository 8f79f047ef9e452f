"""A thread in step with the loop: it runs only while the loop waits for it, so that chance decides nothing.

The sequencer's own writer thread runs in here, line for line; between any two of its steps the loop goes on.
"""

import threading
from collections import deque
from collections.abc import Callable
from typing import Any

from tests.core.dice import Dice
from tests.simulation.loop import VirtualLoop

_STEP_SECONDS = 0.005


class SteppedThread:
    """Takes the place of a thread and of the queue that it reads."""

    def __init__(self, loop: VirtualLoop, dice: Dice) -> None:
        self.target: Callable[[], None]
        self._loop = loop
        self._dice = dice
        self._items: deque[Any] = deque()
        self._may_go = threading.Semaphore(0)
        self._has_stopped = threading.Semaphore(0)
        self._idle = False
        self._due = False
        self._ended = True
        self._killed = False
        self._thread = threading.Thread(target=self._run, daemon=True)

    # -- as a thread ---------------------------------------------------------------------------------

    def start(self) -> None:
        self._ended = False
        self._thread.start()
        self._has_stopped.acquire()

    def is_alive(self) -> bool:
        return not self._ended

    def join(self) -> None:
        while not self._ended:
            self._step()

    def kill(self) -> None:
        """It never comes back from where it waits."""
        self._killed = True
        self.join()

    # -- as a queue ----------------------------------------------------------------------------------

    def put(self, item: Any) -> None:
        self._items.append(item)
        self._schedule()

    def get(self) -> Any:
        """Called in the thread."""
        while not self._items:
            self._idle = True
            self.pause()
        self._idle = False
        return self._items.popleft()

    # -- in step -------------------------------------------------------------------------------------

    def pause(self) -> None:
        """Called in the thread: let the loop go on for a while."""
        self._has_stopped.release()
        self._may_go.acquire()
        if self._killed:
            raise SystemExit

    def _run(self) -> None:
        try:
            self.target()
        except SystemExit:
            pass
        finally:
            self._ended = True
            self._has_stopped.release()

    def _step(self) -> None:
        self._may_go.release()
        self._has_stopped.acquire()

    def _schedule(self) -> None:
        if not self._due:
            self._due = True
            self._loop.call_later(self._dice.random() * _STEP_SECONDS, self._advance)

    def _advance(self) -> None:
        self._due = False
        if self._ended:
            return
        self._step()
        if self.is_alive() and (self._items or not self._idle):
            self._schedule()
