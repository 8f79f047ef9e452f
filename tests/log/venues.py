"""Recorded traffic and logs made of it, for the tests of log/ and of the sequencer."""

from functools import cache
from pathlib import Path

from openbourse.core.commands import AnyCommand
from openbourse.core.exchange import Exchange
from openbourse.log.data_directory import DataDirectory
from openbourse.log.snapshots import SnapshotStore
from openbourse.log.sqlite_log import SqliteLog
from tests.core.streams import Traffic


@cache
def traffic(count: int, seed: int = 7) -> tuple[AnyCommand, ...]:
    """The first commands of a seeded stream in which orders, stops, money and rules collide."""
    source, exchange = Traffic(seed), Exchange()
    commands = []
    for _ in range(count):
        command = source.next_command()
        source.observe(exchange.apply(command))
        commands.append(command)
    return tuple(commands)


def applied(commands: tuple[AnyCommand, ...]) -> Exchange:
    """The state after these commands, from nothing."""
    exchange = Exchange()
    for command in commands:
        exchange.apply(command)
    return exchange


def fill(log: SqliteLog, commands: tuple[AnyCommand, ...], batch: int = 25) -> None:
    for start in range(0, len(commands), batch):
        log.append(list(commands[start : start + batch]))


def make_venue(
    path: Path, commands: tuple[AnyCommand, ...], snapshots_at: tuple[int, ...] = ()
) -> DataDirectory:
    """A data directory as a venue leaves it: a log with these commands, snapshots at these sequences."""
    directory = DataDirectory(path)
    directory.open("sandbox")
    log = SqliteLog(directory.commands)
    fill(log, commands)
    log.close()
    for sequence in snapshots_at:
        SnapshotStore(directory.snapshots).save(applied(commands[:sequence]))
    directory.close()
    return directory
