"""Damage of every kind at random places of the files of a venue: found, or without any effect, or cut and
told.

Each seed damages one file in one way. The venue then either refuses to start, names the file and says what
to do, or has exactly the commands that it had; only commands that nobody was told of may be missing, with a
warning.
"""

import re
import shutil
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from openbourse.core import snapshot
from openbourse.log.data_directory import DataDirectory
from openbourse.log.errors import LogError
from openbourse.log.recovery import recover
from openbourse.log.snapshots import SnapshotStore
from openbourse.log.sqlite_log import SqliteLog
from tests.core.dice import Dice
from tests.log.venues import applied, fill, make_venue, traffic

COMMANDS = traffic(400)
BATCH = 20
TOLD = 340  # of which the mark of an interrupted venue knows
SEEDS = 250
BLOCK = 512


@cache
def state_after(sequence: int) -> bytes:
    return snapshot.dump(applied(COMMANDS[:sequence]))


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Data directories of three venues: one that ended well, one that was killed, one killed in a commit."""
    folder = tmp_path_factory.mktemp("venues")
    ended = make_venue(folder / "ended", COMMANDS, (100, 250)).path
    live = make_venue(folder / "live", (), ())
    log = SqliteLog(live.commands)
    fill(log, COMMANDS[:TOLD], BATCH)
    mark = live.commands.with_suffix(".mark").read_bytes()
    fill(log, COMMANDS[TOLD:], BATCH)
    SnapshotStore(live.snapshots).save(applied(COMMANDS[:200]))
    for name in ("killed", "killed in a commit"):
        shutil.copytree(live.path, folder / name)
    log.close()
    (folder / "killed in a commit" / "commands.mark").write_bytes(mark)
    return {name: folder / name for name in (ended.name, "killed", "killed in a commit")}


Damage = Callable[[Dice, bytearray], None]


def _flip(dice: Dice, content: bytearray) -> None:
    content[dice.between(0, len(content) - 1)] ^= 1 << dice.between(0, 7)


def _truncate(dice: Dice, content: bytearray) -> None:
    del content[dice.between(0, len(content) - 1) :]


def _tear(dice: Dice, content: bytearray) -> None:
    """The end is as long as it should be, but was never written."""
    start = dice.between(len(content) * 3 // 4, len(content) - 1)
    content[start:] = bytes(len(content) - start)


def _lose(dice: Dice, content: bytearray) -> None:
    start = dice.between(0, len(content) // BLOCK) * BLOCK
    content[start : start + BLOCK] = bytes(len(content[start : start + BLOCK]))


def _repeat(dice: Dice, content: bytearray) -> None:
    one, other = (dice.between(0, len(content) // BLOCK - 1) * BLOCK for _ in range(2))
    content[other : other + BLOCK] = content[one : one + BLOCK]


def _swap(dice: Dice, content: bytearray) -> None:
    one, other = (dice.between(0, len(content) // BLOCK - 1) * BLOCK for _ in range(2))
    first, second = content[one : one + BLOCK], content[other : other + BLOCK]
    content[one : one + BLOCK], content[other : other + BLOCK] = second, first


def _tear_end(dice: Dice, content: bytearray) -> None:
    """Only what was written last."""
    start = dice.between(len(content) - 2000, len(content) - 1)
    content[start:] = bytes(len(content) - start)


DAMAGES: tuple[Damage, ...] = (_flip, _truncate, _tear, _lose, _repeat, _swap, _tear_end)


def _outcome(seed: int, originals: dict[str, Path], path: Path) -> str:
    """Damage a copy and start; what came of it. AssertionError when that must not be."""
    dice = Dice(seed)
    kind = dice.choice(sorted(originals))
    directory = DataDirectory(shutil.copytree(originals[kind], path))
    files = sorted(
        file
        for file in path.rglob("*")
        if file.name.startswith("commands") and not file.name.endswith("-shm") and file.stat().st_size
    )
    logs = [file for file in files if file.suffix != ".mark"]
    file = dice.choice([*logs, *logs, *logs, *files, max(directory.snapshots.iterdir())])
    content = bytearray(file.read_bytes())
    damage = dice.choice([each for each in DAMAGES if len(content) > 2000 or each in (_flip, _truncate)])
    damage(dice, content)
    if bytes(content) == file.read_bytes():
        return "unchanged"
    file.write_bytes(content)
    what = f"seed {seed}: {damage.__name__} of {file.name}, {kind}"
    try:
        with capture_logs() as said:
            log = SqliteLog(directory.commands)
            try:
                exchange = recover(log, SnapshotStore(directory.snapshots)).exchange
            finally:
                log.close()
    except LogError as error:
        return _refusal(str(error), what)
    told = TOLD if kind == "killed in a commit" and file.suffix != ".mark" else len(COMMANDS)
    warnings = {str(line["event"]) for line in said}
    assert exchange.sequence >= told, what
    assert snapshot.dump(exchange) == state_after(exchange.sequence), what
    if exchange.sequence < len(COMMANDS):
        assert "unfinished_end_of_log_cut" in warnings, what
        return "cut"
    if file.suffix in (".mark", ".snapshot"):
        assert warnings & {"high_water_mark_unusable", "snapshot_refused"}, what
        return "told"
    return "without effect"


def _refusal(sentence: str, what: str) -> str:
    """It names the file and says what to do."""
    assert re.search(r"restore|use the version|choose another", sentence), f"{what}: {sentence}"
    assert "commands" in sentence, f"{what}: {sentence}"
    return "refused"


def test_no_damage_goes_unnoticed(originals: dict[str, Path], tmp_path: Path) -> None:
    outcomes = Counter(_outcome(seed, originals, tmp_path / str(seed)) for seed in range(SEEDS))
    for outcome, least in (("refused", SEEDS // 4), ("cut", 3), ("told", 10), ("without effect", 5)):
        assert outcomes[outcome] >= least, outcomes


def test_a_whole_file_says_nothing(originals: dict[str, Path], tmp_path: Path) -> None:
    for name, path in originals.items():
        directory = DataDirectory(shutil.copytree(path, tmp_path / name))
        with capture_logs() as said:
            log = SqliteLog(directory.commands)
            exchange = recover(log, SnapshotStore(directory.snapshots)).exchange
            log.close()
        assert said == []
        assert snapshot.dump(exchange) == state_after(len(COMMANDS))


def test_after_a_cut_the_log_goes_on(originals: dict[str, Path], tmp_path: Path) -> None:
    directory = DataDirectory(shutil.copytree(originals["killed in a commit"], tmp_path / "venue"))
    ahead = directory.path / "commands.db-wal"
    ahead.write_bytes(ahead.read_bytes()[:-100])
    with capture_logs() as said:
        log = SqliteLog(directory.commands)
    (line,) = said
    assert line["event"] == "unfinished_end_of_log_cut"
    assert line["pages"] >= 1
    assert log.last_sequence == len(COMMANDS) - BATCH
    log.append(list(COMMANDS[-BATCH:]))
    log.close()
    with capture_logs() as said:
        log = SqliteLog(directory.commands)
        assert snapshot.dump(recover(log, SnapshotStore(directory.snapshots)).exchange) == state_after(400)
        log.close()
    assert said == []
