"""The bots' decisions: pure functions of what they see."""

from random import Random

import pytest

from openbourse.core.commands import MarketSpec, OrderRequest, Side
from openbourse.core.events import Filled, OrderState, Rates
from openbourse.core.units import MONEY_UNIT, UNIT
from openbourse.sandbox import market_maker, noise_taker, patient_trader
from openbourse.sandbox.catalogue import ANCHORS, MARKETS
from openbourse.sandbox.market_maker import LEVELS, Style
from openbourse.sandbox.market_view import PPM, Look, MarketView

BTC = MARKETS[0]
REFERENCE = 60_000 * UNIT
LOOK = Look(REFERENCE, UNIT // 60, 59_990 * UNIT, 60_010 * UNIT)


def view(orders: list[OrderState] | None = None) -> MarketView:
    home = 1_000 * MONEY_UNIT
    return MarketView(BTC, LOOK, home, home, orders or [])


def seen_with(seen: MarketView, **changes: int) -> MarketView:
    """The same with another look of the market."""
    return seen._replace(look=seen.look._replace(**changes))


def resting(number: int, side: Side, price: int, amount: int, filled: int = 0) -> OrderState:
    request = OrderRequest(1, "spot", BTC.name, side, "limit", amount, price)
    return OrderState(
        number, request, amount, price, amount - filled, Filled(filled), Rates(0, 0), "open", 0, 0
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
    seen = seen_with(view()._replace(spec=market), reference=reference)
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
    seen = seen_with(view(ladder(view(), Random(1))), reference=REFERENCE + REFERENCE // 10_000)
    moves = market_maker.decide(seen, Random(2))
    assert 0 < len(moves.changes) < LEVELS // 2
    assert moves.quotes == []
    assert moves.cancels == []


def test_orders_that_retreat_go_first() -> None:
    """Following every change in order, the maker's own book is never crossed."""
    for direction in (1, -1):
        orders = ladder(view(), Random(1))
        seen = seen_with(view(orders), reference=REFERENCE + direction * REFERENCE // 100)
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
    assert change.amount > thin.filled.quantity + 10_000


def test_orders_too_many_are_cancelled() -> None:
    orders = ladder(view(), Random(1))
    extra = resting(99, "sell", 2 * REFERENCE, UNIT)
    moves = market_maker.decide(view([*orders, extra]), Random(2))
    assert moves == ([extra], [], [])


def test_who_has_bought_much_quotes_lower() -> None:
    laden = view()._replace(base=1_400 * MONEY_UNIT)
    best = [
        max(quote.price for quote in market_maker.decide(seen, Random(1)).quotes if quote.side == "buy")
        for seen in (view(), laden)
    ]
    assert best[1] < best[0] * 97 // 100


@pytest.mark.parametrize(
    ("bought", "buys", "sells"), [(0.24, 1, 1), (0.4, 0.4, 1), (0.5, 0, 1), (-0.6, 1, 0)]
)
def test_an_inventory_has_its_limits(bought: float, buys: float, sells: float) -> None:
    """Quantities against the usual ones: less and less of what it has bought, from half as much on none."""
    usual, now = [
        {side: sum(q.quantity for q in quotes if q.side == side) for side in ("buy", "sell")}
        for quotes in (
            market_maker.decide(seen, Random(1)).quotes
            for seen in (view(), view()._replace(base=round(1_000 * (1 + bought)) * MONEY_UNIT))
        )
    ]
    assert now["buy"] / usual["buy"] == pytest.approx(buys, abs=0.15)
    assert now["sell"] / usual["sell"] == pytest.approx(sells, abs=0.15)


def test_turbulence_makes_quotes_wide_and_trade_lively() -> None:
    spreads, takes = [], []
    for turbulence in (PPM // 4, PPM, 3 * PPM):
        seen = seen_with(view(), turbulence=turbulence)
        quotes = market_maker.decide(seen, Random(1)).quotes
        bid = max(quote.price for quote in quotes if quote.side == "buy")
        spreads.append(min(quote.price for quote in quotes if quote.side == "sell") - bid)
        rng = Random(1)
        takes.append(sum(noise_taker.decide(seen, rng) is not None for _ in range(1_000)))
    assert spreads[0] * 3 < spreads[1] * 2 < spreads[2]
    assert takes[0] * 3 < takes[1] * 2 < takes[2] * 1.5


def test_the_patient_one_waits_at_the_best_prices_or_a_little_ahead() -> None:
    rng = Random(1)
    quotes = [quote for _ in range(1_000) for quote in patient_trader.decide(view(), rng).quotes]
    assert 400 < len(quotes) < 600
    at_best = sum(quote.price in (LOOK.best_bid, LOOK.best_ask) for quote in quotes)
    assert 0.7 < at_best / len(quotes) < 0.9
    for quote in quotes:
        assert LOOK.best_bid <= quote.price <= LOOK.best_ask
        assert (quote.price < LOOK.middle) == (quote.side == "buy")
        assert quote.price % view().tick == 0


def test_the_patient_one_gives_up_what_is_far_and_has_few_orders() -> None:
    rng = Random(1)
    near = [resting(number, "buy", LOOK.best_bid, UNIT // 100) for number in range(patient_trader.MAX_ORDERS)]
    far = resting(9, "sell", REFERENCE * 101 // 100, UNIT // 100)
    moves = [patient_trader.decide(view([*near, far]), rng) for _ in range(100)]
    assert all(far in each.cancels for each in moves)
    assert all(each.quotes == [] or len(each.cancels) > 1 for each in moves)
    assert not patient_trader.decide(seen_with(view([far]), best_bid=0), rng).cancels
    only_sellers = [patient_trader.decide(view([near[0]]), rng, Style(sides=("sell",))) for _ in range(100)]
    assert all(each.cancels == [near[0]] for each in only_sellers)
    assert {quote.side for each in only_sellers for quote in each.quotes} == {"sell"}


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
            assert take.price >= LOOK.best_ask
        else:
            assert take.price <= LOOK.best_bid
    notionals = sorted(take.quantity * take.price // MONEY_UNIT for take in taken)
    assert notionals[len(notionals) // 2] < 500
    assert notionals[-1] < 6_000


def test_the_taker_has_nothing_to_take_from_an_empty_book() -> None:
    empty = seen_with(view(), best_bid=0, best_ask=0)
    assert {noise_taker.decide(empty, Random(seed)) for seed in range(50)} == {None}
