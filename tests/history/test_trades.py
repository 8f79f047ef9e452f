"""Trades of users, of orders and on the tape, against the events."""

import itertools

import pytest
from sqlalchemy import Connection

from openbourse.core.commands import Side
from openbourse.core.events import Applied
from openbourse.history.trades import tape, trades_of_order, trades_of_user
from tests.history import naive
from tests.history.pages import check_pages

SIDES: tuple[Side | None, ...] = (None, "buy", "sell")


@pytest.mark.parametrize("user", [1, 3, 99])
def test_trades_of_a_user(connection: Connection, record: list[Applied], user: int) -> None:
    everything = [trade for trade in naive.user_trades(record) if trade.user == user]
    times = [trade.time for trade in everything] or [0]
    spans = [
        (None, None),
        (times[len(times) // 2], None),
        (None, times[len(times) // 3]),
        (times[-1], times[0]),
    ]
    spans += [(times[0], times[-1] - 1)]
    for market, side, (start, end) in itertools.product(("BTCUSDT", "CETBTC", "NONE"), SIDES, spans):
        expected = [
            trade
            for trade in everything
            if trade.market == market
            and side in (None, trade.side)
            and (start is None or trade.time >= start)
            and (end is None or trade.time <= end)
        ]
        check_pages(
            lambda page, limit: trades_of_user(
                connection,
                user,
                "spot",
                market,  # noqa: B023 - called in this turn of the loop
                side=side,  # noqa: B023 - as above
                start=start,  # noqa: B023 - as above
                end=end,  # noqa: B023 - as above
                page=page,
                limit=limit,
            ),
            expected,
            (50,),
        )
    assert (len(everything) > 200) == (user != 99)


def test_a_trade_with_oneself_has_two_rows(connection: Connection, record: list[Applied]) -> None:
    own = [t for t in naive.user_trades(record) if t.user == 1 and t.market == "BTCUSDT"]
    twice = [a.trade_id for a, b in itertools.pairwise(own) if a.trade_id == b.trade_id]
    assert twice
    found = trades_of_user(connection, 1, "spot", "BTCUSDT", limit=1000).rows
    assert [t.role for t in found if t.trade_id == twice[0]] == ["taker", "maker"]


def test_trades_of_an_order(connection: Connection, record: list[Applied]) -> None:
    everything = naive.user_trades(record)
    for order in naive.finished_orders(record)[::7]:
        expected = [trade for trade in everything if trade.order_id == order.order_id]
        user, market = order.request.user, order.request.market
        found = trades_of_order(connection, user, order.order_id, market=market, limit=1000).rows
        assert found == expected
        assert sum(trade.quantity for trade in found) == order.filled.quantity
        assert sum(trade.quantity * trade.price for trade in found) == order.filled.notional
        fees = order.filled.base_fee + order.filled.quote_fee + order.filled.token_fee
        assert sum(trade.fee for trade in found) == fees
        assert trades_of_order(connection, user + 1, order.order_id).rows == []
        assert trades_of_order(connection, user, order.order_id, market="OTHER").rows == []
        assert trades_of_order(connection, user, order.order_id, wallet="other").rows == []


def test_the_tape(connection: Connection, record: list[Applied]) -> None:
    for market in ("BTCUSDT", "ETHCET"):
        expected = naive.tape(record, market)
        assert len(expected) > 100
        assert tape(connection, market, 1000) == expected[:1000]
        assert tape(connection, market, 5) == expected[:5]
        above = expected[40].trade_id
        assert tape(connection, market, 1000, above) == expected[:40]
        assert tape(connection, market, 1000, above - 1) == expected[:41]
    with pytest.raises(ValueError, match="limit"):
        tape(connection, "BTCUSDT", 1001)


def test_numbers_beyond_64_bits_find_what_they_should(connection: Connection) -> None:
    everything = trades_of_user(connection, 1, "spot", "BTCUSDT")
    assert everything.rows
    assert trades_of_user(connection, 1, "spot", "BTCUSDT", start=-(10**30), end=10**30) == everything
    assert trades_of_user(connection, 1, "spot", "BTCUSDT", start=10**30).rows == []
    assert trades_of_order(connection, 1, 10**30).rows == []
    assert tape(connection, "BTCUSDT", 5, above=10**30) == []
    assert tape(connection, "BTCUSDT", 5, above=-(10**30)) == tape(connection, "BTCUSDT", 5)
