"""Snapshot and restore: the same bytes, and the same future."""

import gc

from openbourse.core import snapshot
from openbourse.core.commands import Destination, RequestWithdrawal
from openbourse.core.events import encode_events
from tests.core.house import ANN, BOB, House, money, trades_of


def lively_house() -> House:
    house = House()
    house.trade_at("100")
    first = house.place(ANN, "sell", "2", "101")
    house.place(BOB, "sell", "1", "101", hidden=True, client_id="b")
    house.place(BOB, "buy", "1", "99")
    house.modify(ANN, house.exchange.open_orders(ANN)[0].order_id, amount="3")
    house.stop(ANN, "sell", "1", "95", "90")
    house.stop(BOB, "buy", "1", "105", "110")
    there = Destination("on_chain", "NET", "there")
    house.do(RequestWithdrawal(house.time, "w1", ANN, "BTC", money("1"), "USDT", money("2"), there))
    assert first
    return house


def test_a_restored_state_dumps_to_the_same_bytes() -> None:
    data = snapshot.dump(lively_house().exchange)
    assert snapshot.dump(snapshot.restore(data)) == data


def test_a_restored_exchange_has_the_same_future() -> None:
    here = lively_house()
    there = House()
    there.exchange = snapshot.restore(snapshot.dump(here.exchange))
    for house in (here, there):
        house.time = 5_000
    for side, price in (("buy", "101"), ("sell", "90")):
        events = [house.place(BOB, side, "4", price) for house in (here, there)]  # type: ignore[arg-type]
        assert trades_of(events[0])
        assert encode_events(events[0]) == encode_events(events[1])
    assert snapshot.state_hash(here.exchange) == snapshot.state_hash(there.exchange)


def test_counts_tell_how_much_there_is() -> None:
    counts = snapshot.counts(lively_house().exchange)
    assert {name: counts[name] for name in ("markets", "users", "orders", "stops", "withdrawals")} == {
        "markets": 2,
        "users": 3,
        "orders": 3,
        "stops": 2,
        "withdrawals": 1,
    }


def test_trading_leaves_no_garbage_for_the_collector() -> None:
    """The engine may run without the cyclic collector: nothing that it drops is part of a cycle."""
    house = House()
    house.trade_at("100")
    gc.collect()
    gc.disable()
    try:
        for _ in range(50):
            house.place(ANN, "sell", "0.01", "101")
            house.place(ANN, "sell", "0.01", "101")
            house.place(BOB, "buy", "0.02", "101")
            house.place(ANN, "sell", "0.01", "102")
            house.cancel(ANN, house.exchange.open_orders(ANN)[0].order_id)
        assert gc.collect() == 0
    finally:
        gc.enable()
