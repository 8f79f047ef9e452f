"""`python -m tests.recovery.apply_faults SEEDS`: let the core fail at random lines; print what came of it as
JSON.

The interpreted core is needed: a tracer raises an exception at one line of it, as a fault there would. Each
seed makes a log, chooses a command and a line within it, and asks whether everything else is as if the
command had been refused.
"""

import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from openbourse.core import snapshot
from openbourse.core.commands import AnyCommand
from openbourse.core.events import AnyEvent
from openbourse.core.exchange import Exchange
from openbourse.engine import engine_kind
from openbourse.log.data_directory import DataDirectory
from openbourse.log.errors import LogError, PoisonedCommandError
from openbourse.log.quarantine import Quarantine, skip_command
from openbourse.log.recovery import recover, state_before
from openbourse.log.snapshots import SnapshotStore
from openbourse.log.sqlite_log import SqliteLog
from openbourse.log.verify import verify
from tests.core.dice import Dice
from tests.log.venues import applied, make_venue, traffic

COMMANDS = 260


class Fault(Exception):  # noqa: N818 - the fault is ours, on purpose
    """What the tracer raises."""


class Tripwire:
    """Counts the lines of the core that run, and raises at one of them (0: at none)."""

    def __init__(self, at: int = 0) -> None:
        self.at = at
        self.lines = 0
        self.place = ""

    def __enter__(self) -> "Tripwire":
        sys.settrace(self._enter)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(None)

    def _enter(self, frame: FrameType, event: str, argument: object) -> Any:
        file = frame.f_code.co_filename
        # Not `apply` itself: nothing happens there but what the test looks at.
        return self._line if "/openbourse/core/" in file and not file.endswith("exchange.py") else None

    def _line(self, frame: FrameType, event: str, argument: object) -> Any:
        if event == "line":
            self.lines += 1
            if self.lines == self.at:
                self.place = f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}"
                raise Fault(self.place)
        return self._line


@contextmanager
def failing_always(sequence: int, line: int) -> Iterator[None]:
    """In the block the core fails at this line of this command, whoever replays it."""
    sound = Exchange.apply

    def apply(exchange: Exchange, command: AnyCommand) -> list[AnyEvent]:
        if exchange.sequence != sequence - 1:
            return sound(exchange, command)
        with Tripwire(line):
            return sound(exchange, command)

    Exchange.apply = apply  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        Exchange.apply = sound  # type: ignore[method-assign]


def run(seed: int, path: Path) -> Counter[str]:
    """One fault, and all that is promised about it."""
    dice = Dice(seed)
    commands = traffic(COMMANDS, seed)
    sequence = dice.between(20, COMMANDS)
    command = commands[sequence - 1]
    snapshots_at = tuple({dice.between(1, sequence - 1) for _ in range(2)})
    directory = make_venue(path, commands, snapshots_at)
    before = applied(commands[: sequence - 1])
    kept = snapshot.dump(before)
    line = dice.between(1, _lines_of(kept, command))
    counts = Counter({"faults": 1, f"at {type(command).__name__}": 1})
    counts["half applied"] += _fails_and_stops(before, command, line, kept)
    with failing_always(sequence, line):
        _refuses_to_start(directory, sequence)
        log, snapshots = SqliteLog(directory.commands), SnapshotStore(directory.snapshots)
        assert snapshot.dump(state_before(log, snapshots, sequence)) == kept
        log.close()
        outcome = skip_command(directory.path, sequence)
        counts["markets halted"] += bool(outcome.halted)
        assert outcome.next_error == ""
        _goes_on_without(directory, commands, sequence)
        held = SnapshotStore(directory.quarantine).load(sequence - 1)
        assert snapshot.dump(held) == kept
    _goes_on_without(directory, commands, sequence)  # also with a program that could apply it
    return counts


def _lines_of(kept: bytes, command: AnyCommand) -> int:
    exchange = snapshot.restore(kept)
    with Tripwire() as counter:
        exchange.apply(command)
    return counter.lines


def _fails_and_stops(exchange: Exchange, command: AnyCommand, line: int, kept: bytes) -> bool:
    """What a running venue would see; returns whether the state was left half changed."""
    try:
        with Tripwire(line):
            exchange.apply(command)
    except Fault:
        pass
    else:
        raise AssertionError("the fault was swallowed")
    try:
        exchange.apply(command)
    except RuntimeError:
        refused = snapshot.restore(kept)
        refused.skip(command)
        return snapshot.dump(exchange) != snapshot.dump(refused)
    raise AssertionError("a broken exchange goes on")


def _refuses_to_start(directory: DataDirectory, sequence: int) -> None:
    log = SqliteLog(directory.commands)
    try:
        with pytest.raises(PoisonedCommandError, match=f"quarantine skip {sequence}`") as caught:
            recover(log, SnapshotStore(directory.snapshots))
    finally:
        log.close()
    assert caught.value.sequence == sequence
    Quarantine(directory.quarantine).put(caught.value)
    assert f"cannot apply command {sequence}" in verify(directory.path).problems[0]
    for other in (sequence - 1, sequence + 1):
        with pytest.raises(LogError, match=f"is {sequence}, not {other}"):
            skip_command(directory.path, other)


def _goes_on_without(directory: DataDirectory, commands: tuple[AnyCommand, ...], sequence: int) -> None:
    """Recovery and verification agree with a judge for whom the command was refused."""
    judge = applied(commands[: sequence - 1])
    judge.skip(commands[sequence - 1])
    for command in commands[sequence:]:
        judge.apply(command)
    log = SqliteLog(directory.commands)
    assert log.skipped == {sequence}
    for _, added in log.read(COMMANDS):
        judge.apply(*added)
    found = recover(log, SnapshotStore(directory.snapshots)).exchange
    log.close()
    assert snapshot.dump(found) == snapshot.dump(judge)
    report = verify(directory.path, check_every=50)
    assert report.problems == []
    assert report.skipped == [sequence]
    assert report.state_hash == snapshot.state_hash(judge)


def main(seeds: int) -> None:
    total: Counter[str] = Counter()
    for seed in range(seeds):
        with tempfile.TemporaryDirectory() as folder:
            try:
                total += run(seed, Path(folder))
            except BaseException:
                sys.stderr.write(f"failed with seed {seed}\n")
                raise
    sys.stdout.write(json.dumps({"engine": engine_kind(), **total}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
