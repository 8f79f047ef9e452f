"""Mix B over HTTP at a rate that stands still: is anybody turned away, who waits, does memory grow?

An open loop, as in `http_latency`, on 64 connections. In `make bench` the rate is 80 % of what a closed loop
just showed, and the target's at most, for a quarter of a minute; `python -m benchmarks.http_steady 18000 300`
asks for a rate and for seconds. That an order was filled before its cancel came, or a taker found nobody, is
the market's answer; any other refusal turns somebody away.
"""

import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from benchmarks.load import Plan
from benchmarks.load_runs import Run, carry_out
from benchmarks.report import Figure, table
from benchmarks.scratch import scratch_directory
from benchmarks.servers import Target, demo, empty_handler
from openbourse.wire.coinex.errors import Code

# A little above the target: sends at random intervals are not exactly as many as were asked for.
HIGHEST_RATE: Final = 1.02 * 18_000
SECONDS: Final = 15.0
_SHARE: Final = 0.8
_CAPACITY_SECONDS: Final = 3.0
_OUTCOMES: Final = frozenset({Code.ORDER_NOT_FOUND, Code.NO_LIQUIDITY, Code.NOT_FILLABLE})


def measure(rate: float = 0.0, seconds: float = SECONDS) -> list[Figure]:
    """The venue at `rate` requests a second, or at what suits it, and the empty handler at the same rate."""
    with tempfile.TemporaryDirectory(dir=scratch_directory()) as name:
        folder = Path(name)
        with demo(folder) as venue:
            closed = carry_out(venue, Plan(venue.port, venue.keys, "b", _CAPACITY_SECONDS, seed=1))
            rate = rate or min(HIGHEST_RATE, _SHARE * closed.measured.per_second)
            run = _steady(venue, rate, seconds)
        with empty_handler(folder) as empty:
            baseline = _steady(empty, rate, min(seconds, SECONDS))
    return [
        *_figures("HTTP, mix B at a steady rate", rate, seconds, run),
        *_figures("empty handler at that rate", rate, min(seconds, SECONDS), baseline),
    ]


def _steady(target: Target, rate: float, seconds: float) -> Run:
    plan = Plan(target.port, target.keys, "b", seconds, seed=2, rate=rate)
    return carry_out(target, plan, may_refuse=True)


def turned_away(refusals: Mapping[int, int]) -> int:
    """How many of the refusals are not the market's own answers."""
    return sum(count for code, count in refusals.items() if code not in _OUTCOMES)


def _figures(name: str, rate: float, seconds: float, run: Run) -> list[Figure]:
    found = run.measured
    total = found.answered + found.refused
    refusals = ", ".join(f"{count} × code {code}" for code, count in sorted(found.refusals.items()))
    asked = f"asked for: {rate:,.0f}/s for {seconds:.0f} s; refused: {refusals or 'none'}"
    return [
        Figure(f"{name}, answered", [total / found.seconds], "/s", asked),
        Figure(f"  {name}, turned away", [turned_away(found.refusals) + found.unanswered], "requests"),
        *(Figure(f"  {name}, {word}", [value], "ms") for word, value in found.milliseconds().items()),
        Figure(f"  {name}, server CPU", [run.server_cpu], "µs/answer"),
        Figure(f"  {name}, memory grew by", [run.grown / 2**20], "MiB", f"{run.grown / total:.0f} B/answer"),
    ]


if __name__ == "__main__":
    print(table(measure(float(sys.argv[1]), float(sys.argv[2]))))
