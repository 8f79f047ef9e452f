"""Signed orders over HTTP, end to end: from the client's send to the whole answer, durable by then.

64 connections, one request under way on each, the generator on the same machine. Runs against the venue and
against an empty signed handler on the same server stack alternate, so that both see the same machine; a third
server is the venue without its direct path. `python -m benchmarks.http_orders FILE` loads a server under
cProfile and leaves its profile in FILE.
"""

import sys
import tempfile
from pathlib import Path
from typing import Literal

from benchmarks.load import Plan
from benchmarks.load_runs import Run, beside, carry_out
from benchmarks.report import Figure
from benchmarks.scratch import scratch_directory
from benchmarks.servers import Target, demo, empty_handler

CONNECTIONS = 64
RUNS = 3
SECONDS = 4.0
WARM_UP_SECONDS = 1.0


def measure(seconds: float = SECONDS) -> list[Figure]:
    """Resting orders beside the empty handler, with the direct path and without it; then mix B."""
    with tempfile.TemporaryDirectory(dir=scratch_directory()) as name:
        folder, other = Path(name), Path(name) / "plain"
        other.mkdir()
        with demo(folder) as venue, demo(other, direct=False) as plain, empty_handler(folder) as constant:
            targets = {"orders": venue, "plain": plain, "empty": constant}
            for target in targets.values():
                _load(target, "resting", WARM_UP_SECONDS, 0)
            runs: dict[str, list[Run]] = {kind: [] for kind in targets}
            for seed in range(1, RUNS + 1):
                for kind, target in targets.items():
                    runs[kind].append(_load(target, "resting", seconds, seed))
            mixed = [_load(venue, "b", seconds, seed) for seed in range(1, RUNS + 1)]
    empty = (runs["empty"], "the empty signed handler")
    return [
        _throughput("HTTP, resting orders", runs["orders"], beside(runs["orders"], *empty)),
        *_details("resting orders", runs["orders"]),
        _throughput(
            "HTTP, resting orders without the direct path", runs["plain"], beside(runs["plain"], *empty)
        ),
        *_details("without the direct path", runs["plain"]),
        _throughput("the empty signed handler", runs["empty"]),
        *_details("empty handler", runs["empty"]),
        _throughput("HTTP, mix B", mixed, _refusals(mixed)),
        *_details("mix B", mixed),
    ]


def _load(target: Target, mix: Literal["resting", "b"], seconds: float, seed: int) -> Run:
    return carry_out(target, Plan(target.port, target.keys, mix, seconds, CONNECTIONS, seed))


def _throughput(name: str, runs: list[Run], compared: str = "") -> Figure:
    return Figure(name, [run.measured.per_second for run in runs], "answers/s", compared)


def _details(name: str, runs: list[Run]) -> list[Figure]:
    times = [run.measured.milliseconds() for run in runs]
    milliseconds = [
        Figure(f"  {name}, {word}", [each[word] for each in times], "ms")
        for word in ("p50", "p99", "p99.9", "max")
    ]
    server = Figure(f"  {name}, server CPU", [run.server_cpu for run in runs], "µs/answer")
    loop = Figure(f"  {name}, of it in the loop's thread", [run.loop_cpu for run in runs], "µs/answer")
    own = [run.measured.own_cpu / (run.measured.answered + run.measured.refused) * 1e6 for run in runs]
    return [*milliseconds, server, loop, Figure(f"  {name}, generator CPU", own, "µs/answer")]


def _refusals(runs: list[Run]) -> str:
    refused = sum(run.measured.refused for run in runs)
    answered = sum(run.measured.answered for run in runs)
    return (
        f"{refused} of {refused + answered} refused (cancels of orders just filled, takers that found nobody)"
    )


def main() -> None:
    """Load a server under cProfile."""
    profile = Path(sys.argv[1]).absolute()
    with tempfile.TemporaryDirectory(dir=scratch_directory()) as folder, demo(Path(folder), profile) as venue:
        run = _load(venue, "resting", 2 * SECONDS, 1)
    print(f"{run.measured.per_second:,.0f} answers/s under the profiler")
    print(f"look at it with: python -m pstats {profile}")


if __name__ == "__main__":
    main()
