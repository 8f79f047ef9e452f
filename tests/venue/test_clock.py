"""The clock goes on as time does, whatever the computer's clock is set to; stamps never go back."""

import time
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from openbourse.core.commands import OpenUser
from openbourse.venue.clock import SystemClock
from openbourse.venue.options import VenueOptions
from openbourse.venue.venue import Venue

HOUR = 3_600_000
PATIENCE = 60
NOON = 1_800_000_000_000


class Computer:
    """Its two clocks, in milliseconds: one that anybody may set, one that nobody can."""

    def __init__(self) -> None:
        self.wall = NOON
        self.steady = 5_000

    def pass_by(self, milliseconds: int) -> None:
        self.wall += milliseconds
        self.steady += milliseconds

    def clock(self) -> SystemClock:
        return SystemClock(
            PATIENCE, wall=lambda: self.wall * 1_000_000, steady=lambda: self.steady * 1_000_000
        )


def test_it_tells_unix_milliseconds() -> None:
    before = time.time_ns() // 1_000_000
    assert before - 1 <= SystemClock().now() <= time.time_ns() // 1_000_000 + 1


def test_it_follows_small_corrections_both_ways_at_once() -> None:
    computer = Computer()
    clock = computer.clock()
    for correction in (300, -700, 1000, -20):
        computer.wall += correction
        assert clock.now() == computer.wall
    assert (clock.steps, clock.disagreement_seconds) == (0, 0.0)


@pytest.mark.parametrize("step", [5 * HOUR, -5 * HOUR, 1_001])
def test_a_step_that_is_taken_back_has_never_been(step: int) -> None:
    computer = Computer()
    clock = computer.clock()
    computer.wall += step
    for _ in range(3):
        computer.pass_by(15_000)
        assert clock.now() == computer.wall - step
        assert clock.disagreement_seconds == step / 1000
    computer.wall -= step
    assert clock.now() == computer.wall
    assert (clock.steps, clock.disagreement_seconds) == (1, 0.0)


@pytest.mark.parametrize("step", [5 * HOUR, -5 * HOUR])
def test_a_step_that_lasts_is_followed(step: int) -> None:
    computer = Computer()
    clock = computer.clock()
    computer.wall += step
    with capture_logs() as lines:
        clock.now()
        computer.pass_by(PATIENCE * 1000 - 1)
        assert clock.now() == computer.wall - step
        computer.pass_by(1)
        assert clock.now() == computer.wall
    assert [line["event"] for line in lines] == ["clock_was_set", "clock_followed"]
    assert clock.disagreement_seconds == 0.0


def test_every_new_step_has_to_last_by_itself() -> None:
    computer = Computer()
    clock = computer.clock()
    for _ in range(10):
        computer.wall += HOUR
        clock.now()
        computer.pass_by(PATIENCE * 900)
    assert clock.now() == NOON + 10 * PATIENCE * 900
    assert clock.steps == 10


async def test_stamps_wait_for_a_clock_that_was_ahead_and_clients_need_not(tmp_path: Path) -> None:
    computer = Computer()
    venue = Venue.open(VenueOptions(tmp_path / "venue", mode="sandbox"), computer.clock())
    await venue.start()
    try:
        computer.wall += HOUR
        venue.present()
        computer.pass_by(PATIENCE * 1000)
        venue.present()
        ahead = venue.now()
        assert ahead == venue.present() == NOON + HOUR + PATIENCE * 1000
        computer.wall -= HOUR
        venue.present()
        computer.pass_by(PATIENCE * 1000)
        venue.present()
        assert venue.present() == NOON + 2 * PATIENCE * 1000
        latest = venue.now()
        assert latest == ahead
        await venue.submit(OpenUser(venue.now(), 77))
        computer.pass_by(HOUR // 2)
        assert venue.now() == latest == venue.exchange.now
    finally:
        await venue.stop()
    again = Venue.open(VenueOptions(tmp_path / "venue", mode="sandbox"), computer.clock())
    assert (again.now(), again.present()) == (latest, computer.wall)
    computer.pass_by(HOUR)
    assert again.now() == again.present() == computer.wall
    again.close()
