"""The commands of the sandbox's own agents: what the bots of the demo's six markets really submit.

They trade in a whole venue, as in the demo, on a clock that is stepped from one turn of a bot to the next;
what they submit is written down. Replayed on a fresh exchange, the same commands do the same: ids, trades and
refusals are those of the venue. Unlike the other mixes this one has six markets, batches that quote both
sides, cancels that come too late, and accounts that pay no fees.
"""

import asyncio
import tempfile
from pathlib import Path
from typing import Final

from benchmarks.mixes import Stream
from benchmarks.scratch import memory_directory
from openbourse.core.commands import AnyCommand
from openbourse.core.events import Applied
from openbourse.sandbox.house import House
from openbourse.sandbox.setup import set_up
from openbourse.sandbox.virtual_clock import VirtualClock
from openbourse.testing.thread import quiet_log
from openbourse.venue.options import VenueOptions
from openbourse.venue.venue import Venue

_START: Final = 1_795_000_000_000
_STEP_SECONDS: Final = 1.0


def recorded(count: int, seed: int) -> Stream:
    """So many commands of the agents; before them, how the venue was set up and the books were filled.

    Equal arguments give equal commands.
    """
    quiet_log()
    return asyncio.run(_record(count, seed))


async def _record(count: int, seed: int) -> Stream:
    commands: list[AnyCommand] = []

    def write_down(batch: list[Applied]) -> None:
        commands.extend(applied.command for applied in batch)

    # In memory where there is some: the disk would only make the recording slower.
    with tempfile.TemporaryDirectory(dir=memory_directory()) as folder:
        clock = VirtualClock(_START, 0)
        venue = Venue.open(VenueOptions(Path(folder) / "venue", "sandbox"), clock)
        venue.listen(write_down)
        await venue.start()
        await set_up(venue)
        async with House(venue, seed, clock.sleep):
            opening = len(commands)
            while len(commands) < opening + count:
                await clock.advance(_STEP_SECONDS)
        await venue.stop()
    return Stream(commands[:opening], commands[opening : opening + count])
