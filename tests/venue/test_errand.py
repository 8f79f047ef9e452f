"""An errand does what its coroutine does, without a task."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from openbourse.venue.errand import Errand


class Noted(Errand[str]):
    """Writes down what becomes of it."""

    def __init__(self, coroutine: Coroutine[Any, Any, str]) -> None:
        super().__init__(coroutine)
        self.notes: list[object] = []

    def waits(self, future: "asyncio.Future[Any]") -> None:
        self.notes.append(future)

    def ended(self, result: str) -> None:
        self.notes.append(result)

    def failed(self, error: BaseException) -> None:
        self.notes.append(type(error))


async def _turns() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


async def test_what_waits_for_nothing_ends_at_once() -> None:
    async def told() -> str:
        return "done"

    errand = Noted(told())
    errand.go_on()
    assert errand.notes == ["done"]


async def test_it_lets_others_go_first() -> None:
    async def patient() -> str:
        await asyncio.sleep(0)
        return "done"

    errand = Noted(patient())
    errand.go_on()
    assert errand.notes == []
    await _turns()
    assert errand.notes == ["done"]


async def test_it_goes_from_future_to_future() -> None:
    first, second = (asyncio.get_running_loop().create_future() for _ in range(2))

    async def waiting() -> str:
        return str(await first + await second)

    errand = Noted(waiting())
    errand.go_on()
    first.set_result(1)
    await _turns()
    assert errand.notes == [first, second]
    second.set_result(2)
    await _turns()
    assert errand.notes == [first, second, "3"]


@pytest.mark.parametrize("late", [False, True])
async def test_what_it_raises_is_told(late: bool) -> None:
    future = asyncio.get_running_loop().create_future()

    async def failing() -> str:
        if late:
            await future
        raise LookupError

    errand = Noted(failing())
    errand.go_on()
    future.set_result(None)
    await _turns()
    assert errand.notes == [*([future] if late else []), LookupError]


@pytest.mark.parametrize("handled", [False, True])
async def test_a_future_that_fails_fails_where_it_is_awaited(handled: bool) -> None:
    future = asyncio.get_running_loop().create_future()

    async def waiting() -> str:
        try:
            await future
        except asyncio.CancelledError:
            if not handled:
                raise
        return "all the same"

    errand = Noted(waiting())
    errand.go_on()
    future.cancel()
    await _turns()
    assert errand.notes == [future, "all the same" if handled else asyncio.CancelledError]
