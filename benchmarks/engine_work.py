"""Engine work: what an order takes of the thread that everything waits for, without any protocol.

Commands of mix B are submitted to a whole venue, 64 at a time, as they come from 64 connections. CPU time of
the loop's thread alone, with the loop that venues are served with: queueing, the hand-over to the log, the
core, market data, the hand-over to the history, the answers. Beside it what the core alone takes for the same
commands. Log and history write in threads of their own, on the disk; they are in those of `http_orders`.
"""

import tempfile
import time
from pathlib import Path
from typing import Final

import uvloop

from benchmarks.core_throughput import run as core_alone
from benchmarks.mixes import MIXES, Stream, stream
from benchmarks.report import Figure
from benchmarks.scratch import scratch_directory
from openbourse.core.commands import AnyCommand
from openbourse.core.events import Refused
from openbourse.sandbox.virtual_clock import VirtualClock
from openbourse.testing.thread import quiet_log
from openbourse.venue.options import VenueOptions
from openbourse.venue.venue import Venue

COMMANDS: Final = 30_000
RUNS: Final = 3
_TOGETHER: Final = 64
_SEED: Final = 3


def measure(count: int = COMMANDS) -> list[Figure]:
    """The venue, a fresh one each time, and the core."""
    quiet_log()
    commands = stream(MIXES["B"], count, _SEED)
    whole = [uvloop.run(_loop_time(commands)) for _ in range(RUNS)]
    rates = core_alone("B", count, _SEED)["per_second"]
    assert isinstance(rates, list)
    core = Figure("  of it, the core alone", [1e6 / rate for rate in rates], "µs/command")
    work = Figure("engine work, mix B, the loop's thread", whole, "µs/command")
    return [Figure(work.name, whole, work.unit, f"{work.median / core.median:.1f} times the core"), core]


async def _loop_time(commands: Stream) -> float:
    """µs of this thread's CPU time for each command."""
    with tempfile.TemporaryDirectory(dir=scratch_directory()) as folder:
        clock = VirtualClock(commands.opening[0].time, 0)
        venue = Venue.open(VenueOptions(Path(folder) / "venue", "sandbox"), clock)
        await venue.start()
        await _submit(venue, commands.opening)
        began = time.thread_time()
        refused = await _submit(venue, commands.commands)
        spent = time.thread_time() - began
        await venue.stop()
    count = len(commands.commands)
    assert refused * 1_000 <= count, f"{refused} of {count} commands are refused"
    return spent / count * 1e6


async def _submit(venue: Venue, commands: list[AnyCommand]) -> int:
    """Submit all, so many at a time; how many were refused."""
    refused = 0
    for start in range(0, len(commands), _TOGETHER):
        together = commands[start : start + _TOGETHER]
        waiting = [venue.submit(command) for command in together]
        answers = [await answer for answer in waiting]
        refused += sum([type(events[0]) is Refused for events in answers])
    return refused
