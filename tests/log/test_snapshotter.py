"""Snapshots by another process while the venue goes on."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from openbourse.core import snapshot
from openbourse.log.data_directory import DataDirectory
from openbourse.log.snapshots import SnapshotStore
from openbourse.log.snapshotter import Outcome, Snapshotter, _environment, take_snapshot
from openbourse.log.sqlite_log import SqliteLog
from tests.log.venues import applied, fill, make_venue, traffic
from tests.waiting import SECONDS

COMMANDS = traffic(1000)


@pytest.fixture(autouse=True)
def _same_sources(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))


async def test_a_snapshot_is_taken_beside_an_open_log(tmp_path: Path) -> None:
    directory = make_venue(tmp_path, ())
    directory.open("sandbox")
    log = SqliteLog(directory.commands)
    fill(log, COMMANDS)
    outcome = await Snapshotter(tmp_path, lambda: log.last_sequence).take()
    assert (outcome.ok, outcome.sequence, outcome.replayed) == (True, 1000, 1000)
    restored = SnapshotStore(directory.snapshots).newest_valid()
    assert restored is not None
    assert snapshot.dump(restored) == snapshot.dump(applied(COMMANDS))
    log.append(list(COMMANDS[:5]))  # the venue was not disturbed
    directory.close()


async def test_it_is_taken_when_due_and_not_otherwise(tmp_path: Path) -> None:
    directory = make_venue(tmp_path, COMMANDS)
    sequence, outcomes = 0, asyncio.Queue[Outcome]()
    snapshotter = Snapshotter(
        tmp_path, lambda: sequence, every_commands=500, every_seconds=3600, on_outcome=outcomes.put_nowait
    )
    snapshotter.start()
    sequence = 499
    await asyncio.sleep(1.2)
    assert outcomes.empty()
    sequence = 500
    outcome = await asyncio.wait_for(outcomes.get(), SECONDS)
    await snapshotter.stop()
    assert outcome.sequence == 1000
    assert outcomes.empty()
    assert SnapshotStore(directory.snapshots).sequences() == [1000]


async def test_a_listener_that_fails_does_not_end_the_watch(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sequence, calls = 0, asyncio.Queue[Outcome]()

    def fail(outcome: Outcome) -> None:
        calls.put_nowait(outcome)
        raise RuntimeError("no ear")

    snapshotter = Snapshotter(
        tmp_path, lambda: sequence, every_commands=1, every_seconds=0.01, on_outcome=fail
    )
    snapshotter.start()
    for _ in range(2):
        sequence += 1
        await asyncio.wait_for(calls.get(), SECONDS)
    await snapshotter.stop()
    assert "snapshotter_failed" in capsys.readouterr().out


async def test_time_alone_does_not_make_it_due(tmp_path: Path) -> None:
    sequence = 7
    snapshotter = Snapshotter(tmp_path, lambda: sequence, every_seconds=0.0)
    assert not snapshotter._due()
    sequence = 8
    assert snapshotter._due()


async def test_what_the_start_had_to_replay_counts(tmp_path: Path) -> None:
    """Or a venue that dies young over and over would never take one, and start ever more slowly."""
    for replayed, due in ((99, False), (100, True)):
        assert Snapshotter(tmp_path, lambda: 5000, every_commands=1000, replayed=replayed)._due() == due
    sequence = 5000
    snapshotter = Snapshotter(tmp_path, lambda: sequence, every_commands=1000, replayed=60)
    sequence += 939
    assert not snapshotter._due()
    sequence += 1
    assert snapshotter._due()


async def test_after_a_long_start_it_is_taken_at_once_and_once(tmp_path: Path) -> None:
    directory = make_venue(tmp_path, COMMANDS)
    outcomes = asyncio.Queue[Outcome]()
    snapshotter = Snapshotter(
        tmp_path, lambda: 1000, every_commands=10_000, replayed=1000, on_outcome=outcomes.put_nowait
    )
    snapshotter.start()
    outcome = await asyncio.wait_for(outcomes.get(), 30)
    assert not snapshotter._due()
    await snapshotter.stop()
    assert outcome.ok
    assert SnapshotStore(directory.snapshots).sequences() == [1000]


async def test_a_process_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    make_venue(tmp_path, COMMANDS)
    outcome = await Snapshotter(tmp_path, lambda: 0, timeout_seconds=0.01).take()
    assert "not finished after 0.01 seconds" in outcome.error


async def test_stopping_ends_the_process_at_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_venue(tmp_path, COMMANDS)
    started = asyncio.Queue[asyncio.subprocess.Process]()
    start = asyncio.create_subprocess_exec

    async def remember(program: str, *arguments: str, **options: object) -> asyncio.subprocess.Process:
        process = await start(sys.executable, "-c", "import time; time.sleep(60)")
        started.put_nowait(process)
        return process

    monkeypatch.setattr(asyncio, "create_subprocess_exec", remember)
    sequence = 0
    snapshotter = Snapshotter(tmp_path, lambda: sequence, every_commands=1, every_seconds=0.01)
    snapshotter.start()
    sequence = 1
    process = await asyncio.wait_for(started.get(), SECONDS)
    await snapshotter.stop()
    assert process.returncode is not None


async def test_a_failed_run_is_reported_and_leaves_no_snapshot(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    outcome = await Snapshotter(tmp_path / "empty", lambda: 0).take()
    assert "is not a data directory" in outcome.error
    assert list((tmp_path / "empty").iterdir()) == []


def test_an_unsound_state_is_reported_and_not_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    directory = make_venue(tmp_path, COMMANDS)
    monkeypatch.setattr("openbourse.core.invariants.violations", lambda exchange: ["money is missing"])
    outcome = take_snapshot(directory.path)
    assert outcome.violations == ["money is missing"]
    assert not outcome.ok
    assert SnapshotStore(directory.snapshots).sequences() == []


def test_nothing_new_writes_nothing(tmp_path: Path) -> None:
    directory = make_venue(tmp_path, COMMANDS, (1000,))
    before = max(directory.snapshots.iterdir()).stat().st_mtime_ns
    assert take_snapshot(directory.path).sequence == 1000
    assert max(directory.snapshots.iterdir()).stat().st_mtime_ns == before


async def test_the_process_does_not_get_the_venues_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBOURSE_MASTER_KEY", "secret")
    assert "secret" not in _environment().values()
    assert "PATH" in _environment()


def test_data_directory_is_not_locked_by_the_process(tmp_path: Path) -> None:
    make_venue(tmp_path, COMMANDS)
    held = DataDirectory(tmp_path)
    held.open("sandbox")
    assert take_snapshot(tmp_path).ok
    held.close()
