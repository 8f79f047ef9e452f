"""Public reads over HTTP: answers that many ask for, beside a handler that answers a constant of that size.

64 connections in a closed loop, as in `http_orders`. The book stands still: how often an answer must be made
anew is the traders' doing, and its cost is in their orders.
"""

import tempfile
from pathlib import Path

from benchmarks.load import Plan
from benchmarks.load_runs import carry_out
from benchmarks.report import Figure, ratio
from benchmarks.scratch import scratch_directory
from benchmarks.servers import Target, demo, empty_handler

READS = {
    "depth": "/v2/spot/depth?market=BTCUSDT&limit=20&interval=0",
    "ticker": "/v2/spot/ticker?market=BTCUSDT",
    "kline": "/v2/spot/kline?market=BTCUSDT&limit=10&period=1min",
}
RUNS = 3
SECONDS = 2.0


def measure() -> list[Figure]:
    """Each read, with the empty handler between them."""
    rates: dict[str, list[float]] = {name: [] for name in ("empty", *READS)}
    costs: dict[str, list[float]] = {name: [] for name in rates}
    with (
        tempfile.TemporaryDirectory(dir=scratch_directory()) as folder,
        demo(Path(folder)) as venue,
        empty_handler(Path(folder)) as empty,
    ):
        carry_out(venue, Plan(venue.port, venue.keys, "b", 2.0))  # something to read
        for seed in range(RUNS + 1):
            for name, values in rates.items():
                run = carry_out(*_plan(name, venue, empty, seed))
                if seed:  # the first round warms up
                    values.append(run.measured.per_second)
                    costs[name].append(run.server_cpu)
    baseline = Figure("the empty handler", rates.pop("empty"), "answers/s")
    figures = [baseline, Figure("  the empty handler, server CPU", costs["empty"], "µs/answer")]
    for name, values in rates.items():
        read = Figure(f"GET {name}", values, "answers/s")
        figures.append(Figure(read.name, values, read.unit, ratio(read, baseline)))
        figures.append(Figure(f"  GET {name}, server CPU", costs[name], "µs/answer"))
    return figures


def _plan(name: str, venue: Target, empty: Target, seed: int) -> tuple[Target, Plan]:
    target = empty if name == "empty" else venue
    path = READS.get(name, "/v2/empty")
    return target, Plan(target.port, target.keys, "get", SECONDS, seed=seed, target=path)
