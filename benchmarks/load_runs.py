"""Runs of the load generator against a server, in a process of its own."""

import subprocess
import sys
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
