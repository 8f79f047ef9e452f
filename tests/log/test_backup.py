"""Backup and restore: what is restored is what was backed up, or nothing."""

import io
import random
import sqlite3
import tarfile
import threading
from pathlib import Path

import pytest

from openbourse.core import snapshot
from openbourse.log.backup import back_up
from openbourse.log.data_directory import DataDirectory
from openbourse.log.errors import LogError
from openbourse.log.recovery import recover
from openbourse.log.restore import restore
from openbourse.log.snapshots import SnapshotStore
from openbourse.log.sqlite_log import SqliteLog
from openbourse.log.verify import verify
from tests.log.venues import applied, make_venue, traffic

COMMANDS = traffic(1000)


@pytest.fixture
def directory(tmp_path: Path) -> DataDirectory:
    made = make_venue(tmp_path / "venue", COMMANDS, (300, 700))
    with sqlite3.connect(made.accounts) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE people AS SELECT 'alice' AS name")
    connection.close()
    made.master_key.write_text("00" * 32)
    made.quarantine.mkdir()
    (made.quarantine / "5.json").write_text("{}")
    made.liabilities.mkdir()
    for name in ("0300.json", "0300.trees", "0700.json", "0700.trees", "0701.trees.tmp", "lock"):
        (made.liabilities / name).write_text(name)
    return made


def state(path: Path) -> bytes:
    log = SqliteLog(path / "commands.db")
    try:
        return snapshot.dump(recover(log, SnapshotStore(path / "snapshots")).exchange)
    finally:
        log.close()


def test_there_and_back(directory: DataDirectory, tmp_path: Path) -> None:
    archive, copy = tmp_path / "backup", tmp_path / "copy"
    manifest = back_up(directory.path, archive)
    assert (manifest.sequence, manifest.mode) == (1000, "sandbox")
    assert archive.stat().st_mode & 0o777 == 0o600
    assert restore(archive, copy) == manifest
    names = {str(path.relative_to(copy)) for path in copy.rglob("*") if path.is_file()}
    assert names == {
        "openbourse.json",
        "restored.json",
        "commands.db",
        "commands.mark",
        "accounts.db",
        "snapshots/00000000000000000700.snapshot",
        "quarantine/5.json",
        "liabilities/0300.json",
        "liabilities/0700.json",
        "liabilities/0700.trees",
    }
    report = verify(copy)
    assert (report.problems, report.sequence, report.snapshots) == ([], 1000, [700])
    assert state(copy) == snapshot.dump(applied(COMMANDS))
    connection = sqlite3.connect(copy / "accounts.db")
    assert connection.execute("SELECT name FROM people").fetchall() == [("alice",)]
    connection.close()
    assert not list(tmp_path.glob(".backup*"))


def test_a_writer_does_not_notice_and_the_backup_is_of_one_moment(
    directory: DataDirectory, tmp_path: Path
) -> None:
    log, done = SqliteLog(directory.commands), threading.Event()

    def write() -> None:
        while not done.is_set():
            log.append(list(COMMANDS[:7]))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        ends = [back_up(directory.path, tmp_path / f"backup{number}").sequence for number in range(4)]
    finally:
        done.set()
        writer.join()
    assert log.last_sequence > ends[-1] > ends[0] >= 1000
    log.close()
    for number, sequence in enumerate(ends):
        copy = tmp_path / f"copy{number}"
        restore(tmp_path / f"backup{number}", copy)
        report = verify(copy)
        assert (report.problems, report.sequence) == ([], sequence)


def test_a_damaged_snapshot_is_left_out(directory: DataDirectory, tmp_path: Path) -> None:
    newest = max(directory.snapshots.iterdir())
    newest.write_bytes(newest.read_bytes()[:-1])
    manifest = back_up(directory.path, tmp_path / "backup", accounts=False)
    assert {name for name in manifest.files if "/" in name and "liabilities" not in name} == {
        "snapshots/00000000000000000300.snapshot",
        "quarantine/5.json",
    }
    assert "accounts.db" not in manifest.files


def test_a_damaged_log_is_not_backed_up(directory: DataDirectory, tmp_path: Path) -> None:
    with sqlite3.connect(directory.commands) as connection:
        connection.execute("UPDATE batches SET payload = zeroblob(10) WHERE first_sequence = 501")
    connection.close()
    with pytest.raises(LogError, match="sequence 501 is not as it was written"):
        back_up(directory.path, tmp_path / "backup")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["venue"]


def test_what_is_there_is_never_overwritten(directory: DataDirectory, tmp_path: Path) -> None:
    archive = tmp_path / "backup"
    archive.write_text("precious")
    with pytest.raises(LogError, match="exists already"):
        back_up(directory.path, archive)
    assert archive.read_text() == "precious"
    archive.unlink()
    back_up(directory.path, archive)
    before = state(directory.path)
    with pytest.raises(LogError, match="is not empty"):
        restore(archive, directory.path)
    assert state(directory.path) == before
    with pytest.raises(LogError, match="is not a data directory"):
        back_up(tmp_path, tmp_path / "other")


@pytest.mark.parametrize("seed", range(25))
def test_every_damage_to_a_backup_is_found(directory: DataDirectory, tmp_path: Path, seed: int) -> None:
    """A flipped bit in the padding of the archive changes nothing and may pass; what is restored is right."""
    archive, copy = tmp_path / "backup", tmp_path / "copy"
    back_up(directory.path, archive)
    dice, content = random.Random(seed), bytearray(archive.read_bytes())
    place = dice.randrange(len(content))
    if seed % 2:
        content[place] ^= 1 << dice.randrange(8)
    else:
        del content[min(place, len(content) - 10_240) :]  # the last ten kilobytes may be padding
    archive.write_bytes(content)
    refusal = ""
    try:
        restore(archive, copy)
    except LogError as error:
        refusal = str(error)
    if refusal:
        assert str(archive) in refusal
        assert not copy.exists()
    else:
        assert seed % 2
        assert state(copy) == snapshot.dump(applied(COMMANDS))


def _archive(path: Path, members: dict[str, bytes]) -> None:
    with tarfile.open(path, "w") as tar:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))


def test_files_outside_of_the_directory_are_refused(tmp_path: Path) -> None:
    for name in ("../evil", "/tmp/evil", "snapshots/../../evil", "a/b/c"):
        manifest = (
            '{"format":"openbourse-backup","version":1,"made_at":0,"mode":"sandbox","sequence":0,"digest":"",'
            f'"files":{{"{name}":{{"size":0,"sha256":""}}}}}}'
        )
        _archive(tmp_path / "backup", {"manifest.json": manifest.encode(), name: b""})
        with pytest.raises(LogError, match="does not belong into a data directory"):
            restore(tmp_path / "backup", tmp_path / "copy")
        assert not (tmp_path / "evil").exists()
        assert not (tmp_path / "copy").exists()


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({}, "no backup"),
        ({"other": b""}, "no backup"),
        ({"manifest.json": b"{"}, "damaged manifest"),
        (
            {
                "manifest.json": b'{"format":"x","version":9,"made_at":0,"mode":"sandbox",'
                b'"sequence":0,"digest":"","files":{}}'
            },
            "unknown format x 9",
        ),
    ],
)
def test_foreign_archives_are_refused(tmp_path: Path, members: dict[str, bytes], message: str) -> None:
    _archive(tmp_path / "backup", members)
    (tmp_path / "copy").mkdir()
    with pytest.raises(LogError, match=message):
        restore(tmp_path / "backup", tmp_path / "copy")
    assert list((tmp_path / "copy").iterdir()) == []
