import asyncio
import contextlib
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from openbourse.sandbox import virtual_clock
from openbourse.sandbox.virtual_clock import ClockError, VirtualClock
from tests.waiting import SECONDS

START = 1_795_000_000_000


class Ticks:
    """A computer's monotonic clock that only we move."""

    def __init__(self) -> None:
        self.nanoseconds = 5

    def __call__(self) -> int:
        return self.nanoseconds


@contextmanager
def living(*coroutines: object) -> Iterator[None]:
    tasks = [asyncio.ensure_future(each) for each in coroutines]  # type: ignore[call-overload]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()


def test_it_runs_as_fast_as_it_is_told_and_never_back() -> None:
    ticks = Ticks()
    clock = VirtualClock(START, monotonic=ticks)
    ticks.nanoseconds += 2_000_000_000
    assert clock.now() == START + 2_000
    fast = VirtualClock(START, 60, monotonic=ticks)
    ticks.nanoseconds += 1_000_000_000
    assert fast.now() == START + 60_000
    still = VirtualClock(START, 0, monotonic=ticks)
    ticks.nanoseconds += 1_000_000_000
    assert still.now() == START


async def test_a_change_of_pace_keeps_the_time() -> None:
    ticks = Ticks()
    clock = VirtualClock(START, 10, monotonic=ticks)
    ticks.nanoseconds += 1_000_000_000
    clock.run(0)
    ticks.nanoseconds += 1_000_000_000
    assert clock.now() == START + 10_000
    clock.run(1)
    ticks.nanoseconds += 1_000_000_000
    assert clock.now() == START + 11_000


async def test_everybody_lives_through_a_step_in_order() -> None:
    clock = VirtualClock(START, 0)
    seen: list[tuple[str, int]] = []

    async def every(name: str, seconds: float) -> None:
        while True:
            await clock.sleep(seconds)
            for _ in range(5):  # busy, as one who waits for a disk
                await asyncio.sleep(0)
            seen.append((name, clock.now() - START))

    with living(every("two", 2), every("three", 3)):
        await asyncio.sleep(0)
        await clock.advance(6.5)
        assert seen == [("two", 2000), ("three", 3000), ("two", 4000), ("three", 6000), ("two", 6000)]
        assert clock.now() == START + 6_500
        assert clock.sleeping == 2


async def test_a_jump_wakes_everybody_once() -> None:
    clock = VirtualClock(START, 0)
    seen: list[int] = []

    async def every_second() -> None:
        while True:
            await clock.sleep(1)
            seen.append(clock.now() - START)

    with living(every_second()):
        await asyncio.sleep(0)
        clock.jump(3600)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert seen == [3_600_000]


async def test_a_running_clock_wakes_by_itself() -> None:
    clock = VirtualClock(START, 1000)
    async with asyncio.timeout(SECONDS):
        await clock.sleep(60)
    assert clock.now() >= START + 60_000


async def test_who_gave_up_sleeping_is_passed_over() -> None:
    clock = VirtualClock(START, 0)
    task = asyncio.ensure_future(clock.sleep(1))
    await asyncio.sleep(0)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert clock.sleeping == 0
    await clock.advance(2)
    assert clock.now() == START + 2_000


async def test_somebody_who_never_rests_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(virtual_clock, "PATIENCE_SECONDS", 0.05)
    clock = VirtualClock(START, 0)

    async def restless() -> None:
        await clock.sleep(1)
        await asyncio.sleep(60)

    task = asyncio.create_task(restless(), name="restless")
    await asyncio.sleep(0)
    with pytest.raises(ClockError, match="restless was woken"):
        await clock.advance(2)
    task.cancel()


@pytest.mark.parametrize("seconds", [-1, 1e12])
async def test_steps_that_make_no_sense(seconds: float) -> None:
    clock = VirtualClock(START, 0)
    with pytest.raises(ClockError, match="goes on"):
        await clock.advance(seconds)
    with pytest.raises(ClockError, match="goes on"):
        clock.jump(seconds)
    assert clock.now() == START
    for factor in (-1, 1e9, float("nan")):
        with pytest.raises(ClockError, match="factor"):
            clock.run(factor)
