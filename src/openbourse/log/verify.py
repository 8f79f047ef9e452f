"""Verification: replay the whole log from nothing and see whether everything agrees with it."""

import time
from collections import Counter
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from openbourse.core import invariants, snapshot
from openbourse.core.commands import AnyCommand
from openbourse.core.events import AnyEvent
from openbourse.core.exchange import Exchange
from openbourse.log.audit import Audit
from openbourse.log.data_directory import DataDirectory
from openbourse.log.errors import LogError, SnapshotError
from openbourse.log.high_water import HighWater
from openbourse.log.replay import replay
from openbourse.log.snapshots import SnapshotStore
from openbourse.log.sqlite_log import SqliteLog

CHECK_EVERY: Final = 100_000
MAX_PROBLEMS: Final = 100


class Report(msgspec.Struct):
    """What a verification found; sound exactly when there are no `problems`.

    `commands` and `events` count what was replayed by kind, `state` what the state holds at the end, and
    `snapshots` are the sequences of those that agree with the log, `skipped` those of commands that the
    operator took out.
    """

    sequence: int = 0
    batches: int = 0
    commands: dict[str, int] = {}
    events: dict[str, int] = {}
    state: dict[str, int] = {}
    state_hash: str = ""
    snapshots: list[int] = []
    skipped: list[int] = []
    problems: list[str] = []
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        return not self.problems


class _Branch(NamedTuple):
    """A state restored from a snapshot, which must go the same way as the replay from there on."""

    start: int
    exchange: Exchange


def verify(data_dir: Path | str, *, check_every: int = CHECK_EVERY) -> Report:
    """Replay the log of a data directory, changing nothing there, and report every disagreement.

    The venue may be running: then what was committed when this began is checked. LogError when there is no
    readable data directory at all.
    """
    directory = DataDirectory(data_dir)
    directory.check()
    return _Verification(directory, check_every).run()


class _Verification:
    def __init__(self, directory: DataDirectory, check_every: int) -> None:
        self._directory = directory
        self._check_every = check_every
        self._report = Report()
        self._exchange = Exchange()
        self._audit = Audit()
        self._commands: Counter[type[msgspec.Struct]] = Counter()
        self._events: Counter[type[msgspec.Struct]] = Counter()
        self._store = SnapshotStore(directory.snapshots)
        self._expected_snapshots = set(self._store.sequences())
        self._branches: list[_Branch] = []
        self._skipped: frozenset[int] = frozenset()

    def run(self) -> Report:
        began = time.perf_counter()
        report = self._report
        self._check_mark()
        try:
            self._replay()
        except LogError as error:
            self._problem(str(error))
        self._check_state()
        self._check_branches()
        for sequence in sorted(self._expected_snapshots):
            self._problem(f"there is a snapshot of sequence {sequence}, which the log does not reach")
        for problem in self._audit.problems:
            self._problem(problem)
        report.sequence = self._exchange.sequence
        report.commands = _by_tag(self._commands)
        report.events = _by_tag(self._events)
        report.state = snapshot.counts(self._exchange)
        report.state_hash = snapshot.state_hash(self._exchange)
        report.seconds = time.perf_counter() - began
        return report

    def _problem(self, text: str) -> None:
        if len(self._report.problems) < MAX_PROBLEMS:
            self._report.problems.append(text)

    def _check_mark(self) -> None:
        try:
            HighWater(self._directory.commands.with_suffix(".mark")).read()
        except LogError as error:
            self._problem(str(error))

    def _replay(self) -> None:
        log = SqliteLog(self._directory.commands, read_only=True)
        end = log.last_sequence
        self._skipped = log.skipped
        self._report.skipped = sorted(self._skipped)
        try:
            for _, commands in log.read(after=0):
                for command in commands:
                    self._apply(command)
                self._report.batches += 1
                if self._exchange.sequence >= end:
                    return
        finally:
            log.close()

    def _apply(self, command: AnyCommand) -> None:
        exchange = self._exchange
        sequence = exchange.sequence + 1
        events = replay(exchange, sequence, command, self._skipped)
        self._commands[type(command)] += 1
        self._events.update(map(type, events))
        self._audit.follow(sequence, events)
        self._follow_branches(sequence, command, events)
        if sequence in self._expected_snapshots:
            self._expected_snapshots.remove(sequence)
            self._compare_snapshot(sequence)
        if sequence % self._check_every == 0:
            self._check_state()

    def _check_state(self) -> None:
        for violation in invariants.violations(self._exchange):
            self._problem(f"at sequence {self._exchange.sequence}: {violation}")
        self._audit.compare(self._exchange.sequence, self._exchange)

    # -- snapshots --------------------------------------------------------------------------------

    def _compare_snapshot(self, sequence: int) -> None:
        if sequence not in self._store.sequences():
            return  # a running venue has dropped it in the meantime
        try:
            restored = self._store.load(sequence)
        except SnapshotError as error:
            self._problem(str(error))
            return
        if snapshot.state_hash(restored) != snapshot.state_hash(self._exchange):
            self._problem(f"the snapshot of sequence {sequence} is not the state that the log leads to")
            return
        self._report.snapshots.append(sequence)
        self._branches.append(_Branch(sequence, restored))

    def _follow_branches(self, sequence: int, command: AnyCommand, events: list[AnyEvent]) -> None:
        for branch in list(self._branches):
            if replay(branch.exchange, sequence, command, self._skipped) != events:
                self._problem(f"from the snapshot of {branch.start} on, command {sequence} had other events")
                self._branches.remove(branch)

    def _check_branches(self) -> None:
        for branch in self._branches:
            if snapshot.state_hash(branch.exchange) != snapshot.state_hash(self._exchange):
                self._problem(f"the snapshot of {branch.start} and the tail of the log lead to another state")


def _by_tag(counts: Counter[type[msgspec.Struct]]) -> dict[str, int]:
    """Counts under the tag by which each kind is known in the log."""
    tagged = {str(kind.__struct_config__.tag): count for kind, count in counts.items()}
    return dict(sorted(tagged.items()))
