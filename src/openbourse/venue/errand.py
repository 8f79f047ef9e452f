"""Errands: coroutines that run without a task, from one future that they wait for to the next.

A task costs more than most of what a venue is asked for: it is found by all who ask for the current one,
begins in the next turn of the loop, and is kept in a set of all. What nobody looks for needs none of it. So
the coroutine must not ask for the current task, as `asyncio.timeout` does.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Coroutine
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Errand(ABC, Generic[T]):
    """One coroutine under way. It begins with the first `go_on`, at once."""

    __slots__ = ("_coroutine",)

    def __init__(self, coroutine: Coroutine[Any, Any, T]) -> None:
        self._coroutine = coroutine

    def go_on(self, _: object = None) -> None:
        """Run until it waits again, or has ended."""
        try:
            future: asyncio.Future[Any] | None = self._coroutine.send(None)
        except StopIteration as end:
            self.ended(end.value)
        except BaseException as error:  # noqa: BLE001 - of a cancelled future as well
            self.failed(error)
        else:
            if future is None:  # only for the next turn of the loop, see asyncio.sleep
                asyncio.get_running_loop().call_soon(self.go_on)
            else:
                self.waits(future)
                future.add_done_callback(self.go_on)

    @abstractmethod
    def waits(self, future: "asyncio.Future[Any]") -> None:
        """Called when it begins to wait for something."""

    @abstractmethod
    def ended(self, result: T) -> None:
        """Called with what the coroutine returned."""

    @abstractmethod
    def failed(self, error: BaseException) -> None:
        """Called with what it raised."""
