"""How long a signed order takes at a given load, from the moment at which it was planned to be sent.

The capacity is measured first, in a closed loop of 64 connections; then an open loop with as many sends at
10, 50 and 90 % of it, at random intervals. 90 % of what a shared machine could do a minute ago may be more
than it can do now: that row shows how the venue behaves at its limit.

Beside the venue stand the same venue with its data in memory, where a sync costs nothing (there is no switch
that turns the sync off), and the empty signed handler, each at shares of its own capacity. All that was
measured is left for `python -m benchmarks.latency_plot FILE`.
"""

import tempfile
from contextlib import ExitStack
from pathlib import Path

import msgspec

from benchmarks.load import Plan
from benchmarks.load_runs import carry_out
from benchmarks.report import Figure
from benchmarks.scratch import memory_directory, scratch_directory
from benchmarks.servers import Target, demo, empty_handler

SHARES = (0.1, 0.5, 0.9)
SECONDS = 8.0
CAPACITY_SECONDS = 4.0


class Curve(msgspec.Struct):
    """What one server answered at one load: the fields of a `Histogram`, in µs."""

    server: str
    share: float
    per_second: float
    times: dict[int, int]
    longest: int


def curves_file() -> Path:
    """Where the curves of the last measurement are."""
    return scratch_directory() / "latency.json"


def measure(seconds: float = SECONDS) -> list[Figure]:
    """The three servers, one after the other."""
    curves: list[Curve] = []
    figures: list[Figure] = []
    disk, memory = scratch_directory(), memory_directory()
    for name, place in (("orders", disk), ("orders in memory", memory), ("empty handler", disk)):
        if place is None:
            continue
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=place)))
            serve = empty_handler if name == "empty handler" else demo
            figures += _latencies(stack.enter_context(serve(folder)), name, seconds, curves)
    curves_file().write_bytes(msgspec.json.encode(curves))
    return figures


def _latencies(target: Target, name: str, seconds: float, curves: list[Curve]) -> list[Figure]:
    carry_out(target, Plan(target.port, target.keys, "resting", 1.0, seed=1))
    plan = Plan(target.port, target.keys, "resting", min(CAPACITY_SECONDS, seconds), seed=2)
    capacity = carry_out(target, plan).measured.per_second
    figures = [Figure(f"{name}, capacity", [capacity], "/s")]
    for seed, share in enumerate(SHARES, 3):
        plan = Plan(target.port, target.keys, "resting", seconds, seed=seed, rate=share * capacity)
        run = carry_out(target, plan)
        found = run.measured
        curves.append(Curve(name, share, found.per_second, found.times, found.longest))
        load = f"{name} at {share:.0%}"
        waiting = f"{found.unanswered} planned and never answered" if found.unanswered else ""
        figures += [
            Figure(f"{load}, answered", [found.per_second], "/s", waiting),
            *(Figure(f"  {load}, {word}", [value], "ms") for word, value in found.milliseconds().items()),
            Figure(f"  {load}, server CPU", [run.server_cpu], "µs/answer"),
            Figure(f"  {load}, of it in the loop's thread", [run.loop_cpu], "µs/answer"),
        ]
    return figures
