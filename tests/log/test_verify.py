"""Verification: silent about a sound directory, and every kind of disagreement has its sentence."""

import sqlite3
from collections import Counter
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest

from openbourse.core import snapshot
from openbourse.core.commands import Deposit, encode_commands
from openbourse.core.events import AnyEvent, BalanceChanged, Deposited, LevelChanged, OrderChanged, Trade
from openbourse.core.exchange import Exchange
from openbourse.log.audit import Audit
from openbourse.log.errors import LogError
from openbourse.log.snapshots import SnapshotStore
from openbourse.log.sqlite_log import SqliteLog
from openbourse.log.verify import Report, verify
from tests.log.venues import applied, make_venue, traffic

COMMANDS = traffic(2000)


def test_a_sound_directory(tmp_path: Path) -> None:
    directory = make_venue(tmp_path, COMMANDS, (500, 777, 2000))
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    report = verify(directory.path, check_every=100)
    assert report.problems == []
    assert report.ok
    assert (report.sequence, report.batches, report.snapshots) == (2000, 80, [500, 777, 2000])
    assert report.state_hash == snapshot.state_hash(applied(COMMANDS))
    tags = Counter(command.__struct_config__.tag for command in COMMANDS)
    assert report.commands == dict(sorted(tags.items()))
    assert sum(report.events.values()) > 2000
    assert report.state["users"] == 4
    kept = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert {path: kept[path] for path in before} == before


def test_a_running_venue_may_be_verified(tmp_path: Path) -> None:
    directory = make_venue(tmp_path, COMMANDS)
    directory.open("sandbox")
    log = SqliteLog(directory.commands)
    log.append(list(COMMANDS[:10]))
    report = verify(directory.path)
    assert report.ok
    assert report.sequence == 2010
    directory.close()


def only_problem(report: Report) -> str:
    assert not report.ok
    (problem,) = report.problems
    return problem


def test_a_damaged_log_is_reported_up_to_the_damage(tmp_path: Path) -> None:
    directory = make_venue(tmp_path, COMMANDS)
    connection = sqlite3.connect(directory.commands)
    connection.execute("UPDATE batches SET count = 24 WHERE first_sequence = 1001")
    connection.commit()
    report = verify(directory.path)
    assert "sequence 1001 is not as it was written" in only_problem(report)
    assert report.sequence == 1000


def test_a_missing_log_and_a_missing_directory(tmp_path: Path) -> None:
    directory = make_venue(tmp_path / "data", COMMANDS[:10])
    directory.commands.unlink()
    assert "there is no command log" in verify(directory.path).problems[0]
    with pytest.raises(LogError, match="is not a data directory"):
        verify(tmp_path)


def test_a_damaged_mark_is_reported(tmp_path: Path) -> None:
    directory = make_venue(tmp_path, COMMANDS)
    directory.commands.with_suffix(".mark").write_bytes(b"0" * 94)
    assert "cannot be told whether the log has lost" in only_problem(verify(directory.path))


def test_a_damaged_snapshot_is_reported(tmp_path: Path) -> None:
    directory = make_venue(tmp_path, COMMANDS, (500, 1000))
    newest = max(directory.snapshots.iterdir())
    newest.write_bytes(newest.read_bytes()[:-1])
    report = verify(directory.path)
    assert newest.name in only_problem(report)
    assert report.snapshots == [500]


def test_a_snapshot_of_another_venue_is_reported(tmp_path: Path) -> None:
    directory = make_venue(tmp_path, COMMANDS)
    SnapshotStore(directory.snapshots).save(applied(traffic(1000, seed=8)))
    assert "sequence 1000 is not the state that the log leads to" in only_problem(verify(directory.path))


def test_a_snapshot_beyond_the_log_is_reported(tmp_path: Path) -> None:
    directory = make_venue(tmp_path, COMMANDS[:999])
    SnapshotStore(directory.snapshots).save(applied(COMMANDS[:1000]))
    assert "1000, which the log does not reach" in only_problem(verify(directory.path))


def test_a_chain_forged_with_care_is_betrayed_by_a_snapshot(tmp_path: Path) -> None:
    """Somebody gives himself money in the middle and recomputes all digests, and the mark is gone."""
    directory = make_venue(tmp_path, COMMANDS, (1500,))
    connection = sqlite3.connect(directory.commands)
    digest = bytes(32)
    for first, count, payload, _ in connection.execute("SELECT * FROM batches ORDER BY 1").fetchall():
        commands = msgspec.json.decode(payload)
        if first == 1001:
            commands[0] = msgspec.json.decode(encode_commands([Deposit(1, "forged", 1, "BTC", 10**30)]))[0]
        forged = msgspec.json.encode(commands)
        digest = sha256(digest + first.to_bytes(8, "big") + count.to_bytes(8, "big") + forged).digest()
        connection.execute(
            "UPDATE batches SET payload=?, digest=? WHERE first_sequence=?", (forged, digest, first)
        )
    connection.commit()
    directory.commands.with_suffix(".mark").unlink()
    assert "sequence 1500 is not the state that the log leads to" in only_problem(verify(directory.path))


def test_a_snapshot_that_hides_state_is_betrayed_by_its_tail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the state hash does not cover shows itself in the events that follow."""
    directory = make_venue(tmp_path, COMMANDS, (1000,))
    load, follow = SnapshotStore.load, Audit.follow
    loaded: list[Exchange] = []

    def remember(store: SnapshotStore, sequence: int) -> Exchange:
        loaded.append(load(store, sequence))
        return loaded[0]

    def spoil(audit: Audit, sequence: int, events: list[AnyEvent]) -> None:
        follow(audit, sequence, events)
        if sequence == 1001:  # the hashes were compared at 1000
            loaded[0].state.last_id += 1

    monkeypatch.setattr(SnapshotStore, "load", remember)
    monkeypatch.setattr(Audit, "follow", spoil)
    assert "from the snapshot of 1000 on, command" in only_problem(verify(directory.path))


# -- the auditor ----------------------------------------------------------------------------------


def audited(events_of: list[list[AnyEvent]], exchange: Exchange) -> list[str]:
    audit = Audit()
    for sequence, events in enumerate(events_of, 1):
        audit.follow(sequence, events)
    audit.compare(exchange.sequence, exchange)
    return audit.problems


@pytest.mark.parametrize("seed", range(5))
def test_the_auditor_agrees_with_a_sound_exchange(seed: int) -> None:
    exchange = Exchange()
    assert audited([exchange.apply(command) for command in traffic(3000, seed)], exchange) == []


@pytest.mark.parametrize("kind", [BalanceChanged, LevelChanged, OrderChanged, Trade, Deposited])
def test_the_auditor_notices_an_event_that_is_kept_from_him(kind: type[AnyEvent]) -> None:
    exchange = Exchange()
    events_of = [exchange.apply(command) for command in COMMANDS]
    # The last of its kind: what an earlier one said about a level or an order may be said again later.
    # (An order that came and went without a trade may go unmentioned.)
    command, index = max(
        (command, index)
        for command, events in enumerate(events_of)
        for index, event in enumerate(events)
        if type(event) is kind and not (isinstance(event, OrderChanged) and event.order.filled.quantity == 0)
    )
    del events_of[command][index]
    assert audited(events_of, exchange) != []
