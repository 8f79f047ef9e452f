"""The invariants find what is wrong: each kind of damage, done on purpose, is named."""

from collections.abc import Callable

import pytest

from openbourse.core.invariants import violations
from openbourse.core.order import Order
from tests.core.house import ANN, BOB, MARKET, House, order_of


def busy_house() -> House:
    house = House()
    house.place(ANN, "sell", "2", "101")
    house.place(ANN, "sell", "1", "101", hidden=True)
    house.place(BOB, "buy", "1", "99")
    house.trade_at("100")
    house.stop(ANN, "buy", "1", "120", "50")
    return house


def first_ask(house: House) -> Order:
    level = house.exchange.state.markets[MARKET].asks.best()
    assert level is not None
    assert level.first is not None
    return level.first


def invent_money(house: House) -> None:
    house.exchange.state.ledger.account(ANN, "spot", "BTC").available += 1


def unfreeze(house: House) -> None:
    account = house.exchange.state.ledger.account(ANN, "spot", "BTC")
    account.frozen -= 1
    account.available += 1


def leave_in_settlement(house: House) -> None:
    state = house.exchange.state
    state.ledger.account(ANN, "spot", "BTC").pay(5, state.ledger.system_account("settlement", "BTC"))


def lose_an_order(house: House) -> None:
    del house.exchange.state.users[ANN].orders[first_ask(house).order_id]


def miscount_a_level(house: House) -> None:
    level = first_ask(house).level
    assert level is not None
    level.visible += 1


def shrink_an_order(house: House) -> None:
    first_ask(house).remaining -= 1


def cross_the_book(house: House) -> None:
    book = house.exchange.state.markets[MARKET]
    bid = book.bids.best()
    assert bid is not None
    assert bid.first is not None
    order = bid.first
    book.bids.remove(order)
    order.price = first_ask(house).price
    book.bids.add(order)


def forget_a_stop(house: House) -> None:
    house.exchange.state.users[ANN].stops.clear()


def oversleep_a_stop(house: House) -> None:
    house.exchange.state.markets[MARKET].last_price = 10**15


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (invent_money, "sum to"),
        (unfreeze, "frozen"),
        (leave_in_settlement, "settlement"),
        (lose_an_order, "the users know"),
        (miscount_a_level, "visible"),
        (shrink_an_order, "filled and remaining"),
        (cross_the_book, "crossed"),
        (forget_a_stop, "different stops"),
        (oversleep_a_stop, "is due"),
    ],
)
def test_damage_is_found(damage: Callable[[House], None], told: str) -> None:
    house = busy_house()
    assert violations(house.exchange) == []
    damage(house)
    assert any(told in sentence for sentence in violations(house.exchange))


def test_links_of_removed_orders_are_cleared() -> None:
    house = busy_house()
    order = first_ask(house)
    house.cancel(ANN, order.order_id)
    assert (order.level, order.before, order.behind) == (None, None, None)
    assert order_of(house.place(ANN, "sell", "1", "101")).status == "open"
