"""Recovery: from any snapshot and any tail to the one state that the log leads to."""

from pathlib import Path

import pytest

from openbourse.core import snapshot
from openbourse.core.events import Applied
from openbourse.log.data_directory import DataDirectory
from openbourse.log.errors import DamagedLogError, LogError
from openbourse.log.recovery import Recovered, recover
from openbourse.log.snapshots import SnapshotStore
from openbourse.log.sqlite_log import SqliteLog
from tests.log.venues import applied, make_venue, traffic

COMMANDS = traffic(2000)


def recovered(directory: DataDirectory) -> Recovered:
    log = SqliteLog(directory.commands)
    try:
        return recover(log, SnapshotStore(directory.snapshots))
    finally:
        log.close()


@pytest.fixture(scope="module")
def full_replay() -> bytes:
    return snapshot.dump(applied(COMMANDS))


@pytest.mark.parametrize("snapshots_at", [(), (1,), (25,), (777,), (1999,), (2000,), (500, 1000, 1500)])
def test_snapshot_and_tail_equal_full_replay(
    tmp_path: Path, full_replay: bytes, snapshots_at: tuple[int, ...]
) -> None:
    result = recovered(make_venue(tmp_path, COMMANDS, snapshots_at))
    assert snapshot.dump(result.exchange) == full_replay
    assert result.snapshot_sequence == max(snapshots_at, default=0)
    assert result.replayed == 2000 - result.snapshot_sequence


def test_a_damaged_snapshot_costs_time_only(tmp_path: Path, full_replay: bytes) -> None:
    directory = make_venue(tmp_path, COMMANDS, (500, 1500))
    newest = max(directory.snapshots.iterdir())
    newest.write_bytes(newest.read_bytes()[:-9])
    result = recovered(directory)
    assert result.snapshot_sequence == 500
    assert snapshot.dump(result.exchange) == full_replay


def test_an_empty_directory_gives_an_empty_venue(tmp_path: Path) -> None:
    result = recovered(make_venue(tmp_path, ()))
    assert (result.exchange.sequence, result.replayed, result.snapshot_sequence) == (0, 0, 0)


def test_a_log_behind_its_snapshot_is_refused(tmp_path: Path) -> None:
    directory = make_venue(tmp_path, COMMANDS[:1000], (1000,))
    SnapshotStore(directory.snapshots).save(applied(COMMANDS[:1001]))
    with pytest.raises(DamagedLogError, match=r"ends at sequence 1000, but there is a snapshot of 1001"):
        recovered(directory)


def test_read_sides_get_what_they_have_not_seen(tmp_path: Path) -> None:
    directory = make_venue(tmp_path, COMMANDS, (500, 1000, 1500))
    log, fed = SqliteLog(directory.commands), list[Applied]()
    result = recover(log, SnapshotStore(directory.snapshots), on_applied=fed.extend, known=1200)
    assert result.snapshot_sequence == 1000
    assert [each.sequence for each in fed] == list(range(1001, 2001))
    judge = applied(COMMANDS[:1000])
    assert [each.events for each in fed] == [judge.apply(command) for command in COMMANDS[1000:]]


def test_a_log_behind_a_read_side_is_refused(tmp_path: Path) -> None:
    directory = make_venue(tmp_path, COMMANDS[:1000])
    log = SqliteLog(directory.commands)
    with pytest.raises(DamagedLogError, match="ends at sequence 1000, but a read side has applied 1001"):
        recover(log, SnapshotStore(directory.snapshots), known=1001)


def test_a_command_that_the_core_cannot_apply_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = make_venue(tmp_path, COMMANDS)

    class Faulty:
        sequence = 0

        def apply(self, command: object) -> list[object]:
            self.sequence += 1
            if self.sequence == 1234:
                raise ZeroDivisionError
            return []

    monkeypatch.setattr("openbourse.log.recovery.Exchange", Faulty)
    with pytest.raises(LogError, match="cannot apply command 1234 of its log"):
        recovered(directory)
