"""Levels that have become empty: they wait for orders unseen, and there are never many of them."""

from openbourse.core import snapshot
from openbourse.core.book import BookSide
from openbourse.core.commands import CancelOrder, OrderRequest, PlaceOrder
from openbourse.core.units import UNIT
from tests.core.house import ANN, BOB, MARKET, House, order_of, trades_of


def bids(house: House) -> BookSide:
    return house.exchange.state.markets[MARKET].bids


def ladder(house: House, *prices: str) -> list[int]:
    return [order_of(house.place(ANN, "buy", "0.001", price)).order_id for price in prices]


def test_an_empty_level_waits_and_is_used_again() -> None:
    house = House()
    _, middle, _, _ = ladder(house, "100", "99", "98", "97")
    level = bids(house).levels[99 * UNIT]
    house.cancel(ANN, middle)
    assert bids(house).levels[99 * UNIT] is level
    assert house.book("buy") == [("100", "0.001"), ("98", "0.001"), ("97", "0.001")]
    house.place(ANN, "buy", "0.002", "99")
    assert bids(house).levels[99 * UNIT] is level
    assert house.book("buy")[1] == ("99", "0.002")


def test_an_empty_level_is_never_the_best() -> None:
    house = House()
    best, second, _, _ = ladder(house, "100", "99", "98", "97")
    house.cancel(ANN, second)
    house.cancel(ANN, best)
    assert [price for price, _ in house.book("buy")] == ["98", "97"]
    assert sorted(bids(house).levels) == [97 * UNIT, 98 * UNIT]
    assert [trade[0] for trade in trades_of(house.place(BOB, "sell", "0.002", "97"))] == ["98", "97"]


def test_a_level_that_went_as_the_best_does_not_take_its_successor_along() -> None:
    """Both stand in line to go when the first of them is let go."""
    house = House()
    best, second, *_ = ladder(house, "100", "99", "98", "97", "96")
    house.cancel(ANN, second)  # stands in line
    house.cancel(ANN, best)  # and both are gone
    _, again, *others = ladder(house, "100", "99", "95", "94", "93", "92")
    house.cancel(ANN, again)
    for order_id in others:
        house.cancel(ANN, order_id)
    house.place(ANN, "buy", "0.003", "99")
    assert house.book("buy")[:3] == [("100", "0.001"), ("99", "0.003"), ("98", "0.001")]
    assert len(house.book("buy")) == 5


def test_the_line_is_never_longer_than_the_book() -> None:
    """Levels that go as the best one, though they stand in line, do not pile up there."""
    house = House()
    ladder(house, "50", "49")
    for _ in range(30):
        best, second = ladder(house, "100", "99")
        house.cancel(ANN, second)
        house.cancel(ANN, best)
    best, second, third = ladder(house, "100", "99", "98")
    house.cancel(ANN, third)
    house.cancel(ANN, second)
    waiting = []
    level = bids(house)._first_leaving
    while level is not None:
        waiting.append(level)
        level = level.next_leaving
    assert len(waiting) == bids(house)._leaving <= len(bids(house).levels)
    assert bids(house)._empty == sum(level.first is None for level in bids(house).levels.values())


def test_matching_and_snapshots_pass_over_empty_levels() -> None:
    house = House()
    ids = ladder(house, "100", "99", "98", "97", "96")
    for order_id in ids[1:3]:
        house.cancel(ANN, order_id)
    assert len(bids(house).levels) == 5
    restored = snapshot.restore(snapshot.dump(house.exchange))
    assert len(restored.state.markets[MARKET].bids.levels) == 3
    assert snapshot.state_hash(restored) == snapshot.state_hash(house.exchange)
    events = house.place(BOB, "sell", "0.002", "96", "fok")
    assert [trade[0] for trade in trades_of(events)] == ["100", "97"]


def test_empty_levels_are_bounded() -> None:
    """Orders that come and go at ever other prices, in a book of few orders and in one of many."""
    house = House()
    apply = house.exchange.apply
    for resting, at_most in ((10, 44), (3_000, 4_001)):
        for price in range(1, resting + 1):
            apply(PlaceOrder(1, OrderRequest(ANN, "spot", MARKET, "buy", "limit", UNIT, price * UNIT // 100)))
        apply(PlaceOrder(1, OrderRequest(ANN, "spot", MARKET, "buy", "limit", UNIT, 100 * UNIT)))
        for price in range(4_000, 6_000):
            request = OrderRequest(ANN, "spot", MARKET, "buy", "limit", UNIT, price * UNIT // 100)
            placed = order_of(apply(PlaceOrder(1, request)))
            apply(CancelOrder(1, ANN, "spot", MARKET, placed.order_id))
            assert len(bids(house).levels) <= at_most
        assert len(house.book("buy")) == resting + 1
