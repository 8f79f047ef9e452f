"""What a sandbox does before its doors open for the first time, and when that was interrupted."""

from pathlib import Path

import pytest

from openbourse.sandbox import life
from openbourse.sandbox.life import Life
from openbourse.sandbox.playground import Playground
from openbourse.sandbox.virtual_clock import VirtualClock
from tests.sandbox.venues import START, running


async def start(directory: Path) -> list[str]:
    """Start, live for a moment, and end; what was told."""
    told: list[str] = []
    clock = VirtualClock(START, 0)
    async with running(directory, clock=clock) as venue:
        clock.not_before(venue.exchange.now)
        beginning = Life(
            Playground(venue, clock),
            60,
            bots=True,
            stepped=True,
            on_past=lambda: told.append("past"),
            on_gap=lambda: told.append("gap"),
        )
        async with beginning.living():
            pass
    return told


async def test_a_past_that_was_interrupted_is_told_from_then_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def interrupted(*_: object) -> None:
        raise InterruptedError

    with monkeypatch.context() as patch:
        patch.setattr(life, "live_through", interrupted)
        with pytest.raises(InterruptedError):
            await start(tmp_path)
    assert [await start(tmp_path) for _ in range(2)] == [["gap"], ["gap"]]


async def test_a_past_that_was_simulated_is_not_mentioned_again(tmp_path: Path) -> None:
    assert [await start(tmp_path) for _ in range(2)] == [["past"], []]
