"""Seeded traffic: an endless stream of random commands in which everything collides with everything.

The traffic aims cancels and modifications at orders that it saw in events, so it must be shown the
events of every command. One seed and equal events give equal commands, on every machine.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Literal

import msgspec

from openbourse.core import commands as c
from openbourse.core.commands import AnyCommand, MarketSpec, OrderRequest, OrderType, Side
from openbourse.core.events import AnyEvent, OrderChanged, StopChanged
from openbourse.core.units import MAX_AMOUNT, MONEY_UNIT, RATE_STEP, UNIT
from tests.core.dice import Dice
from tests.core.fund_streams import FundTraffic

FEE_TOKEN = "CET"
SideFilter = Literal["", "buy", "sell"]
SIDES: tuple[Side, Side] = ("buy", "sell")
SIDE_FILTERS: tuple[SideFilter, ...] = ("", "buy", "sell")
STATUSES: tuple[c.MarketStatus, ...] = ("pre_open", "auction", "post_only", "open", "halted")
TYPES: tuple[OrderType, ...] = ("limit", "post_only", "ioc", "fok", "market")


@dataclass(frozen=True)
class TradedMarket:
    """A market and the few prices and amounts at which the traffic trades on it."""

    spec: MarketSpec
    middle: int
    tick: int
    lot: int


def _market(
    name: str, base: str, quote: str, precisions: tuple[int, int], middle: int, **more: int
) -> TradedMarket:
    """Rates of 0.1 and 0.2 %; the minimum is two steps."""
    step = UNIT // 10 ** precisions[0]
    spec = MarketSpec(name, base, quote, *precisions, 2 * step, 1000 * RATE_STEP, 2000 * RATE_STEP, **more)
    return TradedMarket(spec, middle, UNIT // 10 ** precisions[1], step)


MARKETS = (
    _market("BTCUSDT", "BTC", "USDT", (3, 1), 100 * UNIT, price_band=UNIT // 200),
    _market("CETUSDT", "CET", "USDT", (1, 4), 75 * UNIT // 1000),
    _market("ETHBTC", "ETH", "BTC", (4, 4), 5 * UNIT // 100),
    _market("CETBTC", "CET", "BTC", (2, 6), 75 * UNIT // 100_000),
    _market("ETHCET", "ETH", "CET", (3, 0), 66 * UNIT),
)
# Changes to the rules of a market that must be refused; TWIN would be a second market of a pair.
BAD_RULES: tuple[dict[str, Any], ...] = (
    {"name": ""},
    {"name": "N" * 33},
    {"name": "TWIN"},
    {"base": "USDT", "quote": "USDT"},
    {"base": "ETH", "quote": "USDT"},
    {"base_precision": 5},
    {"base_precision": 13},
    {"quote_precision": -1},
    {"base_precision": 9, "quote_precision": 10, "name": "FINE"},
    {"min_amount": 0},
    {"min_amount": 1},
    {"taker_rate": -RATE_STEP},
    {"taker_rate": UNIT},
    {"maker_rate": 1 - UNIT},
    {"price_band": -1},
)
# About what a deposit brings: enough for a few orders, so that money runs out too.
PURSES = {"BTC": MONEY_UNIT // 10, "USDT": 10 * MONEY_UNIT, "CET": 60 * MONEY_UNIT, "ETH": MONEY_UNIT}


class Traffic:
    """`next_command` and `observe` in turn. `resting` bounds the orders that it lets a user keep."""

    def __init__(
        self, seed: int, users: int = 4, spread: int = 6, resting: int = 12, faults: float = 0.02
    ) -> None:
        self._dice = Dice(seed)
        self._users = list(range(1, users + 1))
        self._spread = spread
        self._resting = resting
        self._faults = faults
        self._time = 1_700_000_000_000
        self._key = 0
        self._orders: dict[int, OrderRequest] = {}
        self._stops: dict[int, OrderRequest] = {}
        self._funds = FundTraffic(self._dice, faults)
        self._closed: list[str] = []
        self._keyed: list[c.Deposit | c.Adjust | c.Transfer | c.RequestWithdrawal] = []
        self._opening = self._open_venue()
        makers = self._weighted_makers()
        self._makers = [make for make, _ in makers]
        self._weights = list(accumulate(weight for _, weight in makers))

    def next_command(self) -> AnyCommand:
        self._time += self._dice.choice((0, 0, 1, 3, 250, -2))
        opening = next(self._opening, None)
        if opening is not None:
            return opening
        if len(self._orders) > self._resting * len(self._users) and self._dice.random() < 0.5:
            return self._cancel_order()
        make = self._dice.weighted(self._makers, self._weights)
        return make()

    def observe(self, events: list[AnyEvent]) -> None:
        for event in events:
            if isinstance(event, OrderChanged):
                if event.change == "finished":
                    self._orders.pop(event.order.order_id, None)
                else:
                    self._orders[event.order.order_id] = event.order.request
            elif isinstance(event, StopChanged):
                if event.change == "placed":
                    self._stops[event.stop.stop_id] = event.stop.request
                else:
                    self._stops.pop(event.stop.stop_id, None)
            else:
                self._funds.observe(event)

    def _weighted_makers(self) -> list[tuple[Callable[[], AnyCommand], int]]:
        return [
            (self._place_order, 520),
            (self._cancel_order, 120),
            (self._modify_order, 130),
            (self._place_stop, 50),
            (self._modify_stop, 15),
            (self._cancel_stop, 25),
            (self._cancel_orders, 8),
            (self._cancel_stops, 6),
            (self._deposit, 30),
            (self._adjust, 24),
            (self._transfer, 10),
            (self._request_withdrawal, 14),
            (lambda: self._funds.advance_withdrawal(self._time), 40),
            (lambda: self._funds.cancel_withdrawal(self._time), 6),
            (lambda: self._funds.set_withdrawals(self._time), 3),
            (self._report_deposit, 24),
            (lambda: self._funds.resolve_deposit(self._time), 3),
            (self._repeat_key, 6),
            (self._set_market_status, 12),
            (self._set_user_terms, 14),
            (self._change_rules, 4),
        ]

    def _open_venue(self) -> Iterator[AnyCommand]:
        for market in MARKETS:
            yield c.DefineMarket(self._time, market.spec)
        yield c.SetFeeToken(self._time, FEE_TOKEN, UNIT // 5)
        for user in self._users:
            yield c.OpenUser(self._time, user)
            yield c.SetFeeDiscount(self._time, user, user % 2 == 0)
            for asset, purse in PURSES.items():
                yield c.Deposit(self._time, self._new_key(), user, asset, 4 * purse)

    # -- orders -----------------------------------------------------------------------------------

    def _place_order(self) -> AnyCommand:
        return c.PlaceOrder(self._time, self._request())

    def _request(self) -> OrderRequest:
        pick = self._dice
        market = pick.choice(MARKETS)
        kind = pick.weighted(TYPES, (50, 62, 74, 86, 100))
        side = pick.choice(SIDES)
        in_quote = kind == "market" and pick.random() < 0.5
        amount = self._amount(market)
        if in_quote:
            amount = amount * market.middle // 10**16 * 10**16 + pick.choice((0, 10**16, 7 * 10**16))
        return OrderRequest(
            user=self._user(),
            wallet="spot" if pick.random() > self._faults / 4 else "margin",
            market=market.spec.name if pick.random() > self._faults / 4 else "NONE",
            side=side,
            type=kind,
            amount=self._spoilt(amount),
            price=0 if kind == "market" else self._price(market, side),
            in_quote=in_quote or pick.random() < self._faults / 4,
            client_id=pick.choice(("", "", "a", "b", "c" * (65 if pick.random() < self._faults else 64))),
            hidden=pick.random() < 0.1,
            self_trade=pick.choice(("allow", "cancel_taker", "cancel_maker", "cancel_both")),
        )

    def _amount(self, market: TradedMarket) -> int:
        return market.lot * self._dice.choice((1, 2, 3, 5, 10, 10, 20, 40, 75, 400))

    def _price(self, market: TradedMarket, side: Side) -> int:
        """Buys lean below the middle and sells above, so that books grow and still cross often."""
        lean = -1 if side == "buy" else 1
        ticks = self._dice.between(-self._spread, self._spread) + lean * self._spread // 2
        return self._spoilt(max(market.middle + ticks * market.tick, market.tick))

    def _spoilt(self, number: int) -> int:
        """Now and then a number that must be refused."""
        if self._dice.random() >= self._faults:
            return number
        return self._dice.choice(
            (0, -number, number + 1, MAX_AMOUNT + UNIT, number * 3, MAX_AMOUNT * UNIT * 2)
        )

    def _user(self) -> int:
        return 99 if self._dice.random() < self._faults / 4 else self._dice.choice(self._users)

    def _pick(self, known: dict[int, OrderRequest]) -> tuple[int, str, str, int]:
        """User, wallet, market and id of something that is there; rarely one of the four is wrong."""
        if not known:
            return self._user(), "", "", 1
        chosen = self._dice.choice(list(known))
        request = known[chosen]
        user, wallet, market = request.user, request.wallet, request.market
        fault = self._dice.random() / self._faults if self._faults else 1
        if fault < 0.5:
            return self._user(), wallet, self._dice.choice(MARKETS).spec.name, chosen
        if fault < 1:
            return user, self._dice.choice(("margin", "spot")), market, chosen + 1
        return user, self._dice.choice(("", wallet)), self._dice.choice(("", market)), chosen

    def _cancel_order(self) -> AnyCommand:
        return c.CancelOrder(self._time, *self._pick(self._orders))

    def _modify_order(self) -> AnyCommand:
        user, wallet, market, order_id = self._pick(self._orders)
        amount, price = self._changes(self._orders.get(order_id))
        return c.ModifyOrder(self._time, user, wallet, market, order_id, amount, price)

    def _changes(self, request: OrderRequest | None) -> tuple[int | None, int | None]:
        traded = next((m for m in MARKETS if request and m.spec.name == request.market), MARKETS[0])
        side: Side = request.side if request else "buy"
        amount = self._spoilt(self._amount(traded)) if self._dice.random() < 0.6 else None
        price = self._price(traded, side) if amount is None or self._dice.random() < 0.5 else None
        price = price if self._dice.random() >= self._faults else None
        return amount, price

    def _cancel_orders(self) -> AnyCommand:
        return c.CancelOrders(self._time, *self._filters())

    def _cancel_stops(self) -> AnyCommand:
        return c.CancelStops(self._time, *self._filters())

    def _filters(self) -> tuple[int, str, str, SideFilter, str]:
        pick = self._dice
        market = pick.choice((*MARKETS, None, None))
        name = "" if market is None else market.spec.name
        name = "NONE" if pick.random() < self._faults else name
        return (
            self._user(),
            pick.choice(("", "spot", "margin")),
            name,
            pick.choice(SIDE_FILTERS),
            pick.choice(("", "a", "b")),
        )

    # -- stops ------------------------------------------------------------------------------------

    def _place_stop(self) -> AnyCommand:
        request = self._request()
        market = next((m for m in MARKETS if m.spec.name == request.market), MARKETS[0])
        return c.PlaceStop(self._time, request, self._price(market, self._dice.choice(SIDES)))

    def _modify_stop(self) -> AnyCommand:
        user, wallet, market, stop_id = self._pick(self._stops)
        request = self._stops.get(stop_id)
        amount, price = self._changes(request)
        _, trigger = self._changes(request)
        if request is not None and request.type == "market" and self._dice.random() < 0.9:
            amount, price = None, None
        return c.ModifyStop(self._time, user, wallet, market, stop_id, amount, price, trigger)

    def _cancel_stop(self) -> AnyCommand:
        return c.CancelStop(self._time, *self._pick(self._stops))

    # -- money ------------------------------------------------------------------------------------

    def _new_key(self) -> str:
        self._key += 1
        return f"k{self._key}"

    def _deposit(self) -> AnyCommand:
        asset, amount = self._money()
        command = c.Deposit(self._time, self._new_key(), self._user(), asset, amount)
        self._keyed = [*self._keyed[-20:], command]
        return command

    def _adjust(self) -> AnyCommand:
        asset, amount = self._money()
        amount = amount if self._dice.random() < 0.2 else -amount
        command = c.Adjust(self._time, self._new_key(), self._user(), asset, amount, "a reason")
        self._keyed = [*self._keyed[-20:], command]
        return command

    def _transfer(self) -> AnyCommand:
        asset, amount = self._money()
        pick = self._dice
        wallets = [pick.choice(("spot", "spot", "spot", "other")) for _ in range(2)]
        wallets[1] = wallets[1] if pick.random() >= self._faults else ""
        users = self._user(), self._user()
        command = c.Transfer(
            self._time, self._new_key(), users[0], wallets[0], users[1], wallets[1], asset, amount
        )
        self._keyed = [*self._keyed[-20:], command]
        return command

    def _request_withdrawal(self) -> AnyCommand:
        asset, amount = self._money()
        fee_asset, fee = self._dice.choice((asset, "CET")), self._spoilt(self._dice.choice((0, 1, UNIT)))
        command = c.RequestWithdrawal(
            self._time,
            self._new_key(),
            self._user(),
            asset,
            amount,
            fee_asset,
            fee * UNIT,
            self._funds.destination(self._user()),
            "a remark",
            *self._funds.limits(amount),
        )
        self._keyed = [*self._keyed[-20:], command]
        return command

    def _money(self) -> tuple[str, int]:
        """Some asset and an odd part of a purse of it."""
        asset, purse = self._dice.choice(list(PURSES.items()))
        amount = purse * self._dice.between(1, 100) // 50 + self._dice.choice((0, 0, 1))
        return asset, self._spoilt(amount)

    def _repeat_key(self) -> AnyCommand:
        """The same request again; now and then another one under the same key."""
        if not self._keyed:
            return self._deposit()
        command = msgspec.structs.replace(self._dice.choice(self._keyed), time=self._time)
        if self._dice.random() < 0.3:
            return msgspec.structs.replace(command, amount=command.amount + 1)
        return command

    def _report_deposit(self) -> AnyCommand:
        asset, amount = self._money()
        return self._funds.report_deposit(self._time, self._user(), asset, amount)

    # -- the venue --------------------------------------------------------------------------------

    def _set_market_status(self) -> AnyCommand:
        """A market that is not open comes back soon, so that most of them are open at any time."""
        if self._closed and self._dice.random() < 0.8:
            return c.SetMarketStatus(self._time, self._closed.pop(0), "open")
        name = self._dice.choice(MARKETS).spec.name if self._dice.random() >= self._faults else "NONE"
        self._closed.append(name)
        return c.SetMarketStatus(self._time, name, self._dice.weighted(STATUSES, (1, 3, 4, 4, 5)))

    def _set_user_terms(self) -> AnyCommand:
        user, kind = self._user(), self._dice.between(0, 3)
        if kind == 0:
            statuses: tuple[c.UserStatus, ...] = ("active", "no_trading", "frozen")
            return c.SetUserStatus(self._time, user, self._dice.weighted(statuses, (30, 31, 32)))
        if kind == 1:
            return c.SetFeeDiscount(self._time, user, self._dice.random() < 0.5)
        if kind == 2:
            return c.OpenUser(self._time, user if user != 99 else 1)
        rates = (None, 0, RATE_STEP, -500 * RATE_STEP, 333 * RATE_STEP, 123_456 * RATE_STEP, 7, UNIT)
        return c.SetFeeRates(self._time, user, self._dice.choice(rates), self._dice.choice(rates))

    def _change_rules(self) -> AnyCommand:
        pick = self._dice
        if pick.random() < 0.2:
            discount = pick.choice((0, UNIT // 5, UNIT // 3 // RATE_STEP * RATE_STEP, -1, UNIT + RATE_STEP))
            return c.SetFeeToken(self._time, FEE_TOKEN, discount)
        spec = pick.choice(MARKETS).spec
        changed = msgspec.structs.replace(
            spec,
            min_amount=spec.min_amount * pick.choice((1, 1, 1, 1, 2)) + (pick.random() < self._faults),
            maker_rate=pick.choice((-250, 0, 1000, 1500)) * RATE_STEP,
            taker_rate=pick.choice((0, 2000, 2500)) * RATE_STEP,
        )
        if pick.random() < 0.3:
            changed = msgspec.structs.replace(changed, **pick.choice(BAD_RULES))
        self._closed.append(spec.name)
        return c.DefineMarket(self._time, changed, pick.weighted(STATUSES, (1, 2, 3, 12, 13)))
