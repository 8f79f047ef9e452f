"""An unmodified asynchronous ccxt: many requests at once over one pool of connections."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import ccxt
import ccxt.async_support
import pytest

from tests.compliance.hosting import Hosted

BTC = "BTC/USDT"


@pytest.fixture
async def trader(venue: Hosted) -> AsyncIterator[Any]:
    exchange = ccxt.async_support.coinex({"apiKey": venue.trader.key_id, "secret": venue.trader.secret})
    exchange.urls["api"] = {"public": venue.url, "private": venue.url}
    try:
        yield exchange
    finally:
        await exchange.close()


async def test_reading_everything_at_once(trader: Any) -> None:
    await trader.load_markets()
    ticker, tickers, book, trades, candles, balance, fee = await asyncio.gather(
        trader.fetch_ticker("ETH/USDT"),
        trader.fetch_tickers(),
        trader.fetch_order_book(BTC),
        trader.fetch_trades("ETH/USDT"),
        trader.fetch_ohlcv("ETH/USDT", "1h"),
        trader.fetch_balance(),
        trader.fetch_trading_fee(BTC),
    )
    assert ticker["last"] == tickers["ETH/USDT"]["last"] == trades[0]["price"] == candles[-1][4] == 3000.0
    assert len(book["asks"]) == len(book["bids"]) == 5
    assert balance["USDT"]["total"] == 1_000_000
    assert fee["taker"] == 0.002


async def test_orders_placed_and_cancelled_at_once(trader: Any) -> None:
    prices = [50_000 + number for number in range(20)]
    placed = await asyncio.gather(
        *(trader.create_order(BTC, "limit", "buy", 0.001, price) for price in prices)
    )
    assert sorted(order["price"] for order in placed) == prices
    open_orders = await trader.fetch_open_orders(BTC, limit=100)
    assert {order["id"] for order in open_orders} == {order["id"] for order in placed}
    await asyncio.gather(*(trader.cancel_order(order["id"], BTC) for order in placed))
    assert await trader.fetch_open_orders(BTC) == []
    assert (await trader.fetch_balance())["USDT"]["used"] == 0


async def test_life_of_an_order(trader: Any) -> None:
    order = await trader.create_order(BTC, "limit", "buy", 0.01, 50_000)
    edited = await trader.edit_order(order["id"], BTC, "limit", "buy", 0.02, 51_000)
    assert (edited["id"], edited["amount"]) == (order["id"], 0.02)
    assert (await trader.fetch_order(order["id"], BTC))["status"] == "open"
    filled = await trader.create_order(BTC, "market", "buy", 0.01, 60_000)
    await trader.create_order(BTC, "market", "sell", 0.01)
    assert filled["id"] in {each["id"] for each in await trader.fetch_closed_orders(BTC)}
    assert filled["id"] in {each["order"] for each in await trader.fetch_my_trades(BTC)}
    await trader.cancel_all_orders(BTC)
    assert await trader.fetch_open_orders(BTC) == []


async def test_refusals(trader: Any) -> None:
    with pytest.raises(ccxt.InsufficientFunds):
        await trader.create_order(BTC, "limit", "sell", 1_000, 70_000)
    with pytest.raises(ccxt.OrderNotFound):
        await trader.cancel_order("999999", BTC)
    trader.secret = "wrong"
    with pytest.raises(ccxt.AuthenticationError):
        await trader.fetch_balance()
    trader.secret = ""
    with pytest.raises(ccxt.AuthenticationError):
        await trader.fetch_balance()


async def test_limits_are_felt_when_the_client_does_not_hold_back(venue: Hosted) -> None:
    exchange = ccxt.async_support.coinex({"apiKey": venue.poor.key_id, "secret": venue.poor.secret})
    exchange.urls["api"] = {"public": venue.url, "private": venue.url}
    exchange.enableRateLimit = False
    try:
        await exchange.load_markets()
        calls = (exchange.fetch_balance() for _ in range(30))
        results = await asyncio.gather(*calls, return_exceptions=True)
        assert any(isinstance(result, ccxt.RateLimitExceeded) for result in results)
    finally:
        await exchange.close()
