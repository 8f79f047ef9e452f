"""What else an unmodified ccxt offers for spot: other names for orders, and ways to ask for a part."""

from collections.abc import Iterable, Iterator
from typing import Any

import ccxt
import pytest

from tests.compliance.ccxt_client import BTC

TRIGGER = {"trigger": True}


@pytest.fixture(autouse=True)
def tidy(trader: Any) -> Iterator[None]:
    """No test leaves open orders behind."""
    yield
    for params in ({}, TRIGGER):
        trader.cancel_all_orders(BTC, params)


def ids(rows: Iterable[Any]) -> list[str]:
    """In one order: ccxt sorts by time, and two may have happened in one millisecond."""
    return sorted(row["id"] for row in rows)


def test_orders_by_their_other_names(trader: Any) -> None:
    resting = trader.create_limit_buy_order(BTC, 0.01, 50_000)
    sold = trader.create_market_sell_order(BTC, 0.02)
    bought = trader.create_market_buy_order(BTC, 1_200, {"createMarketBuyOrderRequiresPrice": False})
    assert (sold["filled"], sold["average"]) == (0.02, 59_990.0)
    assert (bought["filled"], bought["cost"]) == (0.02, 1_200.0)
    assert ids(trader.fetch_orders_by_status("pending", BTC)) == ids([resting])
    assert ids(trader.fetch_orders_by_status("finished", BTC, limit=2)) == ids([sold, bought])
    assert trader.fetch_closed_orders(BTC, since=bought["timestamp"] + 1) == []
    assert ids(trader.fetch_closed_orders(limit=1)) == ids([bought])


def test_triggers_by_their_other_names(trader: Any) -> None:
    placed = [
        trader.create_trigger_order(BTC, "limit", "sell", 0.01, 54_000, 55_000),
        trader.create_stop_order(BTC, "market", "sell", 0.01, None, 54_500),
        trader.create_order(BTC, "market", "buy", 0.01, 65_000, {"triggerPrice": 70_000}),
    ]
    several = {"symbol": BTC, "type": "limit", "side": "sell", "amount": 0.01, "price": 52_000}
    placed += trader.create_orders([several | {"params": {"triggerPrice": 53_000}}] * 2)
    waiting = {order["id"]: order for order in trader.fetch_orders_by_status("pending", BTC, params=TRIGGER)}
    assert ids(waiting.values()) == ids(placed)
    first, second, third = (waiting[order["id"]] for order in placed[:3])
    assert (first["type"], first["price"], first["triggerPrice"]) == ("limit", 54_000.0, 55_000.0)
    assert (second["type"], second["price"], second["triggerPrice"]) == ("market", None, 54_500.0)
    assert (third["side"], third["amount"]) == ("buy", 650.0)  # quote money, as ccxt sends it
    own = {"clientOrderId": second["clientOrderId"]} | TRIGGER
    assert trader.cancel_order("", BTC, own)["id"] == second["id"]
    assert trader.cancel_orders([third["id"], "999999"], BTC, TRIGGER)[0]["id"] == third["id"]
    assert len(trader.fetch_open_orders(BTC, limit=2, params=TRIGGER)) == 2
    assert trader.fetch_closed_orders(BTC, params=TRIGGER) == []


def test_one_unknown_order_among_several(trader: Any) -> None:
    placed = trader.create_order(BTC, "limit", "buy", 0.01, 50_000)
    cancelled = trader.cancel_orders(["999999", placed["id"]], BTC)
    assert [order["id"] for order in cancelled] == [None, placed["id"]]


def test_a_part_of_what_has_happened(trader: Any) -> None:
    began = trader.milliseconds()
    orders = [trader.create_market_sell_order(BTC, 0.001) for _ in range(3)]
    trades = trader.fetch_my_trades(BTC, since=began)
    assert sorted(trade["order"] for trade in trades) == ids(orders)
    last = trades[-1]["timestamp"]
    assert trader.fetch_my_trades(BTC, since=last + 1, limit=5) == []
    older = trader.fetch_my_trades(BTC, params={"until": began - 1})
    assert not set(ids(older)) & set(ids(trades))
    assert ids(trader.fetch_my_trades(BTC, since=began, params={"paginate": True})) == ids(trades)
    assert ids(trader.fetch_trades(BTC, limit=3)) == ids(trades)
    assert trader.fetch_trades(BTC, since=last + 1) == []
    candles = trader.fetch_ohlcv(BTC, "1m", limit=2)
    assert candles[-1][0] <= trader.milliseconds()
    assert trader.fetch_ohlcv(BTC, "1m", since=candles[-1][0])[0] == candles[-1]
    book = trader.fetch_l2_order_book(BTC, 5)
    assert book["bids"] == sorted(book["bids"], reverse=True)


def test_margin_is_refused_or_empty(trader: Any) -> None:
    isolated = {"marginMode": "isolated"}
    with pytest.raises(ccxt.BadSymbol):
        trader.create_order(BTC, "limit", "buy", 0.01, 50_000, isolated)
    assert trader.fetch_open_orders(BTC, params=isolated) == []
    assert trader.fetch_closed_orders(BTC, params=isolated) == []
    assert trader.fetch_my_trades(BTC, params=isolated) == []
    assert trader.fetch_transfers("USDT", params=isolated) == []
    assert trader.fetch_balance(isolated)["total"] == {}
    with pytest.raises(ccxt.ExchangeError, match="Invalid Parameter"):
        trader.transfer("USDT", 1, "spot", "margin", {"symbol": BTC})
    for ask in (
        lambda: trader.fetch_leverage(BTC, {"code": "USDT"}),
        lambda: trader.fetch_isolated_borrow_rate(BTC, {"code": "USDT"}),
        lambda: trader.borrow_isolated_margin(BTC, "USDT", 10),
        trader.fetch_borrow_interest,
        trader.fetch_positions,
        trader.fetch_funding_rates,
    ):
        with pytest.raises(ccxt.ExchangeNotAvailable):
            ask()
