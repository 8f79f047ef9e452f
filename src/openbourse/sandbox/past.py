"""A past for a market: trading of the hours before the doors open, lived through on the venue's clock."""

import asyncio
import re
from typing import Final

from openbourse.core.commands import AnyCommand
from openbourse.sandbox.house import House
from openbourse.sandbox.virtual_clock import VirtualClock
from openbourse.venue.sequencer import MAX_BATCH, Busy
from openbourse.venue.venue import Venue

# The bots look once in so many seconds, and makers quote less than in real life: nobody sees it.
STEP_SECONDS: Final = 60
LEVELS: Final = 5
MAX_SECONDS: Final = 31 * 86_400
_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


async def live_through(
    venue: Venue, clock: VirtualClock, house: House, seconds: int, levels: int = LEVELS
) -> None:
    """Let the house trade for so many seconds of a clock that stands still. Equal seeds, equal pasts."""
    await house.open()
    for _ in range(seconds // STEP_SECONDS):
        clock.jump(STEP_SECONDS)
        for moves in house.acts(levels):
            for start in range(0, len(moves), MAX_BATCH):
                await _submit(venue, moves[start : start + MAX_BATCH])


async def _submit(venue: Venue, moves: list[AnyCommand]) -> None:
    """The history writes slower than the venue trades: wait for it, nothing is lost."""
    while True:
        try:
            await venue.submit_all(moves)
        except Busy:
            await asyncio.sleep(0.02)
        else:
            return


def seconds_of(text: str) -> int:
    """A length of time like 24h, 90m, 7d or 0. Raises ValueError."""
    found = re.fullmatch(r"(\d{1,7})([smhd]?)", text.strip())
    seconds = int(found[1]) * _UNITS[found[2] or "s"] if found else MAX_SECONDS + 1
    if seconds > MAX_SECONDS:
        raise ValueError(f"not a length of time like 24h or 90m, of 31 days at most: {text[:20]}")
    return seconds
