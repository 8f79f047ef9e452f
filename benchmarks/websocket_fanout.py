"""WebSocket fan-out: 1,000 subscribers of depth, deals and state of twenty busy markets, five ticks a second.

The venue's WebSocket side runs beside the socket library alone (uvloop, the same bytes, one write a tick, or
one for each message) and beside the server of `websockets` (the same messages, one by one). What counts is
CPU time of the server per delivered message: at this pace none of them is at its limit. Clients have a
process of their own and only count. Then ten thousand connect and stay idle.
"""

import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from benchmarks.fanout_clients import allow_files
from benchmarks.report import Figure, ratio
from benchmarks.scratch import scratch_directory
from benchmarks.servers import cpu_seconds, resident_bytes, running

SUBSCRIBERS: Final = 1_000
STALLED: Final = 20
IDLE: Final = 10_000
IDLE_SECONDS: Final = 5.0
SECONDS: Final = 3.0
RUNS: Final = 3
_ONCE: Final = ("stalled", "library")  # they take long, and no target hangs on them


class Run(NamedTuple):
    """One run: messages per second, and CPU of the server in µs per message."""

    per_second: float
    cpu: float
    fewest: int
    most: int


def measure() -> list[Figure]:
    """The three servers and the venue with stalled readers in turn, then idle connections."""
    with tempfile.TemporaryDirectory(dir=scratch_directory()) as directory:
        folder = Path(directory)
        record = folder / "record"
        runs: dict[str, list[Run]] = {"venue": [], "stalled": [], "bare": [], "single": [], "library": []}
        for number in range(RUNS):
            for name, found in runs.items():
                if number and name in _ONCE:
                    continue
                kind, stalled = ("venue", STALLED) if name == "stalled" else (name, 0)
                found.append(_load(folder / f"{name}{number}", kind, record, stalled))
        held, each = _idle(folder / "idle", record)
    cpu = {
        name: Figure(_NAMES[name], [run.cpu for run in found], "µs/message") for name, found in runs.items()
    }
    for run in (*runs["venue"], *runs["stalled"]):
        if run.most - run.fewest > _A_TICK * 2:
            raise RuntimeError(f"some subscribers got {run.fewest} messages, others {run.most}")
    ours, slow = cpu["venue"], cpu["stalled"]
    few = "" if allow_files(IDLE) == IDLE else "(more open files are not allowed here)"
    return [
        Figure("WebSocket, delivered to 1,000", [run.per_second for run in runs["venue"]], "messages/s"),
        Figure(
            ours.name,
            ours.values,
            ours.unit,
            "; ".join(ratio(ours, cpu[name]) for name in ("bare", "single", "library")),
        ),
        Figure(slow.name, slow.values, slow.unit, ratio(slow, ours)),
        cpu["bare"],
        cpu["single"],
        cpu["library"],
        Figure("WebSocket, idle connections held", [held], "of 10,000", few),
        Figure("  memory of an idle connection", [each / 1_000], "KB"),
    ]


# Messages of one tick to one subscriber, about: two books may differ by one tick when they are counted.
_A_TICK: Final = 41
_NAMES: Final = {
    "venue": "  server CPU of the venue",
    "stalled": f"  with {STALLED} stalled readers",
    "bare": "uvloop alone, same bytes",
    "single": "uvloop alone, message by message",
    "library": "websockets.broadcast, same messages",
}


def _load(file: Path, kind: str, record: Path, stalled: int = 0) -> Run:
    with _server(file, kind, record) as (process, port), _clients(port, SUBSCRIBERS, stalled) as clients:
        time.sleep(1.0)
        before, began, first = cpu_seconds(process), time.monotonic(), clients()
        time.sleep(SECONDS)
        last, cpu, seconds = clients(), cpu_seconds(process) - before, time.monotonic() - began
    delivered = last["messages"] - first["messages"]
    return Run(
        delivered / seconds,
        cpu / delivered * 1e6,
        last["fewest"] - first["fewest"],
        last["most"] - first["most"],
    )


def _idle(file: Path, record: Path) -> tuple[int, float]:
    """How many idle connections there still are after a while, and what each takes of the server (bytes)."""
    count = allow_files(IDLE)
    with _server(file, "venue", record) as (process, port):
        before = resident_bytes(process)
        with _clients(port, count, 0, subscribe=False) as clients:
            time.sleep(IDLE_SECONDS)
            totals = clients()
            return totals["connected"] - totals["closed"], (resident_bytes(process) - before) / count


@contextlib.contextmanager
def _server(file: Path, kind: str, record: Path) -> Iterator[tuple[int, int]]:
    """The process and the port of a server, once there is something to replay."""
    with running(
        [sys.executable, "-m", "benchmarks.fanout_server", kind, str(file), str(record)], file
    ) as process:
        deadline = time.monotonic() + 30
        while not record.exists():
            if time.monotonic() > deadline:
                raise RuntimeError("nothing was recorded")
            time.sleep(0.1)
        yield process, int(file.read_text())


@contextlib.contextmanager
def _clients(port: int, count: int, stalled: int, *, subscribe: bool = True) -> Iterator[Any]:
    """A crowd, connected; calling what is yielded gives its totals."""
    arguments = [str(number) for number in (port, count, stalled, int(subscribe))]
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.fanout_clients", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    stdin, stdout = process.stdin, process.stdout

    def totals() -> dict[str, int]:
        stdin.write("\n")
        stdin.flush()
        found: dict[str, int] = json.loads(stdout.readline())
        return found

    try:
        if stdout.readline() != "ready\n":
            raise RuntimeError("the clients did not connect")
        yield totals
    finally:
        process.kill()
        process.wait()
        stdin.close()
        stdout.close()
