"""Runs of the load generator against a server, in a process of its own."""

import subprocess
import sys
from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

import msgspec

from benchmarks.load import Measured, Plan
from benchmarks.servers import Target, cpu_seconds, loop_seconds, resident_bytes


class Run(NamedTuple):
    """One run: what the clients saw, and what it took of the server.

    CPU times are µs for each answer: of all its processes and threads, and of its first thread, which runs
    the event loop. `grown` is by how many bytes its memory grew.
    """

    measured: Measured
    server_cpu: float
    loop_cpu: float
    grown: int


def beside(runs: Sequence[Run], baseline: Sequence[Run], name: str) -> str:
    """How a server stands to its baseline, by what it answered and by what that took of the processor."""
    answers, cost = (
        median(of(run) for run in runs) / median(of(run) for run in baseline) for of in (_rate, _cost)
    )
    return f"{answers:.2f} of {name}; {cost:.1f} times its CPU time an answer"


def _rate(run: Run) -> float:
    return run.measured.per_second


def _cost(run: Run) -> float:
    return run.server_cpu


def carry_out(target: Target, plan: Plan, *, may_refuse: bool = False) -> Run:
    """Load a server as planned. RuntimeError when more than one request in twenty was refused.

    Whoever expects refusals says `may_refuse`.
    """
    before, loop_before = cpu_seconds(target.process), loop_seconds(target.process)
    resident = resident_bytes(target.process)
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.load"],
        input=msgspec.json.encode(plan),
        stdout=subprocess.PIPE,
        check=True,
        timeout=plan.seconds + 120,
    )
    measured = msgspec.json.decode(done.stdout, type=Measured)
    total = measured.answered + measured.refused
    if not total or (measured.refused * 20 > total and not may_refuse):
        raise RuntimeError(f"{measured.refused} of {total} requests were refused: {measured.first_refusal}")
    return Run(
        measured,
        (cpu_seconds(target.process) - before) / total * 1e6,
        (loop_seconds(target.process) - loop_before) / total * 1e6,
        resident_bytes(target.process) - resident,
    )
