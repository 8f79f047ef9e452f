"""How long a signed order takes at a given load, from the moment at which it was planned to be sent.

The capacity is measured first, in a closed loop of 64 connections; then an open loop with as many sends at
10, 50 and 90 % of it, at random intervals. 90 % of what a shared machine could do a minute ago may be more
than it can do now: that row shows how the venue behaves at its limit.
"""

import tempfile
from pathlib import Path

from benchmarks.load import Plan
from benchmarks.load_runs import carry_out
from benchmarks.report import Figure
from benchmarks.scratch import scratch_directory
from benchmarks.servers import Target, demo, empty_handler

SHARES = (0.1, 0.5, 0.9)
SECONDS = 8.0
CAPACITY_SECONDS = 4.0
_WORDS = (("p50", "p50"), ("p90", "p90"), ("p99", "p99"), ("p99.9", "p999"), ("max", "longest"))


def measure() -> list[Figure]:
    """The venue, and beside it the empty signed handler at the same shares of its own capacity."""
    with tempfile.TemporaryDirectory(dir=scratch_directory()) as name:
        folder = Path(name)
        with demo(folder) as venue, empty_handler(folder) as empty:
            return [*_latencies(venue, "orders"), *_latencies(empty, "empty handler")]


def _latencies(target: Target, name: str) -> list[Figure]:
    carry_out(target, Plan(target.port, target.keys, "resting", 1.0, seed=1))
    closed = carry_out(target, Plan(target.port, target.keys, "resting", CAPACITY_SECONDS, seed=2))
    capacity = closed.measured.per_second
    figures = [Figure(f"{name}, capacity", [capacity], "/s")]
    for seed, share in enumerate(SHARES, 3):
        plan = Plan(target.port, target.keys, "resting", SECONDS, seed=seed, rate=share * capacity)
        run = carry_out(target, plan)
        load = f"{name} at {share:.0%}"
        figures.append(Figure(f"{load}, answered", [run.measured.per_second], "/s"))
        figures += [
            Figure(f"  {load}, {word}", [getattr(run.measured, field) / 1_000], "ms")
            for word, field in _WORDS
        ]
        figures.append(Figure(f"  {load}, server CPU", [run.server_cpu], "µs/answer"))
    return figures
