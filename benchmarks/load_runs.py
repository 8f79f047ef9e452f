"""Runs of the load generator against a server, in a process of its own."""

import subprocess
import sys
from typing import NamedTuple

import msgspec

from benchmarks.load import Measured, Plan
from benchmarks.servers import Target, cpu_seconds


class Run(NamedTuple):
    """One run: what the clients saw, and the CPU time of the server for each answer in µs."""

    measured: Measured
    server_cpu: float


def carry_out(target: Target, plan: Plan) -> Run:
    """Load a server as planned. RuntimeError when more than one request in twenty was refused."""
    before = cpu_seconds(target.process)
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.load"],
        input=msgspec.json.encode(plan),
        stdout=subprocess.PIPE,
        check=True,
        timeout=plan.seconds + 90,
    )
    measured = msgspec.json.decode(done.stdout, type=Measured)
    total = measured.answered + measured.refused
    if not total or measured.refused * 20 > total:
        raise RuntimeError(f"{measured.refused} of {total} requests were refused: {measured.first_refusal}")
    return Run(measured, (cpu_seconds(target.process) - before) / total * 1e6)
