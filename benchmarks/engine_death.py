"""`kill -9` of the engine of a venue with gateways: how long until clients are served again.

A gateway tells them meanwhile that the venue is busy. Beside the wall time stands the CPU time that the new
engine has used until then: on a machine that does other work, that is the figure to read.
"""

import os
import signal
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from benchmarks.http_orders import CONNECTIONS
from benchmarks.load import Plan
from benchmarks.load_runs import carry_out
from benchmarks.report import Figure
from benchmarks.scratch import scratch_directory
from benchmarks.servers import children, cpu_seconds, demo

RUNS = 3
ORDERS_SECONDS = 3.0
# What has lived for longer than the supervisor's ten seconds is started again without a pause.
STEADY_SECONDS = 11.0
LONGEST_SECONDS = 60.0


def measure() -> list[Figure]:
    """Deaths of an engine with some thousand resting orders and no snapshot."""
    started, served, cpu = [], [], []
    with tempfile.TemporaryDirectory(dir=scratch_directory()) as name, demo(Path(name), workers=2) as target:
        carry_out(target, Plan(target.port, target.keys, "resting", ORDERS_SECONDS, CONNECTIONS, 1))
        engine = min(children(target.process))
        for _ in range(RUNS):
            time.sleep(STEADY_SECONDS)
            others = set(children(target.process)) - {engine}
            os.kill(engine, signal.SIGKILL)
            died = time.perf_counter()
            while not (found := set(children(target.process)) - others - {engine}):
                _pause(died)
            started.append((time.perf_counter() - died) * 1e3)
            engine = found.pop()
            while _ready(target.port):  # a gateway may not have noticed yet
                _pause(died)
            while not _serves(target.port):
                _pause(died)
            served.append((time.perf_counter() - died) * 1e3)
            cpu.append(cpu_seconds(engine, tree=False) * 1e3)
    return [
        Figure("kill -9 of the engine, a new one is there", started, "ms"),
        Figure("  clients are served again", served, "ms"),
        Figure("  CPU of the new engine until then", cpu, "ms"),
    ]


def _serves(port: int) -> bool:
    """Is every gateway ready? A new connection reaches one by chance."""
    return all(_ready(port) for _ in range(8))


def _ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=LONGEST_SECONDS):
            return True
    except urllib.error.HTTPError:
        return False


def _pause(since: float) -> None:
    if time.perf_counter() - since > LONGEST_SECONDS:
        raise RuntimeError(f"the venue did not come back within {LONGEST_SECONDS:.0f} s")
    time.sleep(0.002)
