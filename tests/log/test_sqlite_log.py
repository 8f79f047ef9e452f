"""The embedded log: what goes in comes out, and nothing else is ever taken for it."""

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from openbourse.core.commands import AnyCommand, Deposit, OpenUser
from openbourse.log.errors import DamagedLogError, LogError
from openbourse.log.sqlite_log import SqliteLog
from tests.log.venues import fill, traffic

COMMANDS = traffic(200)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A closed log with eight batches of 25."""
    path = tmp_path / "commands.db"
    log = SqliteLog(path)
    fill(log, COMMANDS)
    log.close()
    return path


def read_all(path: Path, after: int = 0) -> list[tuple[int, AnyCommand]]:
    log = SqliteLog(path)
    try:
        return [
            (sequence, command)
            for first, commands in log.read(after)
            for sequence, command in enumerate(commands, first)
        ]
    finally:
        log.close()


def alter(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def test_everything_comes_back_in_order_with_its_sequence(path: Path) -> None:
    assert read_all(path) == list(enumerate(COMMANDS, 1))


@pytest.mark.parametrize("after", [0, 1, 24, 25, 26, 100, 199, 200])
def test_reading_starts_after_any_sequence_also_within_a_batch(path: Path, after: int) -> None:
    assert read_all(path, after) == list(enumerate(COMMANDS, 1))[after:]


def test_amounts_beyond_64_bits_survive(tmp_path: Path) -> None:
    deposit = Deposit(1, "k", 1, "BTC", 10**39 + 1)
    log = SqliteLog(tmp_path / "commands.db")
    log.append([deposit])
    assert list(log.read(0)) == [(1, [deposit])]


def test_sequences_go_on_after_reopening(path: Path) -> None:
    log = SqliteLog(path)
    assert log.last_sequence == 200
    log.append([OpenUser(1, 99)])
    log.close()
    assert read_all(path, 200) == [(201, OpenUser(1, 99))]


def test_one_append_is_one_row_and_nothing_is_no_row(tmp_path: Path) -> None:
    log = SqliteLog(tmp_path / "commands.db")
    log.append(list(COMMANDS[:150]))
    log.append([])
    assert [(batch.first_sequence, batch.size) for batch in log.batches(0)] == [(1, 150)]


def test_many_small_batches_are_read_over_several_pages(tmp_path: Path) -> None:
    log = SqliteLog(tmp_path / "commands.db")
    commands = traffic(700)
    fill(log, commands, batch=1)
    assert [commands for _, [commands] in log.read(0)] == list(commands)


def test_the_file_syncs_every_commit(path: Path) -> None:
    log = SqliteLog(path)
    assert log._pragma("synchronous") == 2
    assert log._connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_equal_commands_in_equal_batches_give_equal_digests(tmp_path: Path) -> None:
    digests = set()
    for name in ("one.db", "two.db"):
        log = SqliteLog(tmp_path / name)
        fill(log, COMMANDS)
        digests.add(log.last_digest)
    assert len(digests) == 1


# -- damage ---------------------------------------------------------------------------------------

_COPY = "INSERT INTO batches SELECT {to}, count, payload, digest FROM batches WHERE first_sequence = {of}"
_SWAP = [
    "UPDATE batches SET first_sequence = -1 WHERE first_sequence = 51",
    "UPDATE batches SET first_sequence = 51 WHERE first_sequence = 76",
    "UPDATE batches SET first_sequence = 76 WHERE first_sequence = -1",
]


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (["DELETE FROM batches WHERE first_sequence = 51"], "sequence 51 is missing"),
        (["DELETE FROM batches WHERE first_sequence = 1"], "sequence 1 is missing"),
        ([_COPY.format(to=60, of=51)], "sequence 60 is there twice"),
        ([_COPY.format(to=201, of=176)], "sequence 201 is not as it was written"),
        (_SWAP, "sequence 51 is not as it was written, or not in its place"),
        (["UPDATE batches SET count = 24 WHERE first_sequence = 51"], "sequence 51 is not as it was written"),
        (["UPDATE batches SET payload = CAST(payload AS TEXT) WHERE first_sequence = 51"], "sequence 51"),
        (["UPDATE batches SET payload = substr(payload, 1, 300) WHERE first_sequence = 51"], "sequence 51"),
        (["UPDATE batches SET digest = zeroblob(32) WHERE first_sequence = 51"], "sequence 51"),
        (["UPDATE batches SET count = 'x' WHERE first_sequence = 51"], "no batch"),
    ],
)
def test_altered_rows_are_detected_by_name(path: Path, damage: list[str], message: str) -> None:
    alter(path, *damage)
    with pytest.raises(DamagedLogError, match=message):
        read_all(path)


def test_every_flipped_bit_of_a_payload_is_detected(path: Path) -> None:
    whole = path.read_bytes()
    connection = sqlite3.connect(path)
    (payload,) = connection.execute("SELECT payload FROM batches WHERE first_sequence = 101").fetchone()
    connection.close()
    start = whole.index(payload[:200])
    for offset in range(0, 200, 7):
        flipped = bytearray(whole)
        flipped[start + offset] ^= 1 << (offset % 8)
        path.write_bytes(flipped)
        with pytest.raises(DamagedLogError, match="sequence 101"):
            read_all(path)


def test_flipped_bits_anywhere_in_the_file_never_give_other_commands(path: Path) -> None:
    whole, expected = path.read_bytes(), list(enumerate(COMMANDS, 1))
    noticed = 0
    for offset in range(0, len(whole), 509):
        flipped = bytearray(whole)
        flipped[offset] ^= 0x10
        path.write_bytes(flipped)
        try:
            assert read_all(path) == expected  # unused bytes of a page do not matter
        except LogError:
            noticed += 1
    assert noticed > 20


def test_a_file_cut_short_is_detected(path: Path) -> None:
    whole = path.read_bytes()
    for size in range(4096, len(whole), 4096):
        path.write_bytes(whole[:size])
        with pytest.raises(LogError):
            read_all(path)


def test_a_lost_tail_is_detected(path: Path) -> None:
    alter(path, "DELETE FROM batches WHERE first_sequence > 150")
    with pytest.raises(DamagedLogError, match="ends at sequence 150, but 200 were acknowledged"):
        SqliteLog(path)
    path.with_suffix(".mark").unlink()  # what the message says accepts the loss
    assert len(read_all(path)) == 150


def test_a_rewritten_tail_is_detected(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    log = SqliteLog(other)
    fill(log, COMMANDS[:175])
    log.append([OpenUser(1, 1)] * 25)
    log.close()
    other.rename(path)  # a sound chain of the same length, but not the one that was acknowledged
    with pytest.raises(DamagedLogError, match="is not the one that was acknowledged"):
        SqliteLog(path)


def test_a_batch_of_another_log_is_detected(path: Path, tmp_path: Path) -> None:
    """Its row is sound in itself: only the chain tells that it belongs elsewhere."""
    other = SqliteLog(tmp_path / "other.db")
    fill(other, (OpenUser(1, 1),) * 200)
    other.close()
    alter(
        path,
        f"ATTACH '{other.path}' AS other",
        "REPLACE INTO batches SELECT * FROM other.batches WHERE first_sequence = 101",
    )
    with pytest.raises(DamagedLogError, match="sequence 101 is not as it was written"):
        read_all(path)


def test_a_torn_end_of_the_write_ahead_file_is_detected(tmp_path: Path) -> None:
    path = tmp_path / "commands.db"
    log = SqliteLog(path)
    fill(log, COMMANDS)
    ahead = Path(f"{path}-wal").read_bytes()
    copy = tmp_path / "copy"
    copy.mkdir()
    for torn in (ahead[:-1000], ahead[:-1000] + bytes([ahead[-1000] ^ 4]) + ahead[-999:]):
        for suffix in (".db", ".mark"):
            (copy / f"commands{suffix}").write_bytes(path.with_suffix(suffix).read_bytes())
        (copy / "commands.db-wal").write_bytes(torn)
        with pytest.raises(DamagedLogError, match="has lost commands"):
            SqliteLog(copy / "commands.db")
        (copy / "commands.db").unlink()


def test_a_damaged_mark_is_said_aloud_and_does_not_stop_a_start(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mark = path.with_suffix(".mark")
    mark.write_bytes(mark.read_bytes().replace(b"200", b"201"))
    assert len(read_all(path)) == 200
    assert "high_water_mark_unusable" in capsys.readouterr().out


def test_an_unknown_command_is_told_from_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "commands.db"
    monkeypatch.setattr(
        "openbourse.log.sqlite_log.encode_commands", lambda commands: b'[["from_the_future",1]]'
    )
    log = SqliteLog(path)
    log.append([OpenUser(1, 1)])
    with pytest.raises(LogError, match="sequence 1 is intact but this version") as caught:
        list(log.read(0))
    assert not isinstance(caught.value, DamagedLogError)


# -- foreign files and full disks -----------------------------------------------------------------


def _another_program(path: Path) -> None:
    alter(path, "CREATE TABLE notes (text)")


def _text(path: Path) -> None:
    path.write_text("nothing of ours\n" * 100)


@pytest.mark.parametrize("make", [_another_program, _text])
@pytest.mark.parametrize("read_only", [False, True])
def test_foreign_files_are_refused_and_left_alone(
    tmp_path: Path, make: Callable[[Path], None], read_only: bool
) -> None:
    path = tmp_path / "commands.db"
    make(path)
    before = path.read_bytes()
    with pytest.raises(LogError, match="is not a command log of this program"):
        SqliteLog(path, read_only=read_only)
    assert path.read_bytes() == before


def test_another_format_is_refused(path: Path) -> None:
    alter(path, "PRAGMA user_version = 3")
    with pytest.raises(LogError, match="log format 3"):
        SqliteLog(path)


def test_a_directory_or_nothing_in_its_place_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="cannot use"):
        SqliteLog(tmp_path)
    with pytest.raises(LogError, match="there is no command log"):
        SqliteLog(tmp_path / "none.db", read_only=True)
    assert not (tmp_path / "none.db").exists()


def test_a_full_disk_stores_nothing_of_the_batch_and_ends_the_log(path: Path) -> None:
    log = SqliteLog(path)
    log._connection.execute(f"PRAGMA max_page_count = {log._pragma('page_count') + 2}")
    with pytest.raises(LogError, match=r"the disk of .* is full: make room"):
        log.append(list(COMMANDS))
    assert log.last_sequence == 200
    with pytest.raises(LogError, match="no more commands after an earlier failure"):
        log.append([OpenUser(1, 1)])
    log.close()
    assert read_all(path) == list(enumerate(COMMANDS, 1))


def test_a_file_that_may_not_grow_stores_nothing_of_the_batch(path: Path) -> None:
    """A real refusal of the operating system, in a process of its own."""
    program = f"""
import resource, signal
from openbourse.log.errors import LogError
from openbourse.log.sqlite_log import SqliteLog
from tests.log.venues import traffic
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
from pathlib import Path
log = SqliteLog(Path({str(path)!r}))
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    log.append(list(traffic(200)))
except LogError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=_environment(), check=True
    )
    assert "cannot use" in done.stdout or "is full" in done.stdout
    assert read_all(path) == list(enumerate(COMMANDS, 1))


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


# -- company --------------------------------------------------------------------------------------


def test_a_reader_beside_a_writer_sees_whole_batches_only(tmp_path: Path) -> None:
    path = tmp_path / "commands.db"
    log = SqliteLog(path)
    writer = threading.Thread(target=fill, args=(log, traffic(2000)))
    writer.start()
    seen = 0
    while writer.is_alive():
        reader = SqliteLog(path, read_only=True)
        total = sum(len(commands) for _, commands in reader.read(0))
        assert total >= max(seen, reader.last_sequence)
        assert total % 25 == 0
        seen = total
        reader.close()
    writer.join()
    assert sum(len(commands) for _, commands in log.read(0)) == 2000


def test_a_closed_log_is_read_where_nothing_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "commands.db"
    log = SqliteLog(path)
    log.append([OpenUser(1, 1)])
    monkeypatch.setattr("os.access", lambda *_: False)
    reader = SqliteLog(path, read_only=True)
    assert list(tmp_path.glob("*-wal")) != [], "a venue has it open, and its newest commands are beside it"
    assert reader.last_sequence == 1
    reader.close()
    log.close()
    reader = SqliteLog(path, read_only=True)
    assert [commands for _, commands in reader.read(0)] == [[OpenUser(1, 1)]]
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["commands.db", "commands.mark"]
    reader.close()


def test_a_read_only_log_takes_no_commands(path: Path) -> None:
    with pytest.raises(LogError, match="for reading only"):
        SqliteLog(path, read_only=True).append([OpenUser(1, 1)])
