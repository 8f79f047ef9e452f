"""Public reads over HTTP: answers that many ask for, each beside a handler that answers a constant.

64 connections in a closed loop, as in `http_orders`. The constant has the size of the answer that it stands
beside, is asked for with the same request, and leaves with the same headers; but it takes the way of all
requests, where what everybody was told last is sent again without being awaited. The book stands still: how
often an answer must be made anew is the traders' doing, and its cost is in their orders.
"""

import tempfile
import urllib.request
from pathlib import Path

from benchmarks.load import Plan
from benchmarks.load_runs import Run, beside, carry_out
from benchmarks.report import Figure
from benchmarks.scratch import scratch_directory
from benchmarks.servers import Target, demo, empty_handler

READS = {
    "depth": "/v2/spot/depth?market=BTCUSDT&limit=20&interval=0",
    "ticker": "/v2/spot/ticker?market=BTCUSDT",
    "kline": "/v2/spot/kline?market=BTCUSDT&limit=10&period=1min",
}
RUNS = 3
SECONDS = 2.0


def measure(seconds: float = SECONDS) -> list[Figure]:
    """Each read and its constant, in turn."""
    with (
        tempfile.TemporaryDirectory(dir=scratch_directory()) as folder,
        demo(Path(folder)) as venue,
        empty_handler(Path(folder)) as empty,
    ):
        carry_out(venue, Plan(venue.port, venue.keys, "b", seconds))  # something to read
        figures: list[Figure] = []
        for name, path in READS.items():
            same = f"{path}&bytes={_size(venue, path)}"
            pairs = [
                (_read(venue, path, seconds, seed), _read(empty, same, seconds, seed))
                for seed in range(RUNS + 1)
            ][1:]  # the first pair warms up
            figures += _figures(f"GET {name}", pairs)
    return figures


def _size(target: Target, path: str) -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{target.port}{path}") as answer:
        return len(answer.read())


def _read(target: Target, path: str, seconds: float, seed: int) -> Run:
    return carry_out(target, Plan(target.port, target.keys, "get", seconds, seed=seed, target=path))


def _figures(name: str, pairs: list[tuple[Run, Run]]) -> list[Figure]:
    runs, constants = [run for run, _ in pairs], [constant for _, constant in pairs]
    rates, constant_rates = ([run.measured.per_second for run in each] for each in (runs, constants))
    return [
        Figure(name, rates, "answers/s", beside(runs, constants, "the constant")),
        Figure(f"  {name}, a constant", constant_rates, "answers/s"),
        Figure(f"  {name}, server CPU", [run.server_cpu for run in runs], "µs/answer"),
        Figure(f"  {name}, a constant, server CPU", [run.server_cpu for run in constants], "µs/answer"),
    ]
