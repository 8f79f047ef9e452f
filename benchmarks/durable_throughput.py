"""Durable loop: decode commands, log them with a sync, apply them, encode their events; batch after batch.

This is what one engine does between its gateways and its disk, without sockets. The baseline commits blobs
of the same sizes to SQLite under the same settings, and does nothing else. What the sync costs is told by the
same loop with its log in memory: no switch turns the sync off. To run the loop once, with batches of 1000,
under a profiler: `python -m benchmarks.durable_throughput`.
"""

import sqlite3
import tempfile
import time
from pathlib import Path

from benchmarks.mixes import MIXES, Stream, stream
from benchmarks.report import Figure, ratio
from benchmarks.scratch import memory_directory, scratch_directory
from openbourse.core.commands import decode_commands, encode_commands
from openbourse.core.events import encode_events
from openbourse.core.exchange import Exchange
from openbourse.log.sqlite_log import SqliteLog

# Commands of a run, by commands in a batch, and the seconds after which it ends all the same: on a slow disk
# ten commands a sync take long.
COMMANDS = {10: 10_000, 100: 40_000, 1000: 80_000}
SECONDS = 2.0
SEED = 2
RUNS = 3


def measure() -> list[Figure]:
    """Mix B in batches of 10, 100 and 1000; runs of loop and baseline alternate."""
    commands = stream(MIXES["B"], max(COMMANDS.values()), SEED)
    figures = []
    for size, count in COMMANDS.items():
        batches = _batches(commands, size, count)
        pairs = [(_loop(commands, batches, scratch_directory()), _raw_commits(batches)) for _ in range(RUNS)]
        raw = Figure(f"raw SQLite commits of {size}", [size * rate for _, rate in pairs], "commands/s")
        loop = Figure(f"durable loop, batches of {size}", [size * rate for rate, _ in pairs], "commands/s")
        figures += [Figure(loop.name, loop.values, loop.unit, ratio(loop, raw)), raw]
        if (memory := memory_directory()) is not None:
            rates = [size * _loop(commands, batches, memory) for _ in range(RUNS)]
            unsynced = Figure(f"  the loop in memory, batches of {size}", rates, "commands/s")
            figures.append(Figure(unsynced.name, rates, unsynced.unit, ratio(unsynced, loop)))
    return figures


def _batches(commands: Stream, size: int, count: int) -> list[bytes]:
    """The commands as a gateway would send them."""
    chosen = commands.commands[:count]
    return [encode_commands(chosen[start : start + size]) for start in range(0, count, size)]


def _loop(commands: Stream, batches: list[bytes], place: Path) -> float:
    """Batches per second of wall time, with the log in a folder of `place`."""
    with tempfile.TemporaryDirectory(dir=place) as directory:
        exchange = Exchange()
        log = SqliteLog(Path(directory) / "commands.db")
        log.append(commands.opening)
        for command in commands.opening:
            exchange.apply(command)
        sent = done = 0
        began = time.perf_counter()
        while done < len(batches) and time.perf_counter() - began < SECONDS:
            decoded = decode_commands(batches[done])
            log.append(decoded)
            for command in decoded:
                sent += len(encode_events(exchange.apply(command)))
            done += 1
        seconds = time.perf_counter() - began
        assert sent > 0
        assert exchange.sequence == log.last_sequence
        log.close()
    return done / seconds


def _raw_commits(batches: list[bytes]) -> float:
    """Blobs per second of wall time, each committed by itself."""
    with tempfile.TemporaryDirectory(dir=scratch_directory()) as directory:
        connection = sqlite3.connect(Path(directory) / "raw.db", isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE blobs (id INTEGER PRIMARY KEY, payload BLOB NOT NULL)")
        done = 0
        began = time.perf_counter()
        while done < len(batches) and time.perf_counter() - began < SECONDS:
            connection.execute("INSERT INTO blobs (payload) VALUES (?)", (batches[done],))
            done += 1
        seconds = time.perf_counter() - began
        connection.close()
    return done / seconds


def main() -> None:
    """One run with large batches."""
    commands = stream(MIXES["B"], COMMANDS[1000], SEED)
    rate = 1000 * _loop(commands, _batches(commands, 1000, COMMANDS[1000]), scratch_directory())
    print(f"{rate:,.0f} commands/s")


if __name__ == "__main__":
    main()
