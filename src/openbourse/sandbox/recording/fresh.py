"""A fresh sandbox like the one in front of which a recording began, on a clock that only a replay moves."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

from openbourse.sandbox.life import Life
from openbourse.sandbox.playground import Playground
from openbourse.sandbox.recording.lines import SandboxState
from openbourse.sandbox.setup import Trader
from openbourse.sandbox.virtual_clock import VirtualClock
from openbourse.venue.front import VenueFront
from openbourse.venue.options import VenueOptions
from openbourse.venue.venue import Venue
from openbourse.wire.application import application
from openbourse.wire.coinex.settings import CoinexSettings
from openbourse.wire.coinex.ws.hub import Hub
from openbourse.wire.coinex.ws.limits import WsLimits
from openbourse.wire.coinw.settings import CoinwSettings
from openbourse.wire.http.server import HttpServer


class Fresh(NamedTuple):
    """`sequence` is how many commands it took to come so far; the `hub` pushes when it is told to."""

    url: str
    playground: Playground
    traders: list[Trader]
    sequence: int
    hub: Hub


@contextlib.asynccontextmanager
async def fresh_venue(state: SandboxState, directory: Path) -> AsyncIterator[Fresh]:
    """Serves inside the block; its files are in `directory`, which must be empty or missing.

    Requests are not limited in their rate: a replay has a pace of its own.
    """
    clock = VirtualClock(state.began if state.stepped else state.time - state.history * 1000, 0)
    venue = Venue.open(VenueOptions(directory, mode="sandbox"), clock)
    await venue.start()
    try:
        ground = Playground(venue, clock, state.seed)
        life = Life(ground, state.history, bots=state.bots, stepped=True)
        app = application(
            VenueFront(venue), CoinexSettings(rate_limits=False), CoinwSettings(rate_limits=False)
        )
        async with contextlib.AsyncExitStack() as living:
            await living.enter_async_context(life.living())
            if state.stepped:
                await ground.advance(max(0, state.time - clock.now()) / 1000)
            sockets = await living.enter_async_context(ground.websockets(WsLimits().without_rates()))
            server = HttpServer(ground.around(app), websocket=sockets.protocol)
            await living.enter_async_context(server)
            yield Fresh(server.url, ground, life.traders, venue.exchange.sequence, sockets.hub)
    finally:
        await venue.stop()
