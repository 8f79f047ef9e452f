"""The call auction: collecting without trading, then one price for all."""

import pytest

from tests.core.house import ANN, BOB, House, order_of, refusal_of, trades_of


def auction(bids: list[tuple[str, str]], asks: list[tuple[str, str]], last: str = "") -> House:
    house = House()
    if last:
        house.trade_at(last)
    house.phase("auction")
    for price, amount in bids:
        house.place(ANN, "buy", amount, price)
    for price, amount in asks:
        house.place(BOB, "sell", amount, price)
    return house


def test_orders_cross_without_trading_and_cannot_be_cancelled() -> None:
    house = auction([("101", "1")], [("99", "1")])
    assert house.book("buy") == [("101", "1")]
    assert house.book("sell") == [("99", "1")]
    order = house.exchange.open_orders(ANN)[0]
    assert refusal_of(house.cancel(ANN, order.order_id)) == "auction_in_progress"


@pytest.mark.parametrize(
    ("bids", "asks", "last", "price", "traded"),
    [
        # most volume: at 100 two units meet, elsewhere less
        ([("102", "1"), ("100", "1")], [("98", "1"), ("100", "1")], "", "100", "2"),
        # equal volume: the smaller surplus
        ([("105", "1"), ("103", "1")], [("100", "1")], "", "105", "1"),
        # equal volume and surplus: nearest to the last price
        ([("105", "1")], [("95", "1")], "104", "105", "1"),
        ([("105", "1")], [("95", "1")], "96", "95", "1"),
        # nothing else to go by: the lowest
        ([("105", "1")], [("95", "1")], "", "95", "1"),
    ],
)
def test_the_clearing_price(
    bids: list[tuple[str, str]], asks: list[tuple[str, str]], last: str, price: str, traded: str
) -> None:
    house = auction(bids, asks, last)
    trades = trades_of(house.phase("open"))
    assert {each[0] for each in trades} == {price}
    assert sum(float(each[1]) for each in trades) == float(traded)


def test_buyers_get_back_what_they_offered_above_the_price() -> None:
    house = auction([("105", "1")], [("95", "1")])
    house.phase("open")
    assert house.balance(ANN, "USDT") == ("999905", "0")


def test_a_halted_auction_clears_when_trading_begins() -> None:
    house = auction([("105", "1")], [("95", "1")])
    assert trades_of(house.phase("halted")) == []
    assert len(trades_of(house.phase("post_only"))) == 1


def test_moving_an_order_in_the_auction_does_not_trade() -> None:
    house = auction([("90", "1")], [("100", "1")])
    order = house.exchange.open_orders(ANN)[0]
    assert trades_of(house.modify(ANN, order.order_id, price="110")) == []
    assert order_of(house.modify(ANN, order.order_id, price="111")).status == "open"
