"""What lives in a sandbox: markets and traders are set up, a past is simulated, bots trade."""

import contextlib
import time
from collections.abc import AsyncIterator, Callable, Mapping

from openbourse.sandbox.house import House
from openbourse.sandbox.past import live_through
from openbourse.sandbox.playground import Playground
from openbourse.sandbox.recorded_prices import Recording
from openbourse.sandbox.setup import Trader, set_up


class Life:
    """`async with life.living():` the markets live inside the block.

    `past` seconds are simulated before, in a venue that has none. With `stepped` the clock stands still from
    the beginning: all that happens can then be repeated.
    """

    def __init__(
        self,
        playground: Playground,
        past: int = 0,
        prices: Mapping[str, Recording] | None = None,
        *,
        bots: bool,
        stepped: bool = False,
        on_past: Callable[[], None] = lambda: None,
        on_gap: Callable[[], None] = lambda: None,
    ) -> None:
        """`prices` are recorded ones by asset; `on_past` is called before a past is simulated.

        `on_gap` is called when the simulation of an earlier start was interrupted: that is not made up for.
        """
        self.playground = playground
        self.traders: list[Trader] = []
        self._past = past if bots else 0
        self._prices = dict(prices or {})
        self._bots = bots
        self._stepped = stepped
        self._on_past = on_past
        self._on_gap = on_gap

    @contextlib.asynccontextmanager
    async def living(self) -> AsyncIterator[None]:
        """Sets up and lives; the traders are known inside."""
        ground = self.playground
        first = ground.venue.exchange.sequence == 0
        self._remember(first)
        unfinished = ground.venue.directory.unfinished
        if first and self._past:
            unfinished.touch()
        self.traders = await set_up(ground.venue)
        if not self._bots:
            yield
            return
        house = House(ground.venue, ground.seed, ground.clock.sleep, ground.regimes)
        for asset, recording in self._prices.items():
            house.follow(asset, recording)
        if first and self._past:
            self._on_past()
            await self._live_through_the_past(house)
            unfinished.unlink()
        elif unfinished.exists():
            self._on_gap()
        async with house:
            yield

    def _remember(self, first: bool) -> None:
        """How to come to the same state again; a second start cannot be repeated."""
        ground = self.playground
        ground.bots = self._bots
        ground.history = self._past if first else 0
        ground.stepped = self._stepped and first
        ground.own_prices = bool(self._prices)

    async def _live_through_the_past(self, house: House) -> None:
        clock = self.playground.clock
        began = clock.now()
        clock.run(0)
        await live_through(self.playground.venue, clock, house, self._past)
        if not self._stepped:
            clock.run(1)
            # What was simulated took time as well.
            clock.not_before(max(began, time.time_ns() // 1_000_000))
