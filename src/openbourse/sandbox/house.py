"""The house: runs the bots of all markets. They are accounts like all others, in the same queue as everybody.

In every market a maker quotes, and four takers act for reasons of their own: noise, knowledge of the
reference price, momentum, and the belief that prices come back.
"""

import asyncio
import traceback
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Final

import structlog

from openbourse.core.commands import (
    AnyCommand,
    CancelOrder,
    CancelOrders,
    MarketSpec,
    ModifyOrder,
    OrderRequest,
    PlaceOrder,
)
from openbourse.core.units import UNIT, UNIT_DECIMALS
from openbourse.sandbox import catalogue, followers, informed_taker, market_maker, noise_taker
from openbourse.sandbox.market_maker import Style
from openbourse.sandbox.market_view import MarketView
from openbourse.sandbox.recorded_prices import Recording
from openbourse.sandbox.reference_price import ReferencePrices
from openbourse.sandbox.regimes import Conditions, Regimes
from openbourse.sandbox.setup import ensure_house_user, require_sandbox
from openbourse.venue.sequencer import Busy, VenueStopped
from openbourse.venue.venue import Venue

# Between two turns of the bots of one market, in ms.
PAUSE_MS: Final = (400, 900)
_PAUSE_AFTER_FAULT_SECONDS: Final = 5.0
_WALLET: Final = "spot"
_INDEX_SOURCE: Final = "reference"
_LOT: Final = 1_000
_STRIDE: Final = 16
_MAKER: Final = "maker"

Decide = Callable[[MarketView, Random], noise_taker.Take | None]
# By the role that their accounts are named after.
TAKERS: Final[dict[str, Decide]] = {
    "taker": noise_taker.decide,
    "informed": informed_taker.decide,
    "momentum": followers.follow,
    "reversion": followers.lean,
}

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Floor:
    """One market with its bots: their accounts by role, and what they remember of the price."""

    market: MarketSpec
    users: dict[str, int]
    rng: Random
    past: deque[int] = field(default_factory=lambda: deque(maxlen=followers.MEMORY))


class House:
    """`async with House(venue, seed):` the markets live inside the block, and books are full from its start.

    With an equal seed, on an equal state, bots that see the same do the same. `pause` waits for seconds
    of the venue's clock; `regimes` are what is ordered for the markets.
    """

    def __init__(
        self,
        venue: Venue,
        seed: int,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        regimes: Regimes | None = None,
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
        self._tasks: list[asyncio.Task[None]] = []
        self._floors: list[_Floor] = []

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
            self._floors = [await self._open(market) for market in catalogue.MARKETS]

    def moves(self, levels: int) -> list[AnyCommand]:
        """What all bots of all markets want to do now, once; makers quote so many levels.

        For long steps of the clock: prices walk in strides.
        """
        self._prices.advance(self._venue.now(), _STRIDE)
        return [command for floor in self._floors for command in self._moves(floor, levels)]

    # -- inside ------------------------------------------------------------------------------------

    def _resume_prices(self) -> None:
        """Go on where the markets stand, so that a restart is no jump."""
        exchange = self._venue.exchange
        for asset in catalogue.ANCHORS:
            name = asset + catalogue.NUMERAIRE
            if exchange.market_spec(name) is not None and (last := exchange.last_price(name)):
                self._prices.resume(asset, last)

    async def _open(self, market: MarketSpec) -> _Floor:
        users = {}
        for role in (_MAKER, *TAKERS):
            users[role] = (await ensure_house_user(self._venue, role, market)).id
        now = self._venue.now()
        await self._venue.submit_all(
            [CancelOrders(now, user, _WALLET, market.name) for user in users.values()]
        )
        return _Floor(market, users, Random(f"{self._seed}/{market.name}"))

    async def _run(self, floor: _Floor) -> None:
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

    async def _turn(self, floor: _Floor) -> None:
        """Each bot of a market looks and acts once; single moves may be refused, the next turn sees to it."""
        if self._venue.overloaded:
            raise Busy("the venue is overloaded")
        self._prices.advance(self._venue.now())
        self._tell_index(floor.market)
        moves = self._moves(floor, market_maker.LEVELS)
        if moves:
            await self._venue.submit_all(moves)

    def _tell_index(self, market: MarketSpec) -> None:
        """The index of a simulated market is what its bots believe in, on the market's price steps."""
        price = self._prices.of(market.base, market.quote)
        price -= price % 10 ** (UNIT_DECIMALS - market.quote_precision)
        if price:
            indices = self._venue.market_data.indices
            indices.report(market.name, _INDEX_SOURCE, price, self._venue.now())

    def _moves(self, floor: _Floor, levels: int) -> list[AnyCommand]:
        name = floor.market.name
        conditions = self._regimes.conditions(name)
        if self._regimes.changed(name):
            self._prices.agitate(floor.market.base, conditions.volatility)
            if conditions.drift:
                self._prices.drift(floor.market.base, conditions.drift, conditions.drift_ms)
        if self._venue.exchange.market_status(name) != "open":
            return []
        moves = self._quotes(floor, conditions, levels)
        for role, decide in TAKERS.items():
            view = self._view(floor, floor.users[role])
            if role == "taker" and view.middle:
                floor.past.append(view.middle)
            take = decide(view, floor.rng)
            if take is not None and floor.rng.randrange(100) < conditions.rate:
                user = floor.users[role]
                order = OrderRequest(user, _WALLET, name, take.side, "ioc", take.quantity, take.price)
                moves.append(PlaceOrder(self._venue.now(), order))
        return moves

    def _quotes(self, floor: _Floor, conditions: Conditions, levels: int) -> list[AnyCommand]:
        """The maker's changes, away from the middle first: nothing of its own is met."""
        now, name, user = self._venue.now(), floor.market.name, floor.users[_MAKER]
        style = Style(levels, conditions.depth, conditions.spread, conditions.sides)
        moves = market_maker.decide(self._view(floor, user), floor.rng, style)
        commands: list[AnyCommand] = [
            CancelOrder(now, user, _WALLET, name, order.order_id) for order in moves.cancels
        ]
        commands += [
            ModifyOrder(now, user, _WALLET, name, order.order_id, amount, price)
            for order, price, amount in moves.changes
        ]
        for side, price, quantity in moves.quotes:
            request = OrderRequest(
                user, _WALLET, name, side, "limit", quantity, price, self_trade="cancel_maker"
            )
            commands.append(PlaceOrder(now, request))
        return commands

    def _view(self, floor: _Floor, user: int) -> MarketView:
        exchange, market = self._venue.exchange, floor.market
        balances = exchange.balances(user, _WALLET)
        bids = exchange.levels(market.name, "buy", 1)
        asks = exchange.levels(market.name, "sell", 1)
        return MarketView(
            spec=market,
            reference=self._prices.of(market.base, market.quote),
            lot=_LOT * UNIT * UNIT // self._prices.of(market.base, catalogue.NUMERAIRE),
            best_bid=bids[0][0] if bids else 0,
            best_ask=asks[0][0] if asks else 0,
            base=sum(balances.get(market.base, (0, 0))),
            quote=sum(balances.get(market.quote, (0, 0))),
            orders=exchange.open_orders(user),
            past=tuple(floor.past),
        )
