"""Corners that random traffic does not reach by itself, on both exchanges."""

import pytest

from openbourse.core.commands import (
    DefineMarket,
    Deposit,
    MarketSpec,
    OpenUser,
    OrderRequest,
    OrderType,
    PlaceOrder,
    SelfTrade,
    SetFeeDiscount,
    SetFeeToken,
    Side,
)
from openbourse.core.events import AnyEvent, OrderChanged, OrderState, Trade
from openbourse.core.units import MONEY_UNIT, UNIT
from tests.core.naive.comparison import Judge

HOUSE, TRADER = 1, 2
STEP = UNIT // 1000
SIDES: tuple[Side, Side] = ("buy", "sell")


class Arena(Judge):
    """ETHBTC, CETBTC and ETHCET at whole prices, 0.1 and 0.2 %; CET is the fee token at 20 % off."""

    def __init__(self) -> None:
        super().__init__()
        for base, quote in (("ETH", "BTC"), ("CET", "BTC"), ("ETH", "CET")):
            spec = MarketSpec(base + quote, base, quote, 3, 3, STEP, UNIT // 1000, UNIT // 500)
            self.apply(DefineMarket(1, spec))
        self.apply(SetFeeToken(1, "CET", UNIT // 5))
        for user in (HOUSE, TRADER):
            self.apply(OpenUser(1, user))
        for asset in ("ETH", "CET", "BTC"):
            self.give(HOUSE, asset, 1000 * MONEY_UNIT)

    def give(self, user: int, asset: str, amount: int) -> None:
        key = f"deposit {len(self.naive.world.used_keys)}"
        self.apply(Deposit(1, key, user, asset, amount))

    def limit(self, user: int, market: str, side: Side, amount: int, price: int) -> list[AnyEvent]:
        return self.place(OrderRequest(user, "spot", market, side, "limit", amount, price))

    def place(self, request: OrderRequest) -> list[AnyEvent]:
        events = self.apply(PlaceOrder(2, request))
        self.compare_all()
        return events

    def price_everything(self) -> None:
        """ETH and CET are worth one BTC each, so ETH has a price in the fee token."""
        for market in ("ETHBTC", "CETBTC"):
            for side in SIDES:
                self.limit(HOUSE, market, side, UNIT, UNIT)


@pytest.fixture
def arena() -> Arena:
    return Arena()


def only_trade(events: list[AnyEvent]) -> Trade:
    (trade,) = (event for event in events if isinstance(event, Trade))
    return trade


def finished(events: list[AnyEvent]) -> list[OrderState]:
    return [event.order for event in events if isinstance(event, OrderChanged) and event.change == "finished"]


FEE_OF_ONE_ETH = MONEY_UNIT // 500 * 4 // 5


@pytest.mark.parametrize(
    ("owned", "left", "fee_asset"),
    [(FEE_OF_ONE_ETH, 0, "CET"), (FEE_OF_ONE_ETH - 1, FEE_OF_ONE_ETH - 1, "ETH")],
)
def test_the_fee_token_must_cover_the_fee_and_may_be_used_up(
    arena: Arena, owned: int, left: int, fee_asset: str
) -> None:
    arena.price_everything()
    arena.apply(SetFeeDiscount(1, TRADER, enabled=True))
    arena.give(TRADER, "BTC", MONEY_UNIT)
    arena.give(TRADER, "CET", owned)
    arena.limit(HOUSE, "ETHBTC", "sell", UNIT, UNIT)
    trade = only_trade(arena.limit(TRADER, "ETHBTC", "buy", UNIT, UNIT))
    assert (trade.taker.fee_asset, trade.maker.fee_asset) == (fee_asset, "BTC")
    assert arena.exchange.balances(TRADER, "spot").get("CET", (0, 0)) == (left, 0)


def test_a_fee_below_the_smallest_part_of_the_token_costs_nothing(arena: Arena) -> None:
    """Truncation to eight decimals is in favour of the user, also when it leaves nothing."""
    arena.give(HOUSE, "BTC", 10**6 * MONEY_UNIT)
    for market, price in (("ETHBTC", STEP), ("CETBTC", 500_000 * UNIT)):
        for side in SIDES:
            arena.limit(HOUSE, market, side, UNIT, price)
    arena.apply(SetFeeDiscount(1, TRADER, enabled=True))
    arena.give(TRADER, "BTC", MONEY_UNIT)
    arena.limit(HOUSE, "ETHBTC", "sell", STEP, STEP)
    trade = only_trade(arena.limit(TRADER, "ETHBTC", "buy", STEP, STEP))
    assert (trade.taker.fee, trade.taker.fee_asset) == (0, "CET")


def test_a_trade_with_oneself_settles_the_taker_before_the_maker(arena: Arena) -> None:
    """The CET that the maker side is about to get cannot pay the taker side's fee."""
    arena.price_everything()
    arena.apply(SetFeeDiscount(1, TRADER, enabled=True))
    arena.give(TRADER, "ETH", MONEY_UNIT)
    arena.give(TRADER, "CET", 66 * MONEY_UNIT)
    arena.limit(TRADER, "ETHCET", "sell", UNIT, 66 * UNIT)
    trade = only_trade(arena.limit(TRADER, "ETHCET", "buy", UNIT, 66 * UNIT))
    assert (trade.taker.fee_asset, trade.maker.fee_asset) == ("ETH", "CET")


@pytest.mark.parametrize("mode", ["cancel_taker", "cancel_maker", "cancel_both"])
def test_dust_does_not_meet_an_own_order(arena: Arena, mode: SelfTrade) -> None:
    """Self-trade prevention is for orders that would trade; what buys no step of quantity does not."""
    arena.give(TRADER, "BTC", 10 * MONEY_UNIT)
    arena.give(TRADER, "ETH", MONEY_UNIT)
    arena.limit(HOUSE, "ETHBTC", "sell", STEP, UNIT)
    arena.limit(TRADER, "ETHBTC", "sell", UNIT, 2 * UNIT)
    dust = MONEY_UNIT // 1000
    notional = STEP * UNIT + dust
    order = OrderRequest(TRADER, "spot", "ETHBTC", "buy", "market", notional, in_quote=True, self_trade=mode)
    maker, taker = finished(arena.place(order))
    assert (maker.request.user, maker.status) == (HOUSE, "filled")
    assert (taker.status, taker.remaining, taker.filled.notional) == ("filled", 0, STEP * UNIT)
    assert [state.request.user for state in arena.exchange.open_orders(TRADER)] == [TRADER]


def test_a_quote_order_that_buys_nothing_is_cancelled_not_filled(arena: Arena) -> None:
    """The own best order goes, the next price is too high for one step."""
    arena.give(TRADER, "BTC", MONEY_UNIT)
    arena.give(TRADER, "ETH", MONEY_UNIT)
    arena.limit(TRADER, "ETHBTC", "sell", UNIT, UNIT)
    arena.limit(HOUSE, "ETHBTC", "sell", UNIT, 2 * UNIT)
    request = OrderRequest(
        TRADER, "spot", "ETHBTC", "buy", "market", STEP * UNIT, in_quote=True, self_trade="cancel_maker"
    )
    maker, taker = finished(arena.place(request))
    assert (maker.order_id < taker.order_id, maker.status) == (True, "cancelled")
    assert (taker.status, taker.filled.quantity, taker.remaining) == ("cancelled", 0, STEP * UNIT)


@pytest.mark.parametrize(
    ("mode", "fillable"),
    [("allow", True), ("cancel_maker", False), ("cancel_taker", False), ("cancel_both", False)],
)
def test_what_fill_or_kill_counts_on(arena: Arena, mode: SelfTrade, fillable: bool) -> None:
    arena.give(TRADER, "BTC", 10 * MONEY_UNIT)
    arena.give(TRADER, "ETH", MONEY_UNIT)
    arena.limit(TRADER, "ETHBTC", "sell", UNIT, UNIT)
    arena.limit(HOUSE, "ETHBTC", "sell", UNIT, UNIT)
    kind: OrderType = "fok"
    events = arena.place(OrderRequest(TRADER, "spot", "ETHBTC", "buy", kind, 2 * UNIT, UNIT, self_trade=mode))
    assert any(isinstance(event, Trade) for event in events) == fillable
    assert len(arena.exchange.open_orders(TRADER)) == (0 if fillable else 1)
