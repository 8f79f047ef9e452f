"""Finished orders: every filter, every page, against the events."""

import itertools

import pytest
from sqlalchemy import Connection

from openbourse.core.commands import Side
from openbourse.core.events import Applied
from openbourse.history.orders import finished_order, finished_orders
from tests.history import naive
from tests.history.pages import check_pages

MARKETS = ("", "BTCUSDT", "ETHBTC", "NONE")
SIDES: tuple[Side | None, ...] = (None, "buy", "sell")


@pytest.mark.parametrize("user", [1, 2, 99])
def test_lists_equal_the_events(connection: Connection, record: list[Applied], user: int) -> None:
    everything = naive.finished_orders(record)
    seen = 0
    for market, side, client_id, traded in itertools.product(MARKETS, SIDES, ("", "a"), (True, False)):
        expected = [
            order
            for order in everything
            if order.request.user == user
            and order.request.wallet == "spot"
            and market in ("", order.request.market)
            and side in (None, order.request.side)
            and client_id in ("", order.request.client_id)
            and (not traded or order.status != "cancelled")
        ]
        seen += len(expected)
        check_pages(
            lambda page, limit: finished_orders(
                connection,
                user,
                "spot",
                market=market,  # noqa: B023 - called in this turn of the loop
                side=side,  # noqa: B023 - as above
                client_id=client_id,  # noqa: B023 - as above
                traded_only=traded,  # noqa: B023 - as above
                page=page,
                limit=limit,
            ),
            expected,
            (97, 1000),
        )
    assert (seen > 500) == (user != 99)


def test_filled_orders_alone(connection: Connection, record: list[Applied]) -> None:
    filled = [
        order
        for order in naive.finished_orders(record)
        if order.request.user == 1 and order.request.market == "BTCUSDT" and order.status == "filled"
    ]
    assert len(filled) > 10
    page = finished_orders(connection, 1, "spot", market="BTCUSDT", statuses=("filled",), limit=10)
    assert page.rows == filled[:10]
    assert page.has_next


def test_one_order_of_any_status(connection: Connection, record: list[Applied]) -> None:
    everything = naive.finished_orders(record)
    assert {order.status for order in everything} == {"filled", "partially_cancelled", "cancelled"}
    for order in everything:
        assert finished_order(connection, order.request.user, order.order_id) == order
        assert finished_order(connection, order.request.user + 1, order.order_id) is None
    assert finished_order(connection, 1, 10**15) is None
    assert finished_order(connection, 1, 10**30) is None


@pytest.mark.parametrize(("page", "limit"), [(0, 10), (-1, 10), (1, 0), (1, 1001), (1, -5)])
def test_pages_out_of_range_are_refused(connection: Connection, page: int, limit: int) -> None:
    with pytest.raises(ValueError, match=r"must be"):
        finished_orders(connection, 1, "spot", page=page, limit=limit)


def test_a_page_far_beyond_the_end_is_empty(connection: Connection) -> None:
    for page in (10**9, 10**30):
        found = finished_orders(connection, 1, "spot", page=page, limit=1000)
        assert (found.rows, found.has_next) == ([], False)
