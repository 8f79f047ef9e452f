"""A copy of a venue as it was at a command: the same state, nothing secret, and the venue untouched."""

import asyncio
import shutil
import sqlite3
from hashlib import sha256
from pathlib import Path

import pytest

from openbourse.core.exchange import Exchange
from openbourse.core.snapshot import state_hash
from openbourse.log.data_directory import DataDirectory
from openbourse.log.errors import LogError
from openbourse.log.sqlite_log import SqliteLog
from openbourse.sandbox.incident import Incident
from openbourse.sandbox.incident_copy import copy_venue
from openbourse.sandbox.playground import Playground
from openbourse.sandbox.virtual_clock import VirtualClock
from openbourse.venue.options import VenueOptions
from openbourse.venue.venue import Venue
from tests.sandbox.incidents import furnished, trade


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A production venue that has traded, of which one user came late."""
    path = tmp_path_factory.mktemp("incident") / "venue"

    async def live() -> None:
        async with furnished(path) as venue:
            await trade(venue)

    asyncio.run(live())
    # For the judge, who leaves files of SQLite behind.
    shutil.copytree(path, path.with_name("witness"))
    return path


def files(path: Path) -> dict[str, str]:
    """What is in a directory, but for SQLite's shared memory."""
    return {
        str(file.relative_to(path)): sha256(file.read_bytes()).hexdigest()
        for file in path.rglob("*")
        if file.is_file() and not file.name.endswith("-shm")
    }


def state_at(source: Path, sequence: int) -> Exchange:
    """By the core alone."""
    exchange = Exchange()
    log = SqliteLog(DataDirectory(source.with_name("witness")).commands, read_only=True)
    for _, commands in log.read(after=0):
        for command in commands:
            if exchange.sequence < sequence:
                exchange.apply(command)
    log.close()
    return exchange


async def test_it_stands_where_the_log_stood_and_goes_on_command_by_command(
    source: Path, tmp_path: Path
) -> None:
    before = files(source)
    middle = 30
    copied = copy_venue(source, middle, tmp_path / "copy")
    assert copied.sequence == middle < copied.last
    clock = VirtualClock(copied.time, 0)
    venue = Venue.open(VenueOptions(tmp_path / "copy", mode="sandbox"), clock)
    venue.wallet.halt()
    await venue.start()
    try:
        expected = state_at(source, middle)
        assert state_hash(venue.exchange) == state_hash(expected)
        assert venue.now() == expected.now == copied.time
        assert venue.exchange.levels("BTCUSDT", "buy", 10) == expected.levels("BTCUSDT", "buy", 10) != []
        incident = Incident(Playground(venue, clock), copied.log, middle)
        (step,) = await incident.next()
        assert step["sequence"] == middle + 1
        assert step["command"]["kind"] == "PlaceOrder"
        assert {event["kind"] for event in step["events"]} >= {"OrderChanged", "BalanceChanged"}
        parallel = await asyncio.gather(incident.next(2), incident.next(), incident.next(2))
        assert [step["sequence"] for steps in parallel for step in steps] == list(
            range(middle + 2, middle + 7)
        )
        rest = await incident.next(1_000)
        assert rest[-1]["sequence"] == copied.last
        assert state_hash(venue.exchange) == state_hash(state_at(source, copied.last))
        assert await incident.next() == []
        with pytest.raises(LogError, match="1 to 1000"):
            await incident.next(0)
        incident.close()
    finally:
        await venue.stop()
    assert files(source) == before


def test_no_secret_is_copied_and_who_came_later_is_not_there(source: Path, tmp_path: Path) -> None:
    copied = copy_venue(source, 30, tmp_path / "copy")
    theirs, ours = DataDirectory(source), DataDirectory(tmp_path / "copy")
    assert ours.check() == "sandbox"
    assert theirs.master_key.read_bytes() != ours.master_key.read_bytes()
    assert not list(theirs.path.glob("*-wal"))
    with sqlite3.connect(theirs.accounts) as venue, sqlite3.connect(ours.accounts) as sandbox:
        names = "SELECT name FROM users ORDER BY id"
        assert venue.execute(names).fetchall() == [("alice",), ("bob",), ("late",)]
        assert sandbox.execute(names).fetchall() == [("alice",), ("bob",)]
        assert venue.execute("SELECT count(*) FROM api_keys").fetchone()[0] > 0
        assert sandbox.execute("SELECT count(*) FROM api_keys").fetchone()[0] == 0
        sealed = [row[0] for row in venue.execute("SELECT sealed_secret FROM api_keys")]
    held = b"".join(file.read_bytes() for file in ours.path.rglob("*") if file.is_file())
    assert sealed
    assert not [secret for secret in sealed if secret in held]
    assert copied.last > copied.sequence


def test_what_cannot_be_opened_is_said_and_leaves_nothing(source: Path, tmp_path: Path) -> None:
    with pytest.raises(LogError, match="has the commands 1 to"):
        copy_venue(source, 10**6, tmp_path / "copy")
    with pytest.raises(LogError, match="not a data directory"):
        copy_venue(tmp_path, 1, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()
    full = tmp_path / "full"
    full.mkdir()
    (full / "mine").write_text("mine")
    with pytest.raises(LogError, match="is not empty"):
        copy_venue(source, 5, full)
    assert [file.name for file in full.iterdir()] == ["mine"]
