"""The house: runs the bots of all markets, through the same desk as everybody."""

import asyncio
import traceback
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from typing import Final

import structlog

from openbourse.core.commands import CancelOrder, CancelOrders, MarketSpec, ModifyOrder, OrderRequest
from openbourse.core.units import UNIT
from openbourse.sandbox import catalogue, market_maker, noise_taker
from openbourse.sandbox.market_view import MarketView
from openbourse.sandbox.reference_price import ReferencePrices
from openbourse.sandbox.setup import ensure_house_user, require_sandbox
from openbourse.venue.sequencer import Busy, VenueStopped
from openbourse.venue.trading import Trading
from openbourse.venue.venue import Venue

# Between two turns of the bots of one market, in ms.
PAUSE_MS: Final = (400, 900)
_PAUSE_AFTER_FAULT_SECONDS: Final = 5.0
_WALLET: Final = "spot"
_LOT: Final = 1_000

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Floor:
    """One market with its two bots."""

    market: MarketSpec
    maker: int
    taker: int
    rng: Random


class House:
    """`async with House(venue, seed):` the markets live inside the block, and books are full from its start.

    With an equal seed, on an equal state, bots that see the same do the same. `pause` waits for seconds
    of the venue's clock.
    """

    def __init__(
        self, venue: Venue, seed: int, pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        """Raises SandboxOnlyError."""
        require_sandbox(venue)
        self._venue = venue
        self._trading = Trading(venue)
        self._pause = pause
        self._seed = f"{seed}/{venue.exchange.sequence}"
        self._prices = ReferencePrices(
            catalogue.ANCHORS, catalogue.NUMERAIRE, Random(f"{self._seed}/prices"), venue.now()
        )
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> None:
        self._resume_prices()
        floors = [await self._open(market) for market in catalogue.MARKETS]
        for floor in floors:
            await self._turn(floor)
        self._tasks = [
            asyncio.create_task(self._run(floor), name=f"house-{floor.market.name}") for floor in floors
        ]
        await asyncio.sleep(0)  # they begin to wait: a clock may be moved from now on

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task

    def _resume_prices(self) -> None:
        """Go on where the markets stand, so that a restart is no jump."""
        exchange = self._venue.exchange
        for asset in catalogue.ANCHORS:
            name = asset + catalogue.NUMERAIRE
            if exchange.market_spec(name) is not None and (last := exchange.last_price(name)):
                self._prices.resume(asset, last)

    async def _open(self, market: MarketSpec) -> _Floor:
        maker = await ensure_house_user(self._venue, "maker", market)
        taker = await ensure_house_user(self._venue, "taker", market)
        for user in (maker, taker):
            cancel = CancelOrders(self._venue.now(), user.id, _WALLET, market.name)
            await self._trading.cancel_matching(cancel)
        return _Floor(market, maker.id, taker.id, Random(f"{self._seed}/{market.name}"))

    async def _run(self, floor: _Floor) -> None:
        while True:
            await self._pause(floor.rng.randint(*PAUSE_MS) / 1000)
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
        """Each bot of a market looks and acts once."""
        if self._venue.exchange.market_status(floor.market.name) != "open":
            return
        self._prices.advance(self._venue.now())
        moves = market_maker.decide(self._view(floor, floor.maker), floor.rng)
        await self._make(floor, moves)
        take = noise_taker.decide(self._view(floor, floor.taker), floor.rng)
        if take is not None:
            order = OrderRequest(
                floor.taker, _WALLET, floor.market.name, take.side, "ioc", take.quantity, take.price
            )
            await self._trading.place_all([order])

    async def _make(self, floor: _Floor, moves: market_maker.Moves) -> None:
        """Submit all moves of the maker together; single ones may be refused, the next turn sees to it."""
        now, name, user = self._venue.now(), floor.market.name, floor.maker
        actions: list[Awaitable[object]] = []
        if moves.cancels:
            cancels = [CancelOrder(now, user, _WALLET, name, order.order_id) for order in moves.cancels]
            actions.append(self._trading.cancel_each(cancels))
        if moves.changes:
            actions.append(
                self._trading.modify_all(
                    [
                        ModifyOrder(now, user, _WALLET, name, order.order_id, amount, price)
                        for order, price, amount in moves.changes
                    ]
                )
            )
        if moves.quotes:
            actions.append(
                self._trading.place_all(
                    [
                        OrderRequest(
                            user, _WALLET, name, side, "limit", quantity, price, self_trade="cancel_maker"
                        )
                        for side, price, quantity in moves.quotes
                    ]
                )
            )
        await asyncio.gather(*actions)

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
        )
