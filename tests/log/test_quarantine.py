"""Quarantine: what is kept of a command that cannot be applied, and what skipping it takes."""

import sqlite3
from pathlib import Path
from typing import Any

import msgspec
import pytest

from openbourse.core import snapshot
from openbourse.core.commands import AnyCommand, CancelOrder, DefineMarket, OpenUser, SetMarketStatus
from openbourse.core.events import AnyEvent, Refused
from openbourse.core.exchange import Exchange
from openbourse.log import replay as replaying
from openbourse.log.data_directory import DataDirectory
from openbourse.log.errors import DamagedLogError, LogError, PoisonedCommandError
from openbourse.log.quarantine import Quarantine, market_of, skip_command
from openbourse.log.recovery import recover
from openbourse.log.snapshots import SnapshotStore
from openbourse.log.sqlite_log import SqliteLog
from openbourse.log.verify import verify
from tests.log.venues import applied, make_venue, traffic

COMMANDS = traffic(300)
ORDERS = [
    number
    for number, command in enumerate(COMMANDS, 1)
    if getattr(getattr(command, "order", None), "market", "") == "BTCUSDT" and number > 100
]
POISON = ORDERS[0]


def poison(monkeypatch: pytest.MonkeyPatch, *sequences: int) -> None:
    """From now on the core fails under these commands."""
    sound = replaying.replay

    class Core:
        """What `replay` sees of an exchange at such a command."""

        def apply(self, command: AnyCommand) -> list[AnyEvent]:
            raise ZeroDivisionError("the price is nothing")

    def replay(exchange: Exchange, sequence: int, command: AnyCommand, skipped: frozenset[int]) -> Any:
        if sequence in sequences and sequence not in skipped:
            return sound(Core(), sequence, command, skipped)  # type: ignore[arg-type]
        return sound(exchange, sequence, command, skipped)

    monkeypatch.setattr("openbourse.log.recovery.replay", replay)
    monkeypatch.setattr("openbourse.log.verify.replay", replay)


def failure(directory: DataDirectory) -> PoisonedCommandError:
    """What a start runs into."""
    log = SqliteLog(directory.commands)
    try:
        with pytest.raises(PoisonedCommandError) as caught:
            recover(log, SnapshotStore(directory.snapshots))
    finally:
        log.close()
    return caught.value


def test_a_case_has_everything_to_repeat_the_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    poison(monkeypatch, POISON)
    directory = make_venue(tmp_path, COMMANDS, (50, 100))
    quarantine = Quarantine(directory.quarantine)
    assert quarantine.cases() == []
    error = failure(directory)
    assert str(error).startswith(f"the program cannot apply command {POISON} of its log")
    quarantine.put(error)
    first = (directory.quarantine / f"{POISON}.json").read_bytes()
    quarantine.put(failure(directory))
    assert (directory.quarantine / f"{POISON}.json").read_bytes() == first  # the first failure is kept
    (case,) = quarantine.cases()
    assert (case.sequence, case.error) == (POISON, "ZeroDivisionError('the price is nothing')")
    assert msgspec.json.decode(case.command, type=AnyCommand) == COMMANDS[POISON - 1]
    assert 'raise ZeroDivisionError("the price is nothing")' in case.traceback
    assert case.versions.keys() == {"openbourse", "engine", "python", "platform"}
    assert case.state_hash == ""
    skip_command(directory.path, POISON)
    (case,) = quarantine.cases()
    before = applied(COMMANDS[: POISON - 1])
    assert case.state_hash == snapshot.state_hash(before)
    held = SnapshotStore(directory.quarantine).load(POISON - 1)
    assert snapshot.dump(held) == snapshot.dump(before)


def test_skipping_halts_the_market_unless_told_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    poison(monkeypatch, POISON)
    for keep_open in (True, False):
        directory = make_venue(tmp_path / str(keep_open), COMMANDS, (50,))
        outcome = skip_command(directory.path, POISON, halt=not keep_open)
        log = SqliteLog(directory.commands)
        exchange = recover(log, SnapshotStore(directory.snapshots)).exchange
        added = [command for _, commands in log.read(len(COMMANDS)) for command in commands]
        assert log.skipped == {POISON}
        log.close()
        if keep_open:
            assert (outcome.halted, added) == ("", [])
        else:
            assert outcome.halted == "BTCUSDT"
            assert added == [SetMarketStatus(exchange.now, "BTCUSDT", "halted")]
            assert exchange.market_status("BTCUSDT") == "halted"
        report = verify(directory.path)
        assert (report.problems, report.skipped) == ([], [POISON])


def test_one_command_at_a_time_and_only_the_one_that_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = make_venue(tmp_path, COMMANDS)
    with pytest.raises(LogError, match="can be applied: there is nothing to skip"):
        skip_command(directory.path, POISON)
    poison(monkeypatch, POISON, ORDERS[3])
    with pytest.raises(LogError, match=f"the command that cannot be applied is {POISON}, not {ORDERS[3]}"):
        skip_command(directory.path, ORDERS[3])
    assert f"cannot apply command {ORDERS[3]}" in skip_command(directory.path, POISON).next_error
    assert [case.sequence for case in Quarantine(directory.quarantine).cases()] == [POISON, ORDERS[3]]
    with pytest.raises(LogError, match=f"command {POISON} is skipped already"):
        skip_command(directory.path, POISON)
    outcome = skip_command(directory.path, ORDERS[3])
    assert (outcome.next_error, outcome.halted) == ("", "BTCUSDT")
    assert verify(directory.path).skipped == [POISON, ORDERS[3]]


def test_a_running_venue_and_one_that_has_been_further_are_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = make_venue(tmp_path, COMMANDS, (POISON,))
    directory.open("sandbox")
    with pytest.raises(LogError, match="in use by another process"):
        skip_command(directory.path, POISON)
    directory.close()
    newest = max(directory.snapshots.iterdir())
    content = newest.read_bytes()
    newest.write_bytes(content[:-1])  # so that the replay begins before the command
    poison(monkeypatch, POISON)
    with pytest.raises(LogError, match="made by a program that could apply it"):
        skip_command(directory.path, POISON)
    log = SqliteLog(directory.commands)
    assert log.skipped == frozenset()
    log.close()


@pytest.mark.parametrize("change", [f"sequence = {POISON + 1}", "sequence = 9999", "digest = zeroblob(32)"])
def test_a_skip_belongs_to_one_command_of_one_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    poison(monkeypatch, POISON)
    directory = make_venue(tmp_path, COMMANDS)
    skip_command(directory.path, POISON, halt=False)
    connection = sqlite3.connect(directory.commands)
    connection.execute(f"UPDATE skipped SET {change}")
    connection.commit()
    connection.close()
    with pytest.raises(DamagedLogError, match="was not written for this log"):
        SqliteLog(directory.commands)


def test_a_skipped_command_is_refused_and_moves_the_clock() -> None:
    exchange = applied(COMMANDS[:100])
    assert exchange.skip(OpenUser(exchange.now + 5, 99)) == [
        Refused("invalid_request", "skipped by the operator")
    ]
    assert exchange.sequence == 101
    assert exchange.user_terms(99) is None
    later = exchange.now
    exchange.skip(OpenUser(later - 5, 99))
    assert exchange.now == later


def test_the_market_that_a_command_names() -> None:
    (defined,) = [command for command in COMMANDS if isinstance(command, DefineMarket)][:1]
    assert market_of(defined) == defined.market.name
    assert market_of(COMMANDS[POISON - 1]) == "BTCUSDT"
    assert market_of(CancelOrder(1, 1, "", "ETHBTC", 5)) == "ETHBTC"
    assert market_of(OpenUser(1, 1)) == ""


def test_a_damaged_or_missing_case_has_its_sentence(tmp_path: Path) -> None:
    quarantine = Quarantine(tmp_path)
    with pytest.raises(LogError, match="command 5 is not in quarantine"):
        quarantine.case(5)
    (tmp_path / "5.json").write_text("{")
    with pytest.raises(LogError, match="is damaged; remove it"):
        quarantine.cases()
