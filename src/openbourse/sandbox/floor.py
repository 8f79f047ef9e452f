"""The floor: one market with its bots, their accounts, and what they remember of the price.

A turn has two acts. First the informed one takes what the price has left behind, and the makers follow the
price; then, with the new book before them, all others act.
"""

from collections import deque
from collections.abc import Callable
from random import Random
from typing import Final

from openbourse.core.commands import (
    AnyCommand,
    CancelOrder,
    MarketSpec,
    ModifyOrder,
    OrderRequest,
    OrderType,
    PlaceOrder,
    SelfTrade,
    Side,
)
from openbourse.core.units import UNIT
from openbourse.sandbox import catalogue, followers, informed_taker, market_maker, noise_taker, patient_trader
from openbourse.sandbox.market_maker import Moves, Style
from openbourse.sandbox.market_view import Look, MarketView
from openbourse.sandbox.noise_taker import Take
from openbourse.sandbox.reference_price import ReferencePrices
from openbourse.sandbox.regimes import Conditions
from openbourse.sandbox.setup import house_funds
from openbourse.venue.venue import Venue

Decide = Callable[[MarketView, Random], Take | None]

WALLET: Final = "spot"
# The roles that accounts are named after.
_MAKER: Final = "maker"
_INFORMED: Final = "informed"
_PATIENT: Final = "patient"
_NOISE: Final = "taker"
_TAKERS: Final[dict[str, Decide]] = {
    _NOISE: noise_taker.decide,
    "momentum": followers.follow,
    "reversion": followers.lean,
}
ROLES: Final = (_MAKER, _INFORMED, _PATIENT, *_TAKERS)

_USUAL_LOT: Final = 1_000


class Floor:
    """`users` are the accounts by role; `prices` are those of all markets."""

    def __init__(
        self, venue: Venue, market: MarketSpec, users: dict[str, int], prices: ReferencePrices, rng: Random
    ) -> None:
        self.market = market
        self.rng = rng
        self._venue = venue
        self._users = users
        self._prices = prices
        self._home = house_funds(market.base)
        self._lot = catalogue.LOTS.get(market.name, _USUAL_LOT)
        self._past: deque[int] = deque(maxlen=followers.MEMORY)

    def first_act(self, conditions: Conditions, levels: int) -> list[AnyCommand]:
        """What the informed one and the maker want, who quotes so many levels."""
        look = self._look()
        commands = self._take(_INFORMED, informed_taker.decide, look, conditions)
        moves = market_maker.decide(self._view(_MAKER, look), self.rng, _style(conditions, levels))
        return commands + self._carried_out(_MAKER, moves, "limit", "cancel_maker")

    def second_act(self, conditions: Conditions) -> list[AnyCommand]:
        """What all others want, now that the makers have quoted."""
        look = self._look()
        if look.middle:
            self._past.append(look.middle)
        commands: list[AnyCommand] = []
        if self._acts(conditions):
            moves = patient_trader.decide(self._view(_PATIENT, look), self.rng, _style(conditions))
            commands += self._carried_out(_PATIENT, moves, "post_only")
        for role, decide in _TAKERS.items():
            commands += self._take(role, decide, look, conditions)
        return commands

    def _take(self, role: str, decide: Decide, look: Look, conditions: Conditions) -> list[AnyCommand]:
        take = decide(self._view(role, look), self.rng)
        if take is None or not self._acts(conditions):
            return []
        return [self._order(role, take.side, "ioc", take.quantity, take.price)]

    def _acts(self, conditions: Conditions) -> bool:
        return self.rng.randrange(100) < conditions.rate

    def _carried_out(
        self, role: str, moves: Moves, kind: OrderType, self_trade: SelfTrade = "allow"
    ) -> list[AnyCommand]:
        """The changes of a bot's orders, away from the middle first: nothing of its own is met."""
        now, name, user = self._venue.now(), self.market.name, self._users[role]
        commands: list[AnyCommand] = [
            CancelOrder(now, user, WALLET, name, order.order_id) for order in moves.cancels
        ]
        commands += [
            ModifyOrder(now, user, WALLET, name, order.order_id, amount, price)
            for order, price, amount in moves.changes
        ]
        commands += [
            self._order(role, side, kind, quantity, price, self_trade)
            for side, price, quantity in moves.quotes
        ]
        return commands

    def _order(
        self,
        role: str,
        side: Side,
        kind: OrderType,
        quantity: int,
        price: int,
        self_trade: SelfTrade = "allow",
    ) -> PlaceOrder:
        user, name = self._users[role], self.market.name
        request = OrderRequest(user, WALLET, name, side, kind, quantity, price, self_trade=self_trade)
        return PlaceOrder(self._venue.now(), request)

    def _look(self) -> Look:
        exchange, market = self._venue.exchange, self.market
        bids = exchange.levels(market.name, "buy", 1)
        asks = exchange.levels(market.name, "sell", 1)
        return Look(
            reference=self._prices.of(market.base, market.quote),
            lot=self._lot * UNIT * UNIT // self._prices.of(market.base, catalogue.NUMERAIRE),
            best_bid=bids[0][0] if bids else 0,
            best_ask=asks[0][0] if asks else 0,
            turbulence=self._prices.turbulence(market.base),
        )

    def _view(self, role: str, look: Look) -> MarketView:
        exchange, market, user = self._venue.exchange, self.market, self._users[role]
        base = sum(exchange.balances(user, WALLET).get(market.base, (0, 0)))
        return MarketView(market, look, base, self._home, exchange.open_orders(user), tuple(self._past))


def _style(conditions: Conditions, levels: int = market_maker.LEVELS) -> Style:
    return Style(levels, conditions.depth, conditions.spread, conditions.sides)
