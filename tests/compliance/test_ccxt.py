"""An unmodified ccxt 4.5.78 with only its URLs and keys set, over a real socket."""

from collections.abc import Iterator
from typing import Any

import ccxt
import pytest

from tests.compliance.ccxt_client import BTC, client
from tests.compliance.hosting import Hosted


@pytest.fixture(autouse=True)
def tidy(trader: Any) -> Iterator[None]:
    """No test leaves open orders behind."""
    yield
    for symbol in (BTC, "ETH/USDT"):
        trader.cancel_all_orders(symbol)


def test_the_version_is_the_one_that_is_promised() -> None:
    assert ccxt.__version__ == "4.5.78"


# -- public -----------------------------------------------------------------------------------------


def test_markets_and_currencies(venue: Hosted) -> None:
    exchange = client(venue.url)
    markets = exchange.load_markets()
    assert sorted(markets) == [BTC, "ETH/BTC", "ETH/USDT"]
    market = markets[BTC]
    assert (market["active"], market["spot"], market["margin"]) == (True, True, False)
    assert market["precision"] == {"amount": 1e-8, "price": 0.01}
    assert market["limits"]["amount"]["min"] == 0.00005
    assert (market["maker"], market["taker"]) == (0.002, 0.002)
    assert set(exchange.currencies) >= {"BTC", "ETH", "USDT"}


def test_status_and_time(venue: Hosted) -> None:
    exchange = client(venue.url)
    assert abs(exchange.fetch_time() - exchange.milliseconds()) < 5_000


def test_prices(venue: Hosted) -> None:
    exchange = client(venue.url)
    ticker = exchange.fetch_ticker("ETH/USDT")
    assert (ticker["last"], ticker["baseVolume"], ticker["quoteVolume"]) == (3000.0, 1.0, 3000.0)
    tickers = exchange.fetch_tickers()
    assert set(tickers) == {BTC, "ETH/BTC", "ETH/USDT"}
    assert set(exchange.fetch_tickers([BTC])) == {BTC}


def test_the_order_book(venue: Hosted) -> None:
    book = client(venue.url).fetch_order_book(BTC, 5)
    assert book["asks"][0] == [60000.0, 1.0]
    assert book["bids"][0] == [59990.0, 1.0]
    assert (len(book["asks"]), len(book["bids"])) == (5, 5)
    assert book["timestamp"] > 0


def test_trades_and_candles(venue: Hosted) -> None:
    exchange = client(venue.url)
    (trade,) = exchange.fetch_trades("ETH/USDT")
    assert (trade["price"], trade["amount"], trade["side"]) == (3000.0, 1.0, "buy")
    for timeframe in exchange.timeframes:
        candles = exchange.fetch_ohlcv("ETH/USDT", timeframe)
        assert candles[-1][1:5] == [3000.0] * 4 or candles[0][1:5] == [3000.0] * 4
    # With the documented meaning of `volume`, ccxt's column is in quote (spot.md §5 `kline`).
    assert max(candle[5] for candle in exchange.fetch_ohlcv("ETH/USDT", "1d")) == 3000.0


def test_trading_fees(venue: Hosted) -> None:
    exchange = client(venue.url)
    fee = exchange.fetch_trading_fee(BTC)
    assert (fee["maker"], fee["taker"]) == (0.002, 0.002)
    assert set(exchange.fetch_trading_fees()) >= {BTC, "ETH/USDT"}


# -- trading ----------------------------------------------------------------------------------------


def test_balance(trader: Any) -> None:
    order = trader.create_order(BTC, "limit", "buy", 0.5, 50_000)
    balance = trader.fetch_balance()
    assert balance["USDT"]["used"] == 25_000
    trader.cancel_order(order["id"], BTC)
    balance = trader.fetch_balance()
    assert balance["USDT"]["used"] == 0
    assert balance["ETH"]["free"] == 100


def test_a_limit_order_through_its_life(trader: Any) -> None:
    placed = trader.create_order(BTC, "limit", "buy", 0.01, 50_000)
    assert (placed["amount"], placed["filled"], placed["price"]) == (0.01, 0.0, 50_000.0)
    found = trader.fetch_order(placed["id"], BTC)
    assert (found["status"], found["clientOrderId"]) == ("open", placed["clientOrderId"])
    assert [order["id"] for order in trader.fetch_open_orders(BTC)] == [placed["id"]]
    edited = trader.edit_order(placed["id"], BTC, "limit", "buy", 0.02, 51_000)
    assert (edited["id"], edited["amount"], edited["price"]) == (placed["id"], 0.02, 51_000.0)
    cancelled = trader.cancel_order(placed["id"], BTC)
    assert cancelled["id"] == placed["id"]
    assert trader.fetch_open_orders(BTC) == []
    with pytest.raises(ccxt.OrderNotFound):
        trader.fetch_order(placed["id"], BTC)


def test_orders_that_are_filled(trader: Any) -> None:
    started = trader.milliseconds() - 1
    bought = trader.create_order(BTC, "limit", "buy", 0.01, 60_000)
    assert (bought["filled"], bought["remaining"], bought["cost"]) == (0.01, 0.0, 600.0)
    sold = trader.create_order(BTC, "market", "sell", 0.01)
    assert (sold["filled"], sold["average"]) == (0.01, 59_990.0)
    # ccxt knows no unified word for this status and hands it through (spot.md §3.2).
    assert trader.fetch_order(bought["id"], BTC)["status"] == "filled"
    closed = {order["id"] for order in trader.fetch_closed_orders(BTC)}
    assert closed >= {bought["id"], sold["id"]}
    trades = trader.fetch_my_trades(BTC, since=started)
    fees = {trade["order"]: trade["fee"] for trade in trades}
    assert fees[bought["id"]] == {"currency": "BTC", "cost": 0.00002}
    assert fees[sold["id"]] == {"currency": "USDT", "cost": 1.1998}
    assert {trade["takerOrMaker"] for trade in trades} == {"taker"}


def test_a_market_buy_by_cost(trader: Any) -> None:
    for order in (
        trader.create_market_buy_order_with_cost(BTC, 600),
        trader.create_order(BTC, "market", "buy", 0.01, 60_000),
        trader.create_order(BTC, "market", "buy", 600, None, {"createMarketBuyOrderRequiresPrice": False}),
    ):
        assert (order["filled"], order["cost"]) == (0.01, 600.0)
        trader.create_order(BTC, "market", "sell", 0.01)


def test_post_only(trader: Any) -> None:
    resting = trader.create_order(BTC, "limit", "buy", 0.01, 50_000, {"postOnly": True})
    assert resting["filled"] == 0.0
    with pytest.raises(ccxt.InvalidOrder):
        trader.create_order(BTC, "limit", "buy", 0.01, 60_000, {"postOnly": True})


def test_immediate_or_cancel_and_fill_or_kill(trader: Any) -> None:
    missed = trader.create_order(BTC, "limit", "buy", 0.01, 50_000, {"timeInForce": "IOC"})
    assert (missed["filled"], missed["remaining"]) == (0.0, 0.01)
    taken = trader.create_order(BTC, "limit", "buy", 0.01, 60_000, {"timeInForce": "FOK"})
    assert taken["filled"] == 0.01
    trader.create_order(BTC, "market", "sell", 0.01)
    with pytest.raises(ccxt.InvalidOrder):
        trader.create_order(BTC, "limit", "buy", 3, 60_000, {"timeInForce": "FOK"})
    assert trader.fetch_open_orders(BTC) == []


def test_triggers(trader: Any) -> None:
    trigger = {"trigger": True}
    ids = [
        trader.create_order(BTC, "limit", "sell", 0.01, 54_000, {"triggerPrice": 55_000})["id"],
        trader.create_order(BTC, "market", "sell", 0.01, None, {"triggerPrice": 55_000})["id"],
        trader.create_order(BTC, "limit", "buy", 0.01, 71_000, {"triggerPrice": 70_000})["id"],
    ]
    waiting = trader.fetch_open_orders(BTC, params=trigger)
    assert sorted(order["id"] for order in waiting) == sorted(ids)
    assert {order["triggerPrice"] for order in waiting} == {55_000.0, 70_000.0}
    edited = trader.edit_order(ids[0], BTC, "limit", "sell", 0.02, 53_000, {"triggerPrice": 54_000})
    cancelled = trader.cancel_order(edited["id"], BTC, trigger)
    assert (cancelled["id"], cancelled["amount"]) == (edited["id"], 0.02)
    assert len(trader.cancel_orders(ids[1:], BTC, trigger)) == 2
    assert trader.fetch_open_orders(BTC, params=trigger) == []


def test_a_trigger_that_fires(trader: Any) -> None:
    trader.create_order(BTC, "market", "buy", 600, None, {"createMarketBuyOrderRequiresPrice": False})
    trigger = {"triggerPrice": 59_995, "clientOrderId": "stop-loss"}
    trader.create_order(BTC, "limit", "sell", 0.01, 59_000, trigger)
    trader.create_order(BTC, "market", "sell", 0.001)
    fired = trader.fetch_closed_orders(BTC, params={"trigger": True})
    assert "stop-loss" in {order["clientOrderId"] for order in fired}
    assert "stop-loss" in {order["clientOrderId"] for order in trader.fetch_closed_orders(BTC)}


def test_several_orders_at_once(trader: Any) -> None:
    wanted = [
        {"symbol": BTC, "type": "limit", "side": "buy", "amount": 0.01, "price": price}
        for price in (50_000, 51_000)
    ]
    placed = trader.create_orders(wanted)
    assert [order["price"] for order in placed] == [50_000.0, 51_000.0]
    ids = [order["id"] for order in placed]
    changes = [{"id": ids[0], "symbol": BTC, "type": "limit", "side": "buy", "amount": 0.02, "price": 49_000}]
    assert [order["amount"] for order in trader.edit_orders(changes)] == [0.02]
    assert [order["id"] for order in trader.cancel_orders(ids, BTC)] == ids


def test_cancelling_by_client_id_and_all(trader: Any) -> None:
    trader.create_order(BTC, "limit", "buy", 0.01, 50_000, {"clientOrderId": "mine"})
    assert trader.cancel_order("", BTC, {"clientOrderId": "mine"})["clientOrderId"] == "mine"
    for price in (50_000, 51_000):
        trader.create_order(BTC, "limit", "buy", 0.01, price)
    trader.cancel_all_orders(BTC)
    assert trader.fetch_open_orders() == []


# -- what goes wrong --------------------------------------------------------------------------------


def test_keys_that_are_wrong(venue: Hosted) -> None:
    for name, secret in ((venue.trader.key_id, "wrong"), ("0" * 32, venue.trader.secret)):
        exchange = client(venue.url)
        exchange.apiKey, exchange.secret = name, secret
        with pytest.raises(ccxt.AuthenticationError):
            exchange.fetch_balance()


def test_a_key_without_permission(venue: Hosted) -> None:
    reader = client(venue.url, venue.reader)
    assert reader.fetch_balance()["total"] == {}
    with pytest.raises(ccxt.PermissionDenied):
        reader.create_order(BTC, "limit", "buy", 0.01, 50_000)


def test_money_that_is_not_there(venue: Hosted, trader: Any) -> None:
    with pytest.raises(ccxt.InsufficientFunds):
        client(venue.url, venue.poor).create_order(BTC, "limit", "buy", 0.01, 50_000)
    with pytest.raises(ccxt.InsufficientFunds):
        trader.create_order(BTC, "limit", "sell", 1_000, 70_000)


def test_orders_that_are_invalid(trader: Any) -> None:
    with pytest.raises(ccxt.InvalidOrder):
        trader.create_order(BTC, "limit", "buy", 0.00001, 50_000)
    with pytest.raises(ccxt.InvalidOrder):
        trader.create_order("ETH/BTC", "market", "sell", 1)
    for wrong in ((-1, 50_000), (0.01, -50_000)):
        with pytest.raises(ccxt.ExchangeError):
            trader.create_order(BTC, "limit", "buy", *wrong)


def test_orders_that_are_not_there(trader: Any) -> None:
    for ask in (trader.cancel_order, trader.fetch_order):
        with pytest.raises(ccxt.OrderNotFound):
            ask("999999", BTC)
    with pytest.raises(ccxt.OrderNotFound):
        trader.cancel_order("", BTC, {"clientOrderId": "nobody"})


def test_symbols_that_are_not_there(venue: Hosted, trader: Any) -> None:
    with pytest.raises(ccxt.BadSymbol):
        trader.fetch_ticker("XYZ/USDT")
    with pytest.raises(ccxt.ExchangeError, match="market XYZUSDT not found"):
        client(venue.url).v2_public_get_spot_ticker({"market": "XYZUSDT"})
