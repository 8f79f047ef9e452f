"""Venues for the tests of the sandbox."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from openbourse.log.data_directory import Mode
from openbourse.venue.clock import Clock
from openbourse.venue.options import VenueOptions
from openbourse.venue.venue import Venue

START = 1_795_000_000_000


class StepClock:
    """Goes on by ten milliseconds whenever it is looked at."""

    def __init__(self, now: int = START) -> None:
        self.time = now

    def now(self) -> int:
        self.time += 10
        return self.time


@asynccontextmanager
async def running(path: Path, mode: Mode = "sandbox", clock: Clock | None = None) -> AsyncIterator[Venue]:
    """A venue that has started."""
    venue = Venue.open(VenueOptions(path, mode), clock)
    await venue.start()
    try:
        yield venue
    finally:
        await venue.stop()
