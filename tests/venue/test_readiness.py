"""Ready means: an order that comes now would be carried out."""

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from openbourse.core.commands import OpenUser
from openbourse.venue import readiness
from openbourse.venue.options import VenueOptions
from openbourse.venue.readiness import unready
from openbourse.venue.venue import Venue
from tests.waiting import SECONDS, until


@pytest.fixture
async def venue(tmp_path: Path) -> AsyncIterator[Venue]:
    venue = Venue.open(VenueOptions(tmp_path / "venue", mode="sandbox"))
    yield venue
    await venue.stop()


async def test_from_start_to_stop(venue: Venue) -> None:
    assert unready(venue) == "the venue is starting or stopping"
    await venue.start()
    assert unready(venue) == ""
    await venue.sequencer.stop()
    assert unready(venue) == "the venue is starting or stopping"


async def test_a_failure(venue: Venue) -> None:
    await venue.start()
    venue.failure = OSError("disk")
    assert "failure" in unready(venue)


async def test_a_disk_without_room(venue: Venue) -> None:
    await venue.start()
    assert unready(venue, min_free_bytes=2**80) == "the disk is nearly full"


async def test_a_disk_that_does_not_answer(venue: Venue, monkeypatch: pytest.MonkeyPatch) -> None:
    await venue.start()
    monkeypatch.setattr(readiness, "STALL_SECONDS", 0.05)
    goes_on = threading.Event()
    append = venue.log.append

    def slow(commands: list[object]) -> None:
        goes_on.wait(SECONDS)
        append(commands)  # type: ignore[arg-type]

    monkeypatch.setattr(venue.log, "append", slow)
    answer = asyncio.ensure_future(venue.submit(OpenUser(venue.now(), 77)))
    await until(lambda: unready(venue) == "the disk does not finish writing")
    goes_on.set()
    await answer
    assert unready(venue) == ""
    assert venue.sequencer.commit_seconds.total >= 0.05


async def test_a_history_that_cannot_keep_up(venue: Venue, monkeypatch: pytest.MonkeyPatch) -> None:
    await venue.start()
    monkeypatch.setattr(Venue, "overloaded", True)
    assert unready(venue) == "the history cannot keep up"
