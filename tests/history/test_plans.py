"""No list sorts or scans: each reads an index in the order of its answer, however long the history is."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, event

from openbourse.history.candles import candles_of_market
from openbourse.history.funds import deposits_of, withdrawals_of
from openbourse.history.history import History
from openbourse.history.orders import finished_order, finished_orders
from openbourse.history.statement import statement
from openbourse.history.stops import finished_stops
from openbourse.history.trades import tape, trades_of_order, trades_of_user

NOW = 1_700_000_100_000
Ask = Callable[[Connection], object]
LISTS: dict[str, tuple[Ask, str]] = {
    "orders": (
        lambda c: finished_orders(c, 1, "spot"),
        "orders_traded (user_id=? AND wallet=? AND traded=?)",
    ),
    "orders of a market": (
        lambda c: finished_orders(c, 1, "spot", market="BTCUSDT"),
        "orders_traded_market (user_id=? AND wallet=? AND traded=? AND market=?)",
    ),
    "filled orders of a market": (
        lambda c: finished_orders(c, 1, "spot", market="BTCUSDT", statuses=("filled",)),
        "orders_traded_market (user_id=? AND wallet=? AND traded=? AND market=?)",
    ),
    "all orders": (
        lambda c: finished_orders(c, 1, "spot", traded_only=False),
        "orders_all (user_id=? AND wallet=?)",
    ),
    "one order": (lambda c: finished_order(c, 1, 5), "INTEGER PRIMARY KEY (rowid=?)"),
    "stops": (lambda c: finished_stops(c, 1, "spot"), "stops_all (user_id=? AND wallet=?)"),
    "stops of a market": (
        lambda c: finished_stops(c, 1, "spot", market="BTCUSDT"),
        "stops_market (user_id=? AND wallet=? AND market=?)",
    ),
    "trades of a user": (
        lambda c: trades_of_user(c, 1, "spot", "BTCUSDT"),
        "user_trades_market (user_id=? AND wallet=? AND market=?)",
    ),
    "trades of a user in a span": (
        lambda c: trades_of_user(c, 1, "spot", "BTCUSDT", start=5, end=NOW),
        "user_trades_market (user_id=? AND wallet=? AND market=? AND time>? AND time<?)",
    ),
    "trades of an order": (lambda c: trades_of_order(c, 1, 5), "user_trades_order (order_id=?)"),
    "tape": (lambda c: tape(c, "BTCUSDT", 10, 5), "trades_market (market=? AND trade_id>?)"),
    "candles": (
        lambda c: candles_of_market(c, "BTCUSDT", 60, NOW),
        "PRIMARY KEY (market=? AND period=? AND start<?)",
    ),
    "statement": (
        lambda c: statement(c, 1, "spot", causes=("deposit",), start=5),
        "balance_changes_cause (user_id=? AND wallet=? AND cause=? AND time>?)",
    ),
    "deposits": (lambda c: deposits_of(c, 1), "deposits_user (user_id=?)"),
    "withdrawals": (lambda c: withdrawals_of(c, 1), "withdrawals_user (user_id=?)"),
}


def plans(history: History, ask: Ask) -> list[str]:
    """How SQLite carries out every statement that `ask` makes."""
    asked: list[tuple[str, Any]] = []

    def note(_: object, __: object, sql: str, parameters: Any, *more: object) -> None:
        asked.append((sql, parameters))

    with history.engine.connect() as connection:
        event.listen(connection, "before_cursor_execute", note)
        ask(connection)
        event.remove(connection, "before_cursor_execute", note)
        return [
            row.detail
            for sql, parameters in asked
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", parameters)
        ]


@pytest.mark.parametrize("name", LISTS)
def test_reads_an_index_in_order(filled: History, name: str) -> None:
    ask, index = LISTS[name]
    found = plans(filled, ask)
    assert any(index in step for step in found), found
    # Only the statement sorts: the few rows that it took from the index for each cause.
    assert name == "statement" or not any("TEMP B-TREE" in step for step in found), found
    assert not any(step.startswith("SCAN") and "anon" not in step for step in found), found
    if name == "statement":
        assert [step for step in found if "SEARCH" in step] == [f"SEARCH balance_changes USING INDEX {index}"]
