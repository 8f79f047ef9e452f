"""Engine work: what an order takes of the thread that everything waits for, without any protocol.

Commands of mix B are submitted to a whole venue, 64 at a time, as they come from 64 connections. CPU time of
the loop's thread alone, with the loop that venues are served with: queueing, the hand-over to the log, the
core, market data, the hand-over to the history, the answers. Beside it what the core alone takes for the same
commands, and what it is when every user hears of the own orders, fills and balances by WebSocket. Log and
history write in threads of their own, on the disk; they are in the figures of `http_orders`.
"""

import tempfile
import time
from pathlib import Path
from typing import Final

import msgspec
import uvloop

from benchmarks.core_throughput import run as core_alone
from benchmarks.mixes import MIXES, USERS, Stream, stream
from benchmarks.report import Figure
from benchmarks.scratch import scratch_directory
from openbourse.accounts.allow_list import AllowList
from openbourse.accounts.records import KeyRecord, User
from openbourse.core.commands import AnyCommand
from openbourse.core.events import Refused
from openbourse.sandbox.virtual_clock import VirtualClock
from openbourse.testing.thread import quiet_log
from openbourse.venue.options import VenueOptions
from openbourse.venue.venue import Venue
from openbourse.wire.coinex.ws.errors import CloseCode
from openbourse.wire.coinex.ws.hub import Hub
from openbourse.wire.coinex.ws.limits import WsLimits

COMMANDS: Final = 30_000
RUNS: Final = 3
_TOGETHER: Final = 64
_SEED: Final = 3


def measure(count: int = COMMANDS) -> list[Figure]:
    """The venue, a fresh one each time, and the core."""
    quiet_log()
    commands = stream(MIXES["B"], count, _SEED)
    whole = [uvloop.run(_loop_time(commands)) for _ in range(RUNS)]
    followed = [uvloop.run(_loop_time(commands, followed=True)) for _ in range(RUNS)]
    rates = core_alone("B", count, _SEED)["per_second"]
    assert isinstance(rates, list)
    core = Figure("  of it, the core alone", [1e6 / rate for rate in rates], "µs/command")
    work = Figure("engine work, mix B, the loop's thread", whole, "µs/command")
    pushes = Figure("  with all private pushes", followed, work.unit)
    return [
        Figure(work.name, whole, work.unit, f"{work.median / core.median:.1f} times the core"),
        core,
        Figure(pushes.name, followed, work.unit, f"{pushes.median - work.median:.1f} µs more"),
    ]


async def _loop_time(commands: Stream, *, followed: bool = False) -> float:
    """µs of this thread's CPU time for each command; all users may follow what becomes of their orders."""
    with tempfile.TemporaryDirectory(dir=scratch_directory()) as folder:
        clock = VirtualClock(commands.opening[0].time, 0)
        venue = Venue.open(VenueOptions(Path(folder) / "venue", "sandbox"), clock)
        await venue.start()
        await _submit(venue, commands.opening)
        hub = _all_following(venue) if followed else None
        began = time.thread_time()
        refused = await _submit(venue, commands.commands)
        spent = time.thread_time() - began
        await venue.stop()
    count = len(commands.commands)
    assert hub is None or hub.desk.counters.delivered > 2 * count
    assert refused * 1_000 <= count, f"{refused} of {count} commands are refused"
    return spent / count * 1e6


class _Nowhere:
    """Where the pushes go; see `session.Connection`."""

    def send(self, frames: bytes) -> None:
        """Sockets are measured by `websocket_fanout`."""

    def close(self, code: CloseCode, reason: str) -> None:
        """Nobody closes."""


def _all_following(venue: Venue) -> Hub:
    """With a WebSocket for each user, who hears of all own orders, fills and balances."""
    hub = Hub(
        venue.market_data, venue.accounts.find_key, venue.now, venue.present, lambda _: True, WsLimits()
    )
    for user in range(1, USERS + 1):
        owner = User(user, "", "", 0, (), "active", "", 0)
        session = hub.join(_Nowhere(), hub.spot, "")
        session.key = KeyRecord(user, owner, "", "coinex", False, False, AllowList(()), 0, 0, "", False, "")
        for channel in ("order", "user_deals", "balance"):
            request = {"method": f"{channel}.subscribe", "params": {}, "id": 1}
            session.receive(msgspec.json.encode(request), 0.0)
    venue.listen(hub.applied)
    return hub


async def _submit(venue: Venue, commands: list[AnyCommand]) -> int:
    """Submit all, so many at a time; how many were refused."""
    refused = 0
    for start in range(0, len(commands), _TOGETHER):
        together = commands[start : start + _TOGETHER]
        waiting = [venue.submit(command) for command in together]
        answers = [await answer for answer in waiting]
        refused += sum([type(events[0]) is Refused for events in answers])
    return refused
