"""Stop orders: when they wait, when they fire, what they become."""

from openbourse.core.commands import CancelStop, CancelStops, ModifyStop
from openbourse.core.events import StopChanged
from tests.core.house import ANN, BOB, MARKET, House, order_of, refusal_of, stops_of, unit


def test_a_waiting_stop_holds_no_money() -> None:
    house = House()
    house.trade_at("100")
    house.stop(ANN, "buy", "1", "120", "121")
    assert house.balance(ANN, "USDT") == ("1000000", "0")


def test_the_direction_follows_from_the_last_price() -> None:
    house = House()
    house.trade_at("100")
    for trigger in ("120", "80"):
        house.stop(ANN, "buy", "1", trigger, "50")
    assert [stop.rising for stop in house.exchange.waiting_stops(ANN)] == [True, False]


def test_stops_fire_at_their_trigger_price_and_not_before() -> None:
    house = House()
    house.trade_at("100")
    house.stop(ANN, "buy", "1", "120", "50")
    house.stop(ANN, "sell", "1", "80", "200")
    house.trade_at("119.99")
    house.trade_at("80.01")
    assert len(house.exchange.waiting_stops(ANN)) == 2
    house.trade_at("120")
    house.trade_at("80")
    assert house.exchange.waiting_stops(ANN) == []
    assert len(house.exchange.open_orders(ANN)) == 2


def test_a_stop_at_the_last_price_fires_at_once() -> None:
    house = House()
    house.trade_at("100")
    events = house.stop(ANN, "buy", "1", "100", "50")
    assert stops_of(events) == ["placed", "triggered"]


def test_a_stop_that_cannot_be_placed_has_failed() -> None:
    house = House()
    house.trade_at("100")
    house.stop(ANN, "sell", "11", "90", "89")
    house.place(BOB, "buy", "1", "90")
    events = house.place(BOB, "sell", "1", "90", "ioc")
    assert stops_of(events) == ["failed"]
    assert house.exchange.open_orders(ANN) == []


def test_one_stop_sets_off_the_next() -> None:
    house = House()
    house.trade_at("100")
    for price in ("95", "90", "85"):
        house.place(BOB, "buy", "1", price)
    house.stop(ANN, "sell", "1", "95", "80")
    house.stop(ANN, "sell", "1", "90", "80")
    events = house.place(BOB, "sell", "1", "95", "ioc")
    fired = [event for event in events if isinstance(event, StopChanged)]
    assert [event.change for event in fired] == ["triggered", "triggered"]
    assert fired[0].order_id < fired[1].order_id
    assert house.exchange.last_price(MARKET) == unit("85")


def test_a_modified_stop_gets_a_new_id() -> None:
    house = House()
    house.trade_at("100")
    house.stop(ANN, "buy", "1", "120", "50")
    old = house.exchange.waiting_stops(ANN)[0]
    house.do(ModifyStop(house.time, ANN, "spot", MARKET, old.stop_id, None, None, unit("70")))
    (new,) = house.exchange.waiting_stops(ANN)
    assert new.stop_id > old.stop_id
    assert (new.trigger_price, new.rising, new.request) == (unit("70"), False, old.request)


def test_cancelling_needs_the_owner_and_spares_what_does_not_match() -> None:
    house = House()
    house.trade_at("100")
    house.stop(ANN, "buy", "1", "120", "50")
    house.stop(ANN, "sell", "1", "80", "150")
    stop = house.exchange.waiting_stops(ANN)[0]
    assert refusal_of(house.do(CancelStop(house.time, BOB, "spot", MARKET, stop.stop_id))) == "unknown_order"
    house.do(CancelStops(house.time, ANN, "spot", MARKET, "sell"))
    assert [left.stop_id for left in house.exchange.waiting_stops(ANN)] == [stop.stop_id]
    house.do(CancelStop(house.time, ANN, "spot", MARKET, stop.stop_id))
    assert house.exchange.waiting_stops(ANN) == []


def test_the_protection_period_takes_no_stops() -> None:
    house = House()
    house.stop(ANN, "buy", "1", "120", "50")
    (waiting,) = house.exchange.waiting_stops(ANN)
    house.phase("post_only")
    assert refusal_of(house.stop(ANN, "buy", "1", "120", "50")) == "post_only_period"
    change = ModifyStop(house.time, ANN, "spot", MARKET, waiting.stop_id, None, None, unit("70"))
    assert refusal_of(house.do(change)) == "post_only_period"
    assert house.exchange.waiting_stops(ANN) == [waiting]


def test_nothing_fires_before_the_market_is_open() -> None:
    house = House()
    house.trade_at("100")
    house.phase("auction")
    house.stop(ANN, "buy", "1", "100", "50")
    assert len(house.exchange.waiting_stops(ANN)) == 1
    assert stops_of(house.phase("open")) == ["triggered"]
    assert order_of(house.place(ANN, "buy", "1", "40")).status == "open"
