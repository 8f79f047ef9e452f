"""The worked examples of `reference/coinex/spot.md §4.5`, to the last digit."""

from decimal import Decimal

import pytest

from openbourse.core.commands import (
    AnyCommand,
    DefineMarket,
    Deposit,
    MarketSpec,
    OpenUser,
    OrderRequest,
    OrderType,
    PlaceOrder,
    SetFeeDiscount,
    SetFeeToken,
    Side,
)
from openbourse.core.decimals import plain, scaled
from openbourse.core.events import AnyEvent, OrderChanged, OrderState, Trade
from openbourse.core.exchange import Exchange
from openbourse.core.invariants import violations
from openbourse.core.units import MONEY_DECIMALS, UNIT_DECIMALS

HOUSE, TRADER = 1, 2
SIDES: tuple[Side, Side] = ("buy", "sell")
START = {"BTC": "10", "USDT": "1000000", "CET": "100000"}


def unit(text: str) -> int:
    return scaled(Decimal(text), UNIT_DECIMALS)


def money(text: str) -> int:
    return scaled(Decimal(text), MONEY_DECIMALS)


class Venue:
    """BTCUSDT and CETUSDT with 0.2 % for both roles, and two users with plenty of everything."""

    def __init__(self) -> None:
        self.exchange = Exchange()
        rate = unit("0.002")
        self.do(DefineMarket(1, MarketSpec("BTCUSDT", "BTC", "USDT", 8, 2, unit("0.0001"), rate, rate)))
        self.do(DefineMarket(1, MarketSpec("CETUSDT", "CET", "USDT", 8, 6, unit("1"), rate, rate)))
        for user in (HOUSE, TRADER):
            self.do(OpenUser(1, user))
            for asset, amount in START.items():
                self.do(Deposit(1, f"{user}{asset}", user, asset, money(amount)))

    def do(self, command: AnyCommand) -> list[AnyEvent]:
        events = self.exchange.apply(command)
        assert violations(self.exchange) == []
        return events

    def place(self, user: int, side: Side, kind: OrderType, amount: str, price: str = "0") -> OrderState:
        """The order as it is after the command, also when it is finished."""
        return self._place(OrderRequest(user, "spot", "BTCUSDT", side, kind, unit(amount), unit(price)))

    def limit(self, user: int, market: str, side: Side, amount: str, price: str) -> OrderState:
        return self._place(OrderRequest(user, "spot", market, side, "limit", unit(amount), unit(price)))

    def buy_for(self, user: int, notional: str) -> OrderState:
        request = OrderRequest(user, "spot", "BTCUSDT", "buy", "market", money(notional), in_quote=True)
        return self._place(request)

    def _place(self, request: OrderRequest) -> OrderState:
        events = self.do(PlaceOrder(2, request))
        states = [event.order for event in events if isinstance(event, OrderChanged)]
        return next(state for state in states if state.request == request)

    def price_cet(self, price: str) -> None:
        """Make a trade at `price`, so that CET has a last price."""
        for side in SIDES:
            self.limit(HOUSE, "CETUSDT", side, "10", price)
        assert self.exchange.last_price("CETUSDT") == unit(price)

    def gain(self, asset: str) -> str:
        """By how much the trader's money in an asset differs from what he started with."""
        available, frozen = self.exchange.balances(TRADER, "spot")[asset]
        return plain(available + frozen - money(START[asset]), MONEY_DECIMALS)


@pytest.fixture
def venue() -> Venue:
    return Venue()


def test_limit_buy_filled_in_part_at_a_better_price(venue: Venue) -> None:
    venue.place(HOUSE, "sell", "limit", "0.004", "59990.5")
    order = venue.place(TRADER, "buy", "limit", "0.01", "60000")
    assert order.status == "partially_filled"
    assert order.filled.quantity == unit("0.004")
    assert order.filled.notional == money("239.962")
    assert order.remaining == unit("0.006")
    assert order.filled.base_fee == money("0.000008")
    assert order.filled.quote_fee == order.filled.token_fee == 0
    assert venue.exchange.balances(TRADER, "spot")["USDT"] == (
        money("1000000") - money("239.962") - money("360"),
        money("360"),
    )
    assert venue.gain("BTC") == "0.003992"


def test_market_buy_counted_in_quote(venue: Venue) -> None:
    venue.place(HOUSE, "sell", "limit", "0.0012", "60010")
    venue.place(HOUSE, "sell", "limit", "0.5", "60020.5")
    order = venue.buy_for(TRADER, "100")
    assert order.status == "filled"
    assert order.filled.quantity == unit("0.0016663")
    assert order.filled.last_quantity == unit("0.0004663")
    assert order.filled.notional == money("99.99955915")
    assert order.remaining == 0
    assert order.filled.base_fee == money("0.0000033326")
    assert venue.gain("BTC") == "0.0016629674"
    assert venue.gain("USDT") == "-99.99955915"


def test_market_sell(venue: Venue) -> None:
    venue.place(HOUSE, "buy", "limit", "1", "59990.5")
    order = venue.place(TRADER, "sell", "market", "0.0025")
    assert order.filled.notional == money("149.97625")
    assert order.filled.quote_fee == money("0.2999525")
    assert order.rates.maker == 0
    assert venue.gain("USDT") == "149.6762975"
    assert venue.gain("BTC") == "-0.0025"


def test_market_sell_with_the_fee_in_cet(venue: Venue) -> None:
    venue.do(SetFeeToken(1, "CET", unit("0.2")))
    venue.do(SetFeeDiscount(1, TRADER, enabled=True))
    venue.price_cet("0.075")
    venue.place(HOUSE, "buy", "limit", "1", "59990.5")
    order = venue.place(TRADER, "sell", "market", "0.0025")
    assert order.filled.base_fee == order.filled.quote_fee == 0
    assert order.filled.token_fee == money("3.19949333")
    assert venue.gain("USDT") == "149.97625"
    assert venue.gain("CET") == "-3.19949333"


def test_a_recorded_sell_whose_fee_has_thirteen_decimals(venue: Venue) -> None:
    """Of §4.5 as well: nothing is rounded to eight decimals."""
    rate = unit("0.002")
    venue.do(DefineMarket(1, MarketSpec("LTCUSDT", "LTC", "USDT", 8, 10, unit("1"), rate, rate)))
    venue.do(Deposit(1, "ltc", TRADER, "LTC", money("1")))
    venue.limit(HOUSE, "LTCUSDT", "buy", "1", "9.9965849816")
    order = venue.limit(TRADER, "LTCUSDT", "sell", "1", "9.9965849816")
    assert plain(order.filled.notional, MONEY_DECIMALS) == "9.9965849816"
    assert plain(order.filled.quote_fee, MONEY_DECIMALS) == "0.0199931699632"


def test_totals_of_an_orders_trades_are_those_of_the_order(venue: Venue) -> None:
    venue.place(HOUSE, "sell", "limit", "0.0012", "60010")
    venue.place(HOUSE, "sell", "limit", "0.5", "60020.5")
    request = OrderRequest(TRADER, "spot", "BTCUSDT", "buy", "ioc", unit("0.003"), unit("60100"))
    events = venue.do(PlaceOrder(2, request))
    trades = [event for event in events if isinstance(event, Trade)]
    states = [event.order for event in events if isinstance(event, OrderChanged)]
    order = next(state for state in states if state.request == request)
    assert len(trades) == 2
    assert sum(trade.quantity for trade in trades) == order.filled.quantity == order.amount
    assert sum(trade.price * trade.quantity for trade in trades) == order.filled.notional
    assert sum(trade.taker.fee for trade in trades) == order.filled.base_fee
