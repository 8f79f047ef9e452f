"""What a power cut leaves on the disk: a commit that was under way is whole, torn, altered, partly there,
or gone. What was not synced (the history, whose rows can be had again from the log) may lack its end.
"""

import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from openbourse.core.commands import AnyCommand
from openbourse.log.errors import LogError
from openbourse.log.sqlite_log import SqliteLog
from tests.core.dice import Dice
from tests.simulation.machine import Machine
from tests.simulation.worker import SteppedThread

SECTOR = 512


class SimulatedDisk:
    """The command log of one life of a venue, on a disk that may run full and that remembers its last
    write. `durable` is the newest command of which the log has said that it is safe.
    """

    def __init__(
        self, log: SqliteLog, machine: Machine, thread: SteppedThread, dice: Dice, faults: Counter[str]
    ) -> None:
        self.log = log
        # Nothing here survives the process but by copying, so nothing need be synced.
        self.log._connection.execute("PRAGMA synchronous = OFF")
        self.full = False
        self.unfinished = False  # a commit of which nobody has been told
        self.durable = log.last_sequence
        self._machine = machine
        self._thread = thread
        self._path = log.path.parent
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
        self._machine.boundary("commit")
        self._thread.pause()
        if self.full:
            self._faults["fault disk full"] += 1
            raise LogError("the disk is full")
        self._before = {name: self._read(name) for name in ("commands.db-wal", "commands.mark")}
        self.unfinished = True
        self.log.append(commands)
        self._machine.boundary("commit")
        self._thread.pause()
        self.unfinished = False
        self.durable = self.log.last_sequence
        self._machine.boundary("commit")

    def read(self, after: int) -> Iterator[tuple[int, list[AnyCommand]]]:
        return self.log.read(after)

    def close(self) -> None:
        self.log.close()

    def _read(self, name: str) -> bytes:
        file = self._path / name
        return file.read_bytes() if file.exists() else b""

    def copy(self, to: Path) -> None:
        """Copy what is on the disk to another directory, as a power cut leaves it."""
        copy_disk(self._path, to)
        if self.unfinished:
            self._spoil_last_write(to)
        if self._dice.random() < 0.3:
            self._cut_history(to / "history.db-wal")

    def _cut_history(self, ahead: Path) -> None:
        if ahead.exists() and ahead.stat().st_size:
            with ahead.open("r+b") as file:
                file.truncate(self._dice.between(0, ahead.stat().st_size - 1))
            self._faults["fault end of the history lost"] += 1

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
        self._faults[f"fault last commit {kind}"] += 1


def copy_disk(source: Path, to: Path) -> None:
    """A data directory as it is; what only a living process needs is left behind."""
    shutil.copytree(source, to, ignore=shutil.ignore_patterns("*-shm", "lock", "*.sock"))
