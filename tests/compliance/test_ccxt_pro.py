"""An unmodified ccxt.pro watches a venue that runs as a process of its own, while others trade there.

Only addresses and keys are set. What it saw is compared with what the same library fetches over HTTP.
"""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import ccxt
import ccxt.async_support
import ccxt.pro
import pytest

from openbourse.accounts.records import KeyRecord
from openbourse.core.commands import MarketSpec
from openbourse.core.units import MONEY_UNIT, UNIT
from openbourse.venue.operations import Operations
from openbourse.venue.options import VenueOptions
from openbourse.venue.venue import Venue
from tests.cli.processes import Server, started

BTC, ETH = "BTC/USDT", "ETH/USDT"
SECONDS = 20.0
USERS = ("watcher", "maker", "taker")


@dataclass
class Served:
    """A venue behind `openbourse serve`, and one key for each of its users."""

    server: Server
    directory: Path
    keys: dict[str, KeyRecord]

    @property
    def url(self) -> str:
        return self.server.url


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    directory = tmp_path_factory.mktemp("served") / "data"
    keys = asyncio.run(_furnish(directory))
    with started("serve", "--data-dir", directory) as server:
        served = Served(server, directory, keys)
        yield served
        assert served.server.stop() == 0


async def _furnish(directory: Path) -> dict[str, KeyRecord]:
    venue = Venue.open(VenueOptions(directory, mode="production"))
    await venue.start()
    operations = Operations(venue)
    for base in ("BTC", "ETH"):
        spec = MarketSpec(f"{base}USDT", base, "USDT", 8, 2, UNIT // 10**4, UNIT // 500, UNIT // 500)
        await operations.add_market(spec)
    keys = {}
    for name in USERS:
        user = await operations.add_user(name)
        for asset in ("BTC", "ETH", "USDT"):
            await operations.deposit(user, asset, 10**6 * MONEY_UNIT)
        keys[name] = operations.add_key(user, "coinex")
    await venue.stop()
    return keys


Make = Callable[[str], Any]


@pytest.fixture
async def pro(served: Served) -> AsyncIterator[Make]:
    """Makes ccxt.pro clients of a user."""
    made: list[Any] = []

    def make(user: str) -> Any:
        exchange = ccxt.pro.coinex({"apiKey": served.keys[user].key_id, "secret": served.keys[user].secret})
        sockets = served.url.replace("http", "ws", 1)
        exchange.urls["api"] = {
            "public": served.url,
            "private": served.url,
            "ws": {"spot": f"{sockets}/v2/spot/", "swap": f"{sockets}/v2/futures/"},
        }
        made.append(exchange)
        return exchange

    yield make
    await asyncio.gather(*(exchange.close() for exchange in made))


@pytest.fixture
async def traffic(pro: Make) -> AsyncIterator["Traffic"]:
    traffic = Traffic(pro("maker"), pro("taker"))
    task = asyncio.create_task(traffic.run())
    yield traffic
    await traffic.stop()
    await task


class Traffic:
    """Two accounts trading with each other on both markets until told to stop."""

    def __init__(self, maker: Any, taker: Any) -> None:
        self.maker, self.taker = maker, taker
        self._stopping = False
        self._stopped = asyncio.Event()

    async def run(self) -> None:
        chance = random.Random(3)
        try:
            while not self._stopping:
                symbol = chance.choice((BTC, ETH))
                price = 100 + chance.randrange(-20, 20) / 100
                side, other = chance.choice((("buy", "sell"), ("sell", "buy")))
                await self.maker.create_order(symbol, "limit", side, 0.01 * chance.randrange(1, 9), price)
                if chance.random() < 0.6:
                    await self.taker.create_order(
                        symbol, "limit", other, 0.01 * chance.randrange(1, 9), price
                    )
                if chance.random() < 0.05:
                    await self.maker.cancel_all_orders(symbol)
                await asyncio.sleep(0.03)
        finally:
            self._stopped.set()

    async def stop(self) -> None:
        """Let the last orders be answered; nothing happens on the venue after it."""
        self._stopping = True
        await self._stopped.wait()


async def until(watch: Callable[[], Awaitable[Any]], done: Callable[[Any], bool]) -> list[Any]:
    """Everything that `watch` gave until `done` said so of one."""
    found: list[Any] = []
    async with asyncio.timeout(SECONDS):
        while not found or not done(found[-1]):
            found.append(await watch())
    return found


async def test_watch_ticker(pro: Make, traffic: Traffic) -> None:
    exchange = pro("watcher")
    seen = await until(lambda: exchange.watch_ticker(BTC), lambda ticker: bool(ticker["last"]))
    for _ in range(5):
        seen.append(await asyncio.wait_for(exchange.watch_ticker(BTC), SECONDS))
    await traffic.stop()
    fetched = await exchange.fetch_ticker(BTC)
    last = exchange.tickers[BTC]
    if last["baseVolume"] != fetched["baseVolume"]:
        (*_, last) = await until(
            lambda: exchange.watch_ticker(BTC),
            lambda ticker: bool(ticker["baseVolume"] == fetched["baseVolume"]),
        )
    for field in ("symbol", "last", "open", "close", "high", "low", "baseVolume", "quoteVolume"):
        assert last[field] == fetched[field], field
    assert all(ticker["symbol"] == BTC for ticker in seen)


async def test_watch_tickers(pro: Make, traffic: Traffic) -> None:
    some, everything = pro("watcher"), pro("watcher")
    for exchange, symbols in ((some, [BTC, ETH]), (everything, None)):
        seen: set[str] = set()
        for tickers in await until(lambda: exchange.watch_tickers(symbols), lambda tickers: ETH in tickers):  # noqa: B023
            seen |= set(tickers)
        assert seen <= {BTC, ETH}


async def test_watch_bids_asks(pro: Make, traffic: Traffic) -> None:
    exchange = pro("watcher")
    seen = [await asyncio.wait_for(exchange.watch_bids_asks([BTC, ETH]), SECONDS) for _ in range(20)]
    assert {ticker["symbol"] for ticker in seen} == {BTC, ETH}
    await traffic.stop()
    book = await exchange.fetch_order_book(BTC)
    await asyncio.sleep(0.3)
    best = exchange.bidsasks[BTC]
    assert [best["bid"], best["bidVolume"]] == (book["bids"][0] if book["bids"] else [None, 0.0])
    assert [best["ask"], best["askVolume"]] == (book["asks"][0] if book["asks"] else [None, 0.0])


@pytest.mark.parametrize("limit", [5, 10, 20, 50])
async def test_watch_order_book(pro: Make, traffic: Traffic, limit: int) -> None:
    exchange = pro("watcher")
    for _ in range(5):
        book = await asyncio.wait_for(exchange.watch_order_book(BTC, limit), SECONDS)
        assert len(book["bids"]) <= limit
        assert book["bids"] == sorted(book["bids"], reverse=True)
        assert book["asks"] == sorted(book["asks"])
        if book["bids"] and book["asks"]:
            assert book["bids"][0][0] < book["asks"][0][0]
    await traffic.stop()
    await _same_book(exchange, BTC, limit)


async def test_watch_order_book_for_symbols(pro: Make, traffic: Traffic) -> None:
    exchange = pro("watcher")
    seen = [
        (await asyncio.wait_for(exchange.watch_order_book_for_symbols([BTC, ETH]), SECONDS))["symbol"]
        for _ in range(20)
    ]
    assert set(seen) == {BTC, ETH}
    await traffic.stop()
    for symbol in (BTC, ETH):
        await _same_book(exchange, symbol, 50)


async def _same_book(exchange: Any, symbol: str, limit: int) -> None:
    await asyncio.sleep(0.5)
    book, fetched = exchange.orderbooks[symbol], await exchange.fetch_order_book(symbol, limit)
    for side in ("bids", "asks"):
        assert [level[:2] for level in book[side]] == [level[:2] for level in fetched[side]]


async def test_watch_order_book_by_increments(pro: Make, traffic: Traffic) -> None:
    """ccxt asks for full books; given the parameter of the protocol it takes increments as well."""
    exchange = pro("watcher")
    await exchange.load_markets()
    original = exchange.watch_multiple

    async def watch_multiple(url: str, hashes: Any, message: Any, *more: Any) -> Any:
        for entry in message["params"]["market_list"]:
            entry[3] = False
        return await original(url, hashes, message, *more)

    exchange.watch_multiple = watch_multiple
    for _ in range(15):
        await asyncio.wait_for(exchange.watch_order_book(BTC, 10), SECONDS)
    await traffic.stop()
    await _same_book(exchange, BTC, 10)


async def test_watch_trades(pro: Make, traffic: Traffic) -> None:
    exchange = pro("watcher")
    for _ in range(10):
        await asyncio.wait_for(exchange.watch_trades(BTC), SECONDS)
    await traffic.stop()
    await asyncio.sleep(0.5)
    seen = sorted(int(trade["id"]) for trade in exchange.trades[BTC])
    fetched = sorted(int(trade["id"]) for trade in await exchange.fetch_trades(BTC, limit=1000))
    assert len(seen) == len(set(seen)) > 10
    assert seen == fetched[-len(seen) :]


async def test_watch_trades_for_symbols(pro: Make, traffic: Traffic) -> None:
    exchange = pro("watcher")
    seen = set()
    for _ in range(10):
        trades = await asyncio.wait_for(exchange.watch_trades_for_symbols([BTC, ETH]), SECONDS)
        seen |= {trade["symbol"] for trade in trades}
    assert seen == {BTC, ETH}


async def test_watch_orders(pro: Make, traffic: Traffic) -> None:
    exchange = pro("watcher")
    watching = asyncio.create_task(_collect(lambda: exchange.watch_orders(BTC)))
    await asyncio.sleep(0.5)
    resting = await exchange.create_order(BTC, "limit", "buy", 0.5, 90)
    edited = await exchange.edit_order(resting["id"], BTC, "limit", "buy", 0.6, 91)
    await exchange.cancel_order(resting["id"], BTC)
    taken = await exchange.create_order(BTC, "limit", "buy", 0.01, 110)
    await asyncio.sleep(0.5)
    orders = [order for batch in await _stop(watching) for order in batch]
    mine = [order for order in orders if order["id"] == resting["id"]]
    assert [(order["status"], order["price"]) for order in mine] == [
        ("open", 90.0),
        ("open", 91.0),
        ("closed", 91.0),
    ]
    assert edited["id"] == resting["id"]
    last = [order for order in orders if order["id"] == taken["id"]][-1]
    fetched = await exchange.fetch_order(taken["id"], BTC)
    for field in ("id", "symbol", "side", "type", "price", "amount", "filled", "remaining", "clientOrderId"):
        assert last[field] == fetched[field], field
    await exchange.cancel_all_orders(BTC)


async def test_watch_stop_orders(pro: Make, traffic: Traffic) -> None:
    exchange = pro("watcher")
    watching = asyncio.create_task(
        _collect(lambda: exchange.watch_orders(BTC, None, None, {"trigger": True}))
    )
    await asyncio.sleep(0.5)
    stop = await exchange.create_order(BTC, "limit", "buy", 0.1, 500, {"triggerPrice": 400})
    await exchange.cancel_order(stop["id"], BTC, {"trigger": True})
    await asyncio.sleep(0.5)
    orders = [order for batch in await _stop(watching) for order in batch]
    assert [(order["id"], order["status"]) for order in orders] == [
        (stop["id"], "open"),
        (stop["id"], "canceled"),
    ]
    assert orders[0]["triggerPrice"] == 400.0


async def test_watch_my_trades(pro: Make, traffic: Traffic) -> None:
    exchange = pro("watcher")
    watching = asyncio.create_task(_collect(lambda: exchange.watch_my_trades(BTC)))
    await asyncio.sleep(0.5)
    placed = [await exchange.create_order(BTC, "limit", "buy", 0.05, 110) for _ in range(5)]
    await traffic.stop()
    await asyncio.sleep(0.5)
    seen = {trade["id"]: trade for batch in await _stop(watching) for trade in batch}
    fetched = {trade["id"]: trade for trade in await exchange.fetch_my_trades(BTC, limit=1000)}
    mine = {key for key, trade in fetched.items() if trade["order"] in {order["id"] for order in placed}}
    assert mine
    assert mine <= set(seen)
    for key in mine:
        for field in ("symbol", "side", "price", "amount", "takerOrMaker", "order", "fee", "timestamp"):
            assert seen[key][field] == fetched[key][field], field
    await exchange.cancel_all_orders(BTC)


async def test_watch_balance(pro: Make, traffic: Traffic) -> None:
    exchange = pro("watcher")
    watching = asyncio.create_task(_collect(exchange.watch_balance))
    await asyncio.sleep(0.5)
    await exchange.create_order(BTC, "limit", "buy", 0.3, 110)
    await exchange.create_order(BTC, "limit", "buy", 0.5, 90)
    await traffic.stop()
    await asyncio.sleep(0.5)
    assert await _stop(watching)
    fetched = await exchange.fetch_balance()
    for asset in ("BTC", "USDT"):
        assert exchange.balance["spot"][asset] == fetched[asset]
    await exchange.cancel_all_orders(BTC)


async def test_everything_at_once_over_one_client(pro: Make, traffic: Traffic) -> None:
    exchange = pro("watcher")
    async with asyncio.timeout(SECONDS):
        await asyncio.gather(
            *(exchange.watch_trades(symbol) for symbol in (BTC, ETH)),
            *(exchange.watch_order_book(symbol) for symbol in (BTC, ETH)),
            exchange.watch_ticker(BTC),
            exchange.watch_bids_asks([BTC]),
        )


async def test_a_wrong_secret_signs_nobody_in(pro: Make) -> None:
    exchange = pro("watcher")
    exchange.secret = "wrong"
    await exchange.load_markets()
    with pytest.raises((TimeoutError, ccxt.AuthenticationError)):
        await asyncio.wait_for(exchange.watch_balance(), 2)


async def test_a_restart_is_a_network_error_and_then_all_goes_on(served: Served, pro: Make) -> None:
    exchange = pro("watcher")
    await asyncio.wait_for(exchange.watch_order_book(BTC), SECONDS)
    watching = asyncio.create_task(exchange.watch_orders(BTC))
    await asyncio.sleep(0.5)
    port = urlparse(served.url).port
    assert await asyncio.to_thread(served.server.stop) == 0
    with pytest.raises(ccxt.NetworkError):
        await asyncio.wait_for(watching, SECONDS)
    arguments = ("serve", "--data-dir", served.directory, "--port", str(port))
    served.server = await asyncio.to_thread(Server, *arguments)
    watching = asyncio.create_task(_collect(lambda: exchange.watch_orders(BTC)))
    await asyncio.wait_for(exchange.watch_order_book(BTC), SECONDS)
    order = await exchange.create_order(BTC, "limit", "buy", 0.1, 50)
    await exchange.cancel_order(order["id"], BTC)
    await asyncio.sleep(0.5)
    seen = [each["id"] for batch in await _stop(watching) for each in batch]
    assert order["id"] in seen


async def _collect(watch: Callable[[], Awaitable[Any]]) -> list[Any]:
    """All that comes until it is cancelled."""
    found = []
    try:
        while True:
            # ccxt gives out its own growing list, or dictionaries that it goes on to change
            batch = await watch()
            found.append([dict(each) for each in batch] if isinstance(batch, list) else batch)
    except asyncio.CancelledError:
        return found


async def _stop(watching: "asyncio.Task[list[Any]]") -> list[Any]:
    watching.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        return await watching
    raise AssertionError("the task was cancelled before it began")
