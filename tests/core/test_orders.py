"""Placing, modifying and cancelling, seen from outside."""

from itertools import product

import msgspec
import pytest

from openbourse.core.commands import (
    CancelOrders,
    DefineMarket,
    MarketStatus,
    OrderRequest,
    OrderType,
    PlaceOrder,
    PlaceStop,
    SetUserStatus,
)
from openbourse.core.exchange import Exchange
from openbourse.core.rules import MAX_OPEN_ORDERS, MAX_WAITING_STOPS
from tests.core.house import ANN, BOB, MARKET, House, order_of, refusal_of, trades_of, unit
from tests.core.streams import Traffic


@pytest.mark.parametrize(
    ("amount", "price", "kind", "reason"),
    [
        ("0", "100", "limit", "invalid_amount"),
        ("-1", "100", "limit", "invalid_amount"),
        ("0.000000001", "100", "limit", "invalid_amount"),
        ("1", "0", "limit", "invalid_price"),
        ("1", "-5", "ioc", "invalid_price"),
        ("1", "100.001", "limit", "invalid_price"),
        ("1", "100", "market", "invalid_price"),
        ("10000000000000000", "100", "limit", "invalid_amount"),
        ("100001", "100", "limit", "insufficient_balance"),
        ("0.00001", "100", "limit", "below_minimum"),
        ("1", "0", "market", "no_liquidity"),
    ],
)
def test_what_is_refused_changes_nothing(amount: str, price: str, kind: OrderType, reason: str) -> None:
    house = House()
    before = house.balance(ANN, "USDT"), house.exchange.state.last_id
    assert refusal_of(house.place(ANN, "buy", amount, price, kind)) == reason
    assert (house.balance(ANN, "USDT"), house.exchange.state.last_id) == before


def test_the_balance_is_checked_before_the_minimum() -> None:
    house = House()
    assert refusal_of(house.place(ANN, "buy", "0.00001", "1000000000000")) == "insufficient_balance"


def test_shrinking_keeps_the_place_in_the_queue() -> None:
    house = House()
    first = order_of(house.place(ANN, "sell", "2", "100"))
    house.place(ANN, "sell", "1", "100")
    house.modify(ANN, first.order_id, amount="1")
    assert trades_of(house.place(BOB, "buy", "1", "100"))[0][2] == first.order_id


@pytest.mark.parametrize(("amount", "price"), [("3", None), (None, "100")])
def test_growing_or_moving_goes_to_the_end_of_the_queue(amount: str | None, price: str | None) -> None:
    house = House()
    first = order_of(house.place(ANN, "sell", "2", "100" if amount else "101"))
    second = order_of(house.place(ANN, "sell", "1", "100"))
    house.modify(ANN, first.order_id, amount, price)
    assert trades_of(house.place(BOB, "buy", "1", "100"))[0][2] == second.order_id


def test_a_modified_order_keeps_its_id_and_birth() -> None:
    house = House()
    old = order_of(house.place(ANN, "sell", "2", "100"))
    house.time += 50
    new = order_of(house.modify(ANN, old.order_id, price="99"))
    assert (new.order_id, new.created_at, new.updated_at) == (
        old.order_id,
        old.created_at,
        old.updated_at + 50,
    )


def test_a_price_that_crosses_is_matched_as_taker() -> None:
    house = House()
    maker = order_of(house.place(BOB, "buy", "1", "90"))
    order = order_of(house.place(ANN, "sell", "2", "100"))
    events = house.modify(ANN, order.order_id, price="90")
    assert trades_of(events) == [("90", "1", maker.order_id, order.order_id)]
    assert house.book("sell") == [("90", "1")]


def test_an_amount_at_or_below_what_is_filled_is_refused() -> None:
    house = House()
    order = order_of(house.place(ANN, "sell", "2", "100"))
    house.place(BOB, "buy", "1", "100")
    assert refusal_of(house.modify(ANN, order.order_id, amount="1")) == "invalid_amount"
    assert order_of(house.modify(ANN, order.order_id, amount="1.5")).remaining == unit("0.5")


def test_more_than_the_balance_allows_leaves_the_order_as_it_was() -> None:
    house = House()
    order = order_of(house.place(ANN, "buy", "1", "100"))
    assert refusal_of(house.modify(ANN, order.order_id, price="2000000")) == "insufficient_balance"
    assert house.exchange.order(order.order_id, ANN) == order


def test_only_the_owner_finds_an_order() -> None:
    house = House()
    order = order_of(house.place(ANN, "buy", "1", "100"))
    assert refusal_of(house.cancel(BOB, order.order_id)) == "unknown_order"
    assert refusal_of(house.modify(BOB, order.order_id, price="1")) == "unknown_order"


def test_cancelling_all_honours_every_filter() -> None:
    house = House()
    house.place(ANN, "buy", "1", "90", client_id="a")
    house.place(ANN, "sell", "1", "110", client_id="a")
    house.place(ANN, "buy", "1", "91", client_id="b")
    house.place(BOB, "buy", "1", "92", client_id="a")
    house.do(CancelOrders(house.time, ANN, "spot", MARKET, "buy", "a"))
    assert house.book("buy") == [("92", "1"), ("91", "1")]
    assert house.book("sell") == [("110", "1")]
    house.do(CancelOrders(house.time, ANN, "", ""))
    assert house.exchange.open_orders(ANN) == []


def test_a_barred_user_may_only_cancel() -> None:
    house = House()
    order = order_of(house.place(ANN, "buy", "1", "90"))
    house.do(SetUserStatus(house.time, ANN, "no_trading"))
    assert refusal_of(house.place(ANN, "buy", "1", "90")) == "user_barred"
    assert refusal_of(house.modify(ANN, order.order_id, price="80")) == "user_barred"
    assert order_of(house.cancel(ANN, order.order_id)).status == "cancelled"


@pytest.mark.parametrize(
    ("status", "kind", "reason"),
    [
        ("pre_open", "limit", "market_closed"),
        ("halted", "limit", "market_closed"),
        ("post_only", "limit", "post_only_period"),
        ("post_only", "post_only", ""),
        ("auction", "fok", "not_fillable"),
        ("auction", "limit", ""),
    ],
)
def test_the_phase_of_the_market_decides(status: MarketStatus, kind: OrderType, reason: str) -> None:
    house = House()
    house.phase(status)
    assert refusal_of(house.place(ANN, "buy", "1", "90", kind)) == reason


def test_the_band_keeps_prices_near_the_last_price() -> None:
    house = House()
    spec = house.exchange.market_spec(MARKET)
    assert spec is not None
    banded = msgspec.structs.replace(spec, price_band=unit("0.1"))
    house.do(DefineMarket(house.time, banded))
    assert refusal_of(house.place(ANN, "buy", "1", "1")) == ""
    house.trade_at("100")
    assert refusal_of(house.place(ANN, "buy", "1", "89.99")) == "price_out_of_band"
    assert refusal_of(house.place(ANN, "sell", "1", "110.01")) == "price_out_of_band"
    assert refusal_of(house.place(ANN, "sell", "1", "110")) == ""


def test_orders_that_match_are_those_of_all_orders_that_do() -> None:
    exchange, traffic = Exchange(), Traffic(11, users=3, resting=40)
    for _ in range(3_000):
        traffic.observe(exchange.apply(traffic.next_command()))
    found = 0
    for user in (1, 2, 3, 99):
        resting = exchange.open_orders(user)
        names = {order.request.client_id for order in resting}
        markets, sides = ["", *exchange.market_names()], ("", "buy", "sell")
        wallets = {order.request.wallet for order in resting} | {"nowhere"}
        for wallet, market, side, client_id in product(sorted(wallets), markets, sides, sorted(names | {""})):
            expected = [
                order.order_id
                for order in resting
                if order.request.wallet == wallet
                and market in ("", order.request.market)
                and side in ("", order.request.side)
                and client_id in ("", order.request.client_id)
            ]
            assert exchange.matching_orders(user, wallet, market, side, client_id) == expected
            found += len(expected)
    assert found > 100


def test_a_user_has_at_most_so_many_open_orders() -> None:
    house = House()
    request = OrderRequest(ANN, "spot", MARKET, "buy", "limit", unit("0.0001"), unit("1"))
    for _ in range(MAX_OPEN_ORDERS):
        house.exchange.apply(PlaceOrder(house.time, request))
    assert len(house.exchange.open_orders(ANN)) == MAX_OPEN_ORDERS
    assert refusal_of(house.exchange.apply(PlaceOrder(house.time, request))) == "too_many_orders"
    assert (
        refusal_of(house.exchange.apply(PlaceOrder(house.time, msgspec.structs.replace(request, type="ioc"))))
        == ""
    )


def test_a_user_has_at_most_so_many_waiting_stops() -> None:
    house = House()
    request = OrderRequest(ANN, "spot", MARKET, "buy", "limit", unit("0.0001"), unit("1"))
    for _ in range(MAX_WAITING_STOPS):
        house.exchange.apply(PlaceStop(house.time, request, unit("5")))
    assert len(house.exchange.waiting_stops(ANN)) == MAX_WAITING_STOPS
    assert refusal_of(house.exchange.apply(PlaceStop(house.time, request, unit("5")))) == "too_many_orders"


def test_new_rules_leave_the_status_of_a_market() -> None:
    house = House()
    house.phase("halted")
    spec = house.exchange.market_spec(MARKET)
    assert spec is not None
    house.do(DefineMarket(house.time, spec))
    assert house.exchange.market_status(MARKET) == "halted"
