"""Who meets whom, at which price, and what becomes of the money."""

import pytest

from openbourse.core.commands import SelfTrade
from tests.core.house import ANN, BOB, House, order_of, refusal_of, trades_of


def test_price_comes_before_time_and_time_inside_a_price() -> None:
    house = House()
    late_best = None
    first = order_of(house.place(ANN, "sell", "1", "101"))
    second = order_of(house.place(ANN, "sell", "1", "101"))
    late_best = order_of(house.place(ANN, "sell", "1", "100"))
    taken = house.place(BOB, "buy", "2.5", "101")
    assert [(price, maker) for price, _, maker, _ in trades_of(taken)] == [
        ("100", late_best.order_id),
        ("101", first.order_id),
        ("101", second.order_id),
    ]


def test_a_price_improvement_is_released_with_the_fill() -> None:
    house = House()
    house.place(ANN, "sell", "1", "100")
    house.place(BOB, "buy", "2", "150")
    assert house.balance(BOB, "USDT") == ("999750", "150")


def test_a_hidden_order_trades_but_is_not_shown() -> None:
    house = House()
    hidden = order_of(house.place(ANN, "sell", "1", "100", hidden=True))
    assert house.book("sell") == []
    assert trades_of(house.place(BOB, "buy", "1", "100"))[0][2] == hidden.order_id


@pytest.mark.parametrize(
    ("mode", "traded", "maker_rests", "taker_rests"),
    [
        ("allow", 1, False, False),
        ("cancel_taker", 0, True, False),
        ("cancel_maker", 0, False, True),
        ("cancel_both", 0, False, False),
    ],
)
def test_the_takers_mode_decides_about_self_trades(
    mode: SelfTrade, traded: int, maker_rests: bool, taker_rests: bool
) -> None:
    house = House()
    maker = order_of(house.place(ANN, "sell", "1", "100"))
    events = house.place(ANN, "buy", "1", "100", self_trade=mode)
    taker = order_of(events)
    resting = {order.order_id for order in house.exchange.open_orders(ANN)}
    assert len(trades_of(events)) == traded
    assert (maker.order_id in resting) == maker_rests
    assert (taker.order_id in resting) == taker_rests


def test_a_taker_that_skips_its_own_order_goes_on_to_the_next_maker() -> None:
    house = House()
    house.place(ANN, "sell", "1", "100")
    other = order_of(house.place(BOB, "sell", "1", "101"))
    events = house.place(ANN, "buy", "1", "101", self_trade="cancel_maker")
    assert [maker for _, _, maker, _ in trades_of(events)] == [other.order_id]


def test_a_quote_amount_that_no_further_step_fits_into_counts_as_filled() -> None:
    house = House()
    house.place(ANN, "sell", "1", "60020.5")
    order = order_of(house.place(BOB, "buy", "100", kind="market", in_quote=True))
    assert (order.status, order.remaining) == ("filled", 0)
    assert house.balance(BOB, "USDT")[1] == "0"


def test_a_market_order_that_empties_the_book_loses_its_rest() -> None:
    house = House()
    house.place(ANN, "sell", "1", "100")
    order = order_of(house.place(BOB, "buy", "3", kind="market"))
    assert (order.status, order.remaining) == ("partially_cancelled", 2 * 10**12)
    assert house.balance(BOB, "USDT") == ("999900", "0")


def test_fill_or_kill_is_all_or_nothing() -> None:
    house = House()
    house.place(ANN, "sell", "1", "100")
    house.place(ANN, "sell", "1", "102")
    assert refusal_of(house.place(BOB, "buy", "2", "101", "fok")) == "not_fillable"
    assert house.book("sell") == [("100", "1"), ("102", "1")]
    assert order_of(house.place(BOB, "buy", "2", "102", "fok")).status == "filled"


def test_fill_or_kill_does_not_count_on_own_orders_that_it_would_cancel() -> None:
    house = House()
    house.place(BOB, "sell", "1", "100")
    house.place(ANN, "sell", "1", "100")
    events = house.place(BOB, "buy", "2", "100", "fok", self_trade="cancel_maker")
    assert refusal_of(events) == "not_fillable"
    assert house.book("sell") == [("100", "2")]


def test_immediate_or_cancel_never_rests() -> None:
    house = House()
    order = order_of(house.place(BOB, "buy", "1", "100", "ioc"))
    assert order.status == "cancelled"
    assert house.book("buy") == []
    assert house.balance(BOB, "USDT") == ("1000000", "0")


def test_post_only_never_takes() -> None:
    house = House()
    house.place(ANN, "sell", "1", "100")
    assert refusal_of(house.place(BOB, "buy", "1", "100", "post_only")) == "would_take"
    assert order_of(house.place(BOB, "buy", "1", "99.99", "post_only")).status == "open"
