"""Recovery: how every venue starts, after a clean end as after a crash."""

import time
from collections.abc import Callable
from typing import NamedTuple

from openbourse.core.events import Applied
from openbourse.core.exchange import Exchange
from openbourse.log.collector import no_collector
from openbourse.log.command_log import CommandLog
from openbourse.log.errors import DamagedLogError
from openbourse.log.replay import replay
from openbourse.log.snapshots import SnapshotStore


class Recovered(NamedTuple):
    """The state at the end of the log, and what it took: `snapshot_sequence` is 0 without a snapshot."""

    exchange: Exchange
    snapshot_sequence: int
    replayed: int
    seconds: float


def recover(
    log: CommandLog,
    snapshots: SnapshotStore,
    *,
    on_applied: Callable[[list[Applied]], None] | None = None,
    known: int | None = None,
) -> Recovered:
    """The newest valid snapshot plus the tail of the log.

    Read sides that have applied everything up to `known` get the rest: recovery then begins at a snapshot
    that is not newer than that, and `on_applied` receives what it replays, batch by batch (also what is not
    above `known`: they skip that). Raises LogError when the log is damaged, or lags behind a snapshot or
    `known`: it has then lost commands; PoisonedCommandError when the core fails under one.
    """
    began = time.perf_counter()
    newest = next(iter(snapshots.sequences()), 0)
    if newest > log.last_sequence:
        raise DamagedLogError(
            f"the log has lost commands: it ends at sequence {log.last_sequence}, but there is a snapshot of "
            f"{newest}; restore the data directory from a backup (removing newer snapshots accepts the loss)"
        )
    if known is not None and known > log.last_sequence:
        raise DamagedLogError(
            f"the log has lost commands: it ends at sequence {log.last_sequence}, but a read side has "
            f"applied {known}; restore the data directory from a backup (removing it accepts the loss)"
        )
    with no_collector():
        exchange = snapshots.newest_valid(not_after=known) or Exchange()
        start = exchange.sequence
        _replay_tail(exchange, log, on_applied)
    if exchange.sequence < log.last_sequence:
        raise DamagedLogError(f"the log ends at {exchange.sequence} instead of {log.last_sequence}")
    return Recovered(exchange, start, exchange.sequence - start, time.perf_counter() - began)


def _replay_tail(
    exchange: Exchange, log: CommandLog, on_applied: Callable[[list[Applied]], None] | None
) -> None:
    skipped = log.skipped
    for first_sequence, commands in log.read(after=exchange.sequence):
        applied = [
            Applied(sequence, command, replay(exchange, sequence, command, skipped))
            for sequence, command in enumerate(commands, first_sequence)
        ]
        if on_applied is not None:
            on_applied(applied)


def state_before(log: CommandLog, snapshots: SnapshotStore, sequence: int) -> Exchange:
    """The state that the command at `sequence` meets. Raises LogError as `recover` does."""
    exchange = snapshots.newest_valid(not_after=sequence - 1) or Exchange()
    skipped = log.skipped
    for first_sequence, commands in log.read(after=exchange.sequence):
        for number, command in enumerate(commands, first_sequence):
            if number == sequence:
                return exchange
            replay(exchange, number, command, skipped)
    return exchange
