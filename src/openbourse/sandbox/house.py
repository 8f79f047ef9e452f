"""The house: runs the bots of all markets. They are accounts like all others, in the same queue as everybody.

In every market a maker quotes, a patient trader waits in the queue, and four takers act for reasons of their
own: noise, knowledge of the reference price, momentum, and the belief that prices come back.
"""

import asyncio
import traceback
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from random import Random
from typing import Final

import structlog

from openbourse.core.commands import AnyCommand, CancelOrders, MarketSpec
from openbourse.core.units import UNIT_DECIMALS
from openbourse.sandbox import catalogue, market_maker
from openbourse.sandbox.floor import ROLES, WALLET, Floor
from openbourse.sandbox.recorded_prices import Recording
from openbourse.sandbox.reference_price import ReferencePrices
from openbourse.sandbox.regimes import Conditions, Regimes
from openbourse.sandbox.setup import ensure_house_user, require_sandbox
from openbourse.venue.sequencer import Busy, VenueStopped
from openbourse.venue.venue import Venue

# Between two turns of the bots of one market, in ms.
PAUSE_MS: Final = (400, 900)
_PAUSE_AFTER_FAULT_SECONDS: Final = 5.0
_INDEX_SOURCE: Final = "reference"
_STRIDE: Final = 16

_log = structlog.get_logger(__name__)


class House:
    """`async with House(venue, seed):` the markets live inside the block, and books are full from its start.

    With an equal seed, on an equal state, bots that see the same do the same. `pause` waits for seconds
    of the venue's clock; `regimes` are what is ordered for the markets. `markets` are those that live.
    """

    def __init__(
        self,
        venue: Venue,
        seed: int,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        regimes: Regimes | None = None,
        markets: Sequence[MarketSpec] = catalogue.MARKETS,
    ) -> None:
        """Raises SandboxOnlyError."""
        require_sandbox(venue)
        self._venue = venue
        self._pause = pause
        self._regimes = regimes or Regimes(venue)
        self._seed = f"{seed}/{venue.exchange.sequence}"
        self._prices = ReferencePrices(
            catalogue.ANCHORS, catalogue.NUMERAIRE, Random(f"{self._seed}/prices"), venue.now()
        )
        self._markets = markets
        self._tasks: list[asyncio.Task[None]] = []
        self._floors: list[Floor] = []

    async def __aenter__(self) -> None:
        await self.open()
        for floor in self._floors:
            await self._turn(floor)
        self._tasks = [
            asyncio.create_task(self._run(floor), name=f"house-{floor.market.name}") for floor in self._floors
        ]
        await asyncio.sleep(0)  # they begin to wait: a clock may be moved from now on

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task

    def follow(self, asset: str, recording: Recording) -> None:
        """Take an asset's reference price from a recording, from its beginning on."""
        self._prices.follow(asset, recording)

    async def open(self) -> None:
        """Have the accounts ready, and nothing of before on the books. Again changes nothing."""
        if not self._floors:
            self._resume_prices()
            self._floors = [await self._open(market) for market in self._markets]

    def acts(self, levels: int) -> Iterator[list[AnyCommand]]:
        """What all bots of all markets want to do now, once; makers quote so many levels.

        Act after act: each is to be carried out before the next one is asked for. For long steps of the
        clock: prices walk in strides.
        """
        self._prices.advance(self._venue.now(), _STRIDE)
        known = [(floor, self._conditions(floor)) for floor in self._floors]
        acting = [(floor, conditions) for floor, conditions in known if self._is_open(floor)]
        yield [command for floor, conditions in acting for command in floor.first_act(conditions, levels)]
        yield [command for floor, conditions in acting for command in floor.second_act(conditions)]

    # -- inside ------------------------------------------------------------------------------------

    def _resume_prices(self) -> None:
        """Go on where the markets stand, so that a restart is no jump."""
        exchange = self._venue.exchange
        for asset in catalogue.ANCHORS:
            name = asset + catalogue.NUMERAIRE
            if exchange.market_spec(name) is not None and (last := exchange.last_price(name)):
                self._prices.resume(asset, last)

    async def _open(self, market: MarketSpec) -> Floor:
        users = {}
        for role in ROLES:
            users[role] = (await ensure_house_user(self._venue, role, market)).id
        now = self._venue.now()
        await self._venue.submit_all(
            [CancelOrders(now, user, WALLET, market.name) for user in users.values()]
        )
        return Floor(self._venue, market, users, self._prices, Random(f"{self._seed}/{market.name}"))

    async def _run(self, floor: Floor) -> None:
        while True:
            rate = self._regimes.conditions(floor.market.name).rate
            await self._pause(floor.rng.randint(*PAUSE_MS) / 1000 * 100 / max(10, rate))
            try:
                await self._turn(floor)
            except Busy:
                continue  # others have more urgent business
            except VenueStopped:
                return
            except Exception:  # noqa: BLE001 - a bot must not die in silence, nor take the venue with it
                _log.error("house_bot_failed", market=floor.market.name, traceback=traceback.format_exc())
                await self._pause(_PAUSE_AFTER_FAULT_SECONDS)

    async def _turn(self, floor: Floor) -> None:
        """Each bot of a market looks and acts once; single moves may be refused, the next turn sees to it."""
        if self._venue.overloaded:
            raise Busy("the venue is overloaded")
        self._prices.advance(self._venue.now())
        self._tell_index(floor.market)
        conditions = self._conditions(floor)
        if not self._is_open(floor):
            return
        if moves := floor.first_act(conditions, market_maker.LEVELS):
            await self._venue.submit_all(moves)
        if moves := floor.second_act(conditions):
            await self._venue.submit_all(moves)

    def _tell_index(self, market: MarketSpec) -> None:
        """The index of a simulated market is what its bots believe in, on the market's price steps."""
        price = self._prices.of(market.base, market.quote)
        price -= price % 10 ** (UNIT_DECIMALS - market.quote_precision)
        if price:
            indices = self._venue.market_data.indices
            indices.report(market.name, _INDEX_SOURCE, price, self._venue.now())

    def _conditions(self, floor: Floor) -> Conditions:
        """What holds in a market; what was ordered newly begins to act on its price."""
        name, base = floor.market.name, floor.market.base
        conditions = self._regimes.conditions(name)
        if self._regimes.changed(name):
            self._prices.agitate(base, conditions.volatility)
        if self._regimes.turned(name) and conditions.drift:
            self._prices.drift(base, conditions.drift, conditions.drift_ms)
        return conditions

    def _is_open(self, floor: Floor) -> bool:
        """Bots rest in planned maintenance, and in the protection after it."""
        maintenance, now = self._venue.maintenance, self._venue.now()
        closed = maintenance.is_on("spot", now) or maintenance.protects("spot", now)
        return not closed and self._venue.exchange.market_status(floor.market.name) == "open"
