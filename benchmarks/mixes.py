"""The two mixes of commands that the core is measured with, generated from a seed.

X is the mix that exchange-core publishes its figures with: 82.6 % move, 8.8 % limit, 5.8 % cancel, 2.7 %
immediate-or-cancel. B is 45 % add, 45 % cancel, 10 % aggressive. Both keep about 1,000 orders on the book.
The commands are made against a twin of the exchange that will get them, so that every cancel and move finds
its order.
"""

import random
from dataclasses import dataclass
from typing import Final, NamedTuple

import msgspec

from openbourse.core.commands import (
    AnyCommand,
    CancelOrder,
    DefineMarket,
    Deposit,
    MarketSpec,
    ModifyOrder,
    OpenUser,
    OrderRequest,
    OrderType,
    PlaceOrder,
)
from openbourse.core.events import AnyEvent, OrderChanged
from openbourse.core.exchange import Exchange
from openbourse.core.units import MONEY_UNIT, UNIT

MARKET: Final = MarketSpec("BTCUSDT", "BTC", "USDT", 8, 2, UNIT // 20_000, UNIT // 500, UNIT // 500)
USERS: Final = 50
RESTING: Final = 1_000
_TIME: Final = 1_700_000_000_000
_MIDDLE: Final = 60_000 * UNIT
_TICK: Final = UNIT // 100
DEPTH: Final = 1_000  # ticks from the middle to the farthest order
_REACH: Final = 20  # ticks beyond the middle that takers go


@dataclass(frozen=True)
class Mix:
    """Shares of the kinds of commands. Adds and cancels give way to each other to keep the book its size."""

    name: str
    move: float
    add: float
    cancel: float


MIXES: Final = {
    "X": Mix("X", move=0.826, add=0.088, cancel=0.058),
    "B": Mix("B", move=0.0, add=0.45, cancel=0.45),
}


def _market(number: int) -> MarketSpec:
    """The first is BTCUSDT; the others have its rules and bases of their own."""
    if not number:
        return MARKET
    return msgspec.structs.replace(MARKET, name=f"B{number}USDT", base=f"B{number}")


class Stream(NamedTuple):
    """`opening` sets the venue up and fills the book; `commands` are what is measured."""

    opening: list[AnyCommand]
    commands: list[AnyCommand]


def stream(
    mix: Mix, count: int, seed: int, resting: int = RESTING, markets: int = 1, reach: int = _REACH
) -> Stream:
    """`count` commands of a mix on a book of so many orders, or on so many books that share them.

    The aggressive ones take what stands within `reach` ticks beyond the middle; on a thin book most of them
    find nobody there, unless they go as far as `DEPTH`. Equal arguments give equal commands.
    """
    generator = _Generator(mix, seed, resting, markets, reach)
    opening = generator.opening()
    return Stream(opening, [generator.next_command() for _ in range(count)])


class _Resting(NamedTuple):
    order_id: int
    user: int
    buys: bool
    market: str


class _Generator:
    def __init__(self, mix: Mix, seed: int, resting: int, markets: int, reach: int) -> None:
        self._mix = mix
        self._resting = resting
        self._reach = reach * _TICK
        self._markets = [_market(number) for number in range(markets)]
        self._random = random.Random(seed)
        self._twin = Exchange()
        self._orders: list[_Resting] = []
        self._places: dict[int, int] = {}  # order id -> index in _orders

    def opening(self) -> list[AnyCommand]:
        commands: list[AnyCommand] = [DefineMarket(_TIME, market) for market in self._markets]
        for user in range(1, USERS + 1):
            commands.append(OpenUser(_TIME, user))
            bases = [(market.base, 10**6) for market in self._markets]
            for asset, amount in (*bases, ("USDT", 10**10)):
                commands.append(Deposit(_TIME, f"{asset}-{user}", user, asset, amount * MONEY_UNIT))
        for command in commands:
            self._twin.apply(command)
        while len(self._orders) < self._resting:
            commands.append(self._apply(self._add()))
        return commands

    def next_command(self) -> AnyCommand:
        draw = self._random.random()
        mix = self._mix
        if draw < mix.move:
            return self._apply(self._move())
        if draw >= mix.move + mix.add + mix.cancel:
            return self._apply(self._aggressive())
        # More adds while the book is thin, more cancels while it is full.
        share = mix.add / (mix.add + mix.cancel) + (self._resting - len(self._orders)) / self._resting
        return self._apply(self._add() if self._random.random() < share else self._cancel())

    def _apply(self, command: AnyCommand) -> AnyCommand:
        self._observe(self._twin.apply(command))
        return command

    def _observe(self, events: list[AnyEvent]) -> None:
        for event in events:
            if not isinstance(event, OrderChanged):
                continue
            order = event.order
            if event.change == "placed":
                self._places[order.order_id] = len(self._orders)
                request = order.request
                self._orders.append(
                    _Resting(order.order_id, request.user, request.side == "buy", request.market)
                )
            elif event.change == "finished" and order.order_id in self._places:
                self._forget(order.order_id)

    def _forget(self, order_id: int) -> None:
        """The last order takes the place of the one that goes."""
        place = self._places.pop(order_id)
        last = self._orders.pop()
        if last.order_id != order_id:
            self._orders[place] = last
            self._places[last.order_id] = place

    # -- commands ---------------------------------------------------------------------------------

    def _add(self) -> AnyCommand:
        buys = self._random.random() < 0.5
        return PlaceOrder(_TIME, self._request(buys, "limit", self._price(buys), 10**7))

    def _aggressive(self) -> AnyCommand:
        """Takes what stands near enough on the other side, and never rests."""
        buys = self._random.random() < 0.5
        price = _MIDDLE + self._reach if buys else _MIDDLE - self._reach
        return PlaceOrder(_TIME, self._request(buys, "ioc", price, 5 * 10**6))

    def _request(self, buys: bool, kind: OrderType, price: int, lot: int) -> OrderRequest:
        user = self._random.randint(1, USERS)
        # A single market throws no dice for it: its commands stay those of earlier measurements.
        market = (self._markets[0] if len(self._markets) == 1 else self._random.choice(self._markets)).name
        amount = self._random.randint(10_000, 100_000) * lot
        return OrderRequest(user, "spot", market, "buy" if buys else "sell", kind, amount, price)

    def _move(self) -> AnyCommand:
        order = self._random.choice(self._orders)
        price = self._price(order.buys)
        return ModifyOrder(_TIME, order.user, "spot", order.market, order.order_id, None, price)

    def _cancel(self) -> AnyCommand:
        order = self._random.choice(self._orders)
        return CancelOrder(_TIME, order.user, "spot", order.market, order.order_id)

    def _price(self, buys: bool) -> int:
        """On its own side of the middle, so that it rests."""
        distance = self._random.randint(1, DEPTH) * _TICK
        return _MIDDLE - distance if buys else _MIDDLE + distance
