"""Recovery: how every venue starts, after a clean end as after a crash."""

import time
from collections.abc import Callable
from typing import NamedTuple

from openbourse.core.commands import AnyCommand
from openbourse.core.events import Applied
from openbourse.core.exchange import Exchange
from openbourse.log.command_log import CommandLog
from openbourse.log.errors import DamagedLogError, LogError
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
    `known`: it has then lost commands.
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
    exchange = snapshots.newest_valid(not_after=known) or Exchange()
    start = exchange.sequence
    for first_sequence, commands in log.read(after=start):
        applied = _replay(exchange, first_sequence, commands, collect=on_applied is not None)
        if on_applied is not None:
            on_applied(applied)
    if exchange.sequence < log.last_sequence:
        raise DamagedLogError(f"the log ends at {exchange.sequence} instead of {log.last_sequence}")
    return Recovered(exchange, start, exchange.sequence - start, time.perf_counter() - began)


def _replay(
    exchange: Exchange, first_sequence: int, commands: list[AnyCommand], *, collect: bool
) -> list[Applied]:
    applied: list[Applied] = []
    for sequence, command in enumerate(commands, first_sequence):
        try:
            events = exchange.apply(command)
        except Exception as error:
            raise LogError(
                f"the program cannot apply command {sequence} of its log ({error!r}); the data are intact: "
                "use another version of the program"
            ) from error
        if collect:
            applied.append(Applied(sequence, command, events))
    return applied
