"""Signed orders over HTTP, end to end: from the client's send to the whole answer, durable by then.

64 connections, one request under way on each, the generator on the same machine. Runs against the venue and
against an empty signed handler on the same server stack alternate, so that both see the same machine.
`python -m benchmarks.http_orders FILE` loads a server under cProfile and leaves its profile in FILE.
"""

import sys
import tempfile
from pathlib import Path
from typing import Literal

from benchmarks.load import Plan
from benchmarks.load_runs import Run, carry_out
from benchmarks.report import Figure, ratio
from benchmarks.scratch import scratch_directory
from benchmarks.servers import Target, demo, empty_handler

CONNECTIONS = 64
RUNS = 3
SECONDS = 4.0
WARM_UP_SECONDS = 1.0


def measure() -> list[Figure]:
    """Resting orders beside the empty handler, then mix B."""
    with tempfile.TemporaryDirectory(dir=scratch_directory()) as name:
        folder = Path(name)
        with demo(folder) as venue, empty_handler(folder) as empty:
            for target in (venue, empty):
                _load(target, "resting", WARM_UP_SECONDS, 0)
            pairs = [
                (_load(venue, "resting", SECONDS, seed), _load(empty, "resting", SECONDS, seed))
                for seed in range(1, RUNS + 1)
            ]
            mixed = [_load(venue, "b", SECONDS, seed) for seed in range(1, RUNS + 1)]
    orders = [run for run, _ in pairs]
    empties = [run for _, run in pairs]
    baseline = _throughput("the empty signed handler", empties)
    resting = _throughput("HTTP, resting orders", orders)
    b = _throughput("HTTP, mix B", mixed)
    return [
        Figure(resting.name, resting.values, resting.unit, ratio(resting, baseline)),
        *_details("resting orders", orders),
        baseline,
        *_details("empty handler", empties),
        Figure(b.name, b.values, b.unit, _refusals(mixed)),
        *_details("mix B", mixed),
    ]


def _load(target: Target, mix: Literal["resting", "b"], seconds: float, seed: int) -> Run:
    return carry_out(target, Plan(target.port, target.keys, mix, seconds, CONNECTIONS, seed))


def _throughput(name: str, runs: list[Run]) -> Figure:
    return Figure(name, [run.measured.per_second for run in runs], "answers/s")


def _details(name: str, runs: list[Run]) -> list[Figure]:
    milliseconds = [
        Figure(f"  {name}, {word}", [getattr(run.measured, field) / 1_000 for run in runs], "ms")
        for word, field in (("p50", "p50"), ("p99", "p99"), ("p99.9", "p999"), ("max", "longest"))
    ]
    server = Figure(f"  {name}, server CPU", [run.server_cpu for run in runs], "µs/answer")
    own = [run.measured.own_cpu / (run.measured.answered + run.measured.refused) * 1e6 for run in runs]
    return [*milliseconds, server, Figure(f"  {name}, generator CPU", own, "µs/answer")]


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
