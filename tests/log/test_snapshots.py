"""Snapshots: the same state comes back, or an older one with a warning, never another one."""

import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from openbourse.core import snapshot
from openbourse.log.errors import SnapshotError
from openbourse.log.snapshots import KEEP, SnapshotStore
from tests.log.venues import applied, traffic

COMMANDS = traffic(600)


@pytest.fixture
def store(tmp_path: Path) -> SnapshotStore:
    """Snapshots of the sequences 200, 400 and 600."""
    store = SnapshotStore(tmp_path / "snapshots")
    for sequence in (200, 400, 600):
        store.save(applied(COMMANDS[:sequence]))
    return store


def newest_file(store: SnapshotStore) -> Path:
    return max(store.directory.iterdir())


def _flip_body(content: bytes) -> bytes:
    return content[:-100] + bytes([content[-100] ^ 1]) + content[-99:]


def _other_body(content: bytes) -> bytes:
    """A sound dump of another state of equal length in the file, below the old header."""
    line, _, body = content.partition(b"\n")
    dump = zlib.decompress(body).replace(b'"active"', b'"frozen"')
    return (
        line.replace(str(len(body)).encode(), str(len(zlib.compress(dump, 1))).encode())
        + b"\n"
        + zlib.compress(dump, 1)
    )


def _edit(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    def edit(content: bytes) -> bytes:
        assert old in content
        return content.replace(old, new, 1)

    return edit


DAMAGES = {
    "bit flipped": _flip_body,
    "another state": _other_body,
    "cut short": lambda content: content[:-1],
    "longer": lambda content: content + b"\0",
    "empty": lambda content: b"",
    "no header": lambda content: content[1:],
    "not text": lambda content: b"\xff" + content,
    "counts disagree": _edit(b'"users":', b'"users":1'),
    "sequence disagrees": _edit(b'"sequence":600', b'"sequence":601'),
    "hash disagrees": _edit(b'"state_hash":"', b'"state_hash":"0'),
    "unknown version": _edit(b'"version":1', b'"version":2'),
    "unknown format": _edit(b'"openbourse-snapshot"', b'"somebody-elses"'),
}


def test_the_state_comes_back(store: SnapshotStore) -> None:
    restored = store.newest_valid()
    assert restored is not None
    assert restored.sequence == 600
    assert snapshot.dump(restored) == snapshot.dump(applied(COMMANDS))


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_snapshot_is_refused_aloud_and_the_next_older_one_used(
    store: SnapshotStore, damage: Callable[[bytes], bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    path = newest_file(store)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(SnapshotError, match=path.name):
        store.load(600)
    restored = store.newest_valid()
    assert restored is not None
    assert restored.sequence == 400
    said = capsys.readouterr().out
    assert "snapshot_refused" in said
    assert path.name in said


def test_a_snapshot_under_the_name_of_another_sequence_is_refused(store: SnapshotStore) -> None:
    path = newest_file(store)
    path.rename(path.with_name(f"{601:020d}.snapshot"))
    with pytest.raises(SnapshotError, match="holds sequence 600"):
        store.load(601)


def test_without_any_valid_snapshot_there_is_none(store: SnapshotStore, tmp_path: Path) -> None:
    for path in store.directory.iterdir():
        path.write_bytes(path.read_bytes()[:-1])
    assert store.newest_valid() is None
    assert SnapshotStore(tmp_path / "nowhere").newest_valid() is None


def test_an_older_one_can_be_asked_for(store: SnapshotStore) -> None:
    found = [store.newest_valid(not_after=limit) for limit in (199, 200, 599, 600)]
    assert [None if each is None else each.sequence for each in found] == [None, 200, 400, 600]


def test_the_newest_three_are_kept(store: SnapshotStore) -> None:
    for sequence in (601, 602):
        store.save(applied(traffic(602)[:sequence]))
    assert store.sequences() == [602, 601, 600]
    assert len(list(store.directory.iterdir())) == KEEP


def test_a_failed_write_leaves_what_was_there(store: SnapshotStore, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {path: path.read_bytes() for path in store.directory.iterdir()}

    def no_room(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("openbourse.log.files.os.fsync", no_room)
    with pytest.raises(SnapshotError, match="No space left on device"):
        store.save(applied(traffic(602)))
    assert {path: path.read_bytes() for path in store.directory.iterdir()} == before
