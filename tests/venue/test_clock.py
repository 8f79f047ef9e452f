"""The clock goes forward or stands still."""

import time

import pytest

from openbourse.venue.clock import SystemClock


def test_it_tells_unix_milliseconds() -> None:
    before = time.time_ns() // 1_000_000
    assert before <= SystemClock().now() <= time.time_ns() // 1_000_000


def test_it_stands_still_while_the_system_clock_is_set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    readings = iter([5_000, 7_000, 6_000, 6_999, 7_001])
    monkeypatch.setattr(time, "time_ns", lambda: next(readings) * 1_000_000)
    clock = SystemClock()
    assert [clock.now() for _ in range(5)] == [5_000, 7_000, 7_000, 7_000, 7_001]


def test_after_a_restart_it_goes_on_from_the_log() -> None:
    future = 10**13
    assert SystemClock(not_before=future).now() == future
