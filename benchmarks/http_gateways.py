"""Signed orders over HTTP through gateways: what more processes give, beside the same in one process.

64 keep-alive connections in a closed loop, as in `http_orders`, the generator on the same machine. CPU time
is that of all processes of a venue; the engine's own share bounds what any number of gateways can reach.
"""

import tempfile
from contextlib import ExitStack
from pathlib import Path

from benchmarks.http_orders import CONNECTIONS, RUNS, SECONDS, WARM_UP_SECONDS
from benchmarks.load import Plan
from benchmarks.load_runs import Run, carry_out
from benchmarks.report import Figure, ratio
from benchmarks.scratch import scratch_directory
from benchmarks.servers import Target, children, cpu_seconds, demo

WORKERS = (1, 2, 3)


def measure() -> list[Figure]:
    """Resting orders with one process, and with two and three gateways beside the engine."""
    runs: dict[int, list[Run]] = {workers: [] for workers in WORKERS}
    engine: dict[int, list[float]] = {workers: [] for workers in WORKERS}
    with tempfile.TemporaryDirectory(dir=scratch_directory()) as name, ExitStack() as running:
        targets: dict[int, Target] = {}
        for workers in WORKERS:
            folder = Path(name) / str(workers)
            folder.mkdir()
            targets[workers] = running.enter_context(demo(folder, workers=workers))
            _load(targets[workers], WARM_UP_SECONDS, 0)
        for seed in range(1, RUNS + 1):
            for workers, target in targets.items():
                # The engine is the first child; it is what is left when gateways have what can be shared.
                first = min(children(target.process), default=target.process)
                before = cpu_seconds(first, tree=False)
                run = _load(target, SECONDS, seed)
                spent = cpu_seconds(first, tree=False) - before
                total = run.measured.answered + run.measured.refused
                runs[workers].append(run)
                engine[workers].append(spent / total * 1e6)
    figures: list[Figure] = []
    alone = _throughput("HTTP, resting orders, one process", runs[1])
    for workers in WORKERS:
        title = "one process" if workers == 1 else f"{workers} gateways"
        found = _throughput(f"HTTP, resting orders, {title}", runs[workers])
        figures += [
            Figure(found.name, found.values, found.unit, "" if workers == 1 else ratio(found, alone)),
            Figure(f"  {title}, p99", [run.measured.milliseconds()["p99"] for run in runs[workers]], "ms"),
            Figure(f"  {title}, CPU of all", [run.server_cpu for run in runs[workers]], "µs/answer"),
        ]
        if workers > 1:
            figures.append(Figure(f"  {title}, CPU of the engine", engine[workers], "µs/answer"))
    return figures


def _load(target: Target, seconds: float, seed: int) -> Run:
    return carry_out(target, Plan(target.port, target.keys, "resting", seconds, CONNECTIONS, seed))


def _throughput(name: str, runs: list[Run]) -> Figure:
    return Figure(name, [run.measured.per_second for run in runs], "answers/s")
