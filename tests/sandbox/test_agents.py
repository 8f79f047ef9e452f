"""The bots' decisions: pure functions of what they see."""

from dataclasses import replace
from random import Random

import pytest

from openbourse.core.commands import MarketSpec, OrderRequest, Side
from openbourse.core.events import OrderState
from openbourse.core.units import MONEY_UNIT, UNIT
from openbourse.sandbox import market_maker, noise_taker
from openbourse.sandbox.catalogue import ANCHORS, MARKETS
from openbourse.sandbox.market_maker import LEVELS
from openbourse.sandbox.market_view import MarketView

BTC = MARKETS[0]
REFERENCE = 60_000 * UNIT


def view(orders: list[OrderState] | None = None) -> MarketView:
    return MarketView(
        spec=BTC,
        reference=REFERENCE,
        lot=UNIT // 60,
        best_bid=59_990 * UNIT,
        best_ask=60_010 * UNIT,
        base=1_000 * MONEY_UNIT,
        quote=60_000_000 * MONEY_UNIT,
        orders=orders or [],
    )


def resting(number: int, side: Side, price: int, amount: int, filled: int = 0) -> OrderState:
    request = OrderRequest(1, "spot", BTC.name, side, "limit", amount, price)
    return OrderState(
        number, request, amount, price, amount - filled, filled, 0, 0, 0, 0, 0, 0, 0, 0, "open", 0, 0
    )


def ladder(seen: MarketView, rng: Random) -> list[OrderState]:
    """All orders of a maker that has placed everything it wants."""
    moves = market_maker.decide(seen, rng)
    assert moves.cancels == []
    assert moves.changes == []
    return [resting(number, *quote) for number, quote in enumerate(moves.quotes, start=1)]


@pytest.mark.parametrize("market", MARKETS, ids=lambda market: market.name)
@pytest.mark.parametrize("percent", [50, 100, 200])
def test_a_fresh_ladder_is_on_the_ticks_and_never_crossed(market: MarketSpec, percent: int) -> None:
    quote_price = UNIT if market.quote == "USDT" else ANCHORS[market.quote]
    reference = ANCHORS[market.base] * UNIT // quote_price * percent // 100 + 12_345
    seen = replace(view(), spec=market, reference=reference, quote=1_000 * reference * UNIT)
    quotes = market_maker.decide(seen, Random(1)).quotes
    bids = [quote.price for quote in quotes if quote.side == "buy"]
    asks = [quote.price for quote in quotes if quote.side == "sell"]
    assert len(set(bids)) == len(bids) >= 20
    assert len(set(asks)) == len(asks) >= 20
    assert max(bids) < reference < min(asks)
    for quote in quotes:
        assert quote.price % seen.tick == 0
        assert quote.quantity >= market.min_amount
        assert quote.quantity % 10_000 == 0


def test_a_complete_ladder_is_left_alone() -> None:
    orders = ladder(view(), Random(1))
    assert len(orders) == 2 * LEVELS
    assert market_maker.decide(view(orders), Random(2)) == ([], [], [])


def test_a_small_move_of_the_price_moves_only_the_near_orders() -> None:
    seen = replace(view(ladder(view(), Random(1))), reference=REFERENCE + REFERENCE // 10_000)
    moves = market_maker.decide(seen, Random(2))
    assert 0 < len(moves.changes) < LEVELS // 2
    assert moves.quotes == []
    assert moves.cancels == []


def test_orders_that_retreat_go_first() -> None:
    """Following every change in order, the maker's own book is never crossed."""
    for direction in (1, -1):
        orders = ladder(view(), Random(1))
        seen = replace(view(orders), reference=REFERENCE + direction * REFERENCE // 100)
        prices = {order.order_id: (order.request.side, order.price) for order in orders}
        changes = market_maker.decide(seen, Random(2)).changes
        assert changes
        for change in changes:
            prices[change.order.order_id] = (change.order.request.side, change.price)
            bids = [price for side, price in prices.values() if side == "buy"]
            asks = [price for side, price in prices.values() if side == "sell"]
            assert max(bids) < min(asks)


def test_what_was_filled_is_replaced_and_what_is_thin_refilled() -> None:
    orders = ladder(view(), Random(1))
    best = next(order for order in orders if order.request.side == "buy")
    gone = [order for order in orders if order is not best]
    (quote,) = market_maker.decide(view(gone), Random(2)).quotes
    assert (quote.side, quote.price) == ("buy", best.price)
    thin = resting(best.order_id, "buy", best.price, best.amount, filled=best.amount - 10_000)
    (change,) = market_maker.decide(view([thin, *gone]), Random(2)).changes
    assert change.order is thin
    assert change.amount is not None
    assert change.amount > thin.filled_quantity + 10_000


def test_orders_too_many_are_cancelled() -> None:
    orders = ladder(view(), Random(1))
    extra = resting(99, "sell", 2 * REFERENCE, UNIT)
    moves = market_maker.decide(view([*orders, extra]), Random(2))
    assert moves == ([extra], [], [])


def test_who_has_bought_much_quotes_lower() -> None:
    laden = replace(view(), base=2_000 * MONEY_UNIT, quote=MONEY_UNIT)
    best = [
        max(quote.price for quote in market_maker.decide(seen, Random(1)).quotes if quote.side == "buy")
        for seen in (view(), laden)
    ]
    assert best[1] < best[0] * 95 // 100


def test_the_taker_takes_small_bites_on_both_sides() -> None:
    rng = Random(1)
    takes = [noise_taker.decide(view(), rng) for _ in range(1_000)]
    taken = [take for take in takes if take is not None]
    assert 300 < len(taken) < 700
    assert {take.side for take in taken} == {"buy", "sell"}
    for take in taken:
        assert take.price % view().tick == 0
        assert take.quantity >= BTC.min_amount
        if take.side == "buy":
            assert take.price >= view().best_ask
        else:
            assert take.price <= view().best_bid
    notionals = sorted(take.quantity * take.price // MONEY_UNIT for take in taken)
    assert notionals[len(notionals) // 2] < 500
    assert notionals[-1] < 6_000


def test_the_taker_has_nothing_to_take_from_an_empty_book() -> None:
    empty = replace(view(), best_bid=0, best_ask=0)
    assert {noise_taker.decide(empty, Random(seed)) for seed in range(50)} == {None}
