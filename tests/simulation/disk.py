"""What a crash leaves on the disk: a commit that was under way is whole, torn, altered, partly there, or
gone.
"""

import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from openbourse.core.commands import AnyCommand
from openbourse.log.errors import LogError
from openbourse.log.sqlite_log import SqliteLog
from tests.core.dice import Dice

SECTOR = 512


class SimulatedDisk:
    """The command log of one life of a venue, on a disk that may run full and that remembers its last
    write.
    """

    def __init__(self, path: Path, dice: Dice, faults: Counter[str]) -> None:
        self.log = SqliteLog(path / "commands.db")
        # Nothing here survives the process but by copying, so nothing need be synced.
        self.log._connection.execute("PRAGMA synchronous = OFF")
        self.full = False
        self.unfinished = False  # a commit of which nobody has been told
        self._path = path
        self._dice = dice
        self._faults = faults
        self._before: dict[str, bytes] = {}

    @property
    def last_sequence(self) -> int:
        return self.log.last_sequence

    @property
    def skipped(self) -> frozenset[int]:
        return self.log.skipped

    def append(self, commands: list[AnyCommand]) -> None:
        if self.full:
            self._faults["disk full"] += 1
            raise LogError("the disk is full")
        self._before = {name: self._read(name) for name in ("commands.db-wal", "commands.mark")}
        self.unfinished = True
        self.log.append(commands)

    def read(self, after: int) -> Iterator[tuple[int, list[AnyCommand]]]:
        return self.log.read(after)

    def close(self) -> None:
        self.log.close()

    def _read(self, name: str) -> bytes:
        file = self._path / name
        return file.read_bytes() if file.exists() else b""

    def crash(self, to: Path) -> None:
        """Copy what is on the disk to another directory, as the crash leaves it."""
        shutil.copytree(self._path, to, ignore=shutil.ignore_patterns("*-shm", "lock"))
        if self.unfinished:
            self._spoil_last_write(to)
        self.log.close()

    def _spoil_last_write(self, to: Path) -> None:
        before, ahead = self._before["commands.db-wal"], to / "commands.db-wal"
        after = bytearray(ahead.read_bytes())
        changed = [
            place
            for place in range(0, len(after), SECTOR)
            if after[place : place + SECTOR] != before[place : place + SECTOR]
        ]
        kind = self._dice.choice(("whole", "lost", "torn", "flipped", "reordered"))
        if kind != "whole" and changed:
            (to / "commands.mark").write_bytes(self._before["commands.mark"])
        if kind == "lost":
            after = bytearray(before)
        elif kind == "torn" and changed:
            start = changed[self._dice.between(0, len(changed) - 1)]
            after[start:] = before[start:] or bytes(len(after) - start)
        elif kind == "flipped" and changed:
            sector = self._dice.choice(changed)
            # A sector may begin with the end of an older commit, which is safe.
            fresh = [
                place
                for place in range(sector, min(sector + SECTOR, len(after)))
                if after[place : place + 1] != before[place : place + 1]
            ]
            after[self._dice.choice(fresh)] ^= 1 << self._dice.between(0, 7)
        elif kind == "reordered":
            for place in changed:
                if self._dice.random() < 0.5:
                    old = before[place : place + SECTOR]
                    after[place : place + SECTOR] = old.ljust(len(after[place : place + SECTOR]), b"\0")
        ahead.write_bytes(after)
        self._faults[f"last commit {kind}"] += 1
