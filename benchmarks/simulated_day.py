"""A simulated day: how long the six markets of the demo take to live through one, on each engine.

The venue is whole, with its log on disk and its history; only the clock is not real. The engine is chosen
when the package is imported, so each has a process of its own: `python -m benchmarks.simulated_day` is one.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.report import Figure, ratio
from benchmarks.scratch import scratch_directory
from openbourse.core.events import Applied, Trade
from openbourse.engine import PURE_VARIABLE
from openbourse.sandbox.house import House
from openbourse.sandbox.past import live_through
from openbourse.sandbox.setup import set_up
from openbourse.sandbox.virtual_clock import VirtualClock
from openbourse.testing.thread import quiet_log
from openbourse.venue.options import VenueOptions
from openbourse.venue.venue import Venue

DAY = 86_400
START = 1_795_000_000_000
RUNS = 2


def measure() -> list[Figure]:
    """Seconds of both engines, and what happens in such a day."""
    pure = [_day("pure") for _ in range(RUNS)]
    compiled = [_day("compiled") for _ in range(RUNS)]
    slow = Figure("simulated day, six markets, pure", [day["seconds"] for day in pure], "s")
    fast = Figure("simulated day, six markets, compiled", [day["seconds"] for day in compiled], "s")
    return [
        Figure(fast.name, fast.values, fast.unit, ratio(fast, slow)),
        slow,
        Figure("– commands", [day["commands"] for day in compiled], "a day"),
        Figure("– trades", [day["trades"] for day in compiled], "a day"),
    ]


def _day(engine: str) -> dict[str, float]:
    environment = {name: value for name, value in os.environ.items() if name != PURE_VARIABLE}
    if engine == "pure":
        environment[PURE_VARIABLE] = "1"
    output = subprocess.run(
        [sys.executable, "-m", "benchmarks.simulated_day"],
        env=environment,
        check=True,
        stdout=subprocess.PIPE,
        timeout=1800,
    ).stdout
    day: dict[str, float] = json.loads(output)
    return day


async def live(seconds: int) -> dict[str, float]:
    """One run in this process."""
    trades = 0

    def count(batch: list[Applied]) -> None:
        nonlocal trades
        trades += sum(isinstance(event, Trade) for applied in batch for event in applied.events)

    with tempfile.TemporaryDirectory(dir=scratch_directory()) as folder:
        clock = VirtualClock(START, 0)
        venue = Venue.open(VenueOptions(Path(folder) / "venue", "sandbox"), clock)
        await venue.start()
        await set_up(venue)
        venue.listen(count)
        began, first = time.perf_counter(), venue.exchange.sequence
        await live_through(venue, clock, House(venue, 1, clock.sleep), seconds)
        took, commands = time.perf_counter() - began, venue.exchange.sequence - first
        await venue.stop()
    return {"seconds": took, "commands": commands, "trades": trades}


if __name__ == "__main__":
    quiet_log()
    print(json.dumps(asyncio.run(live(DAY))))
