"""An unmodified ccxt.pro watches a venue that runs as a process of its own, while others trade there.

Only addresses and keys are set. What it saw is compared with what the same library fetches over HTTP.
"""

import asyncio
import contextlib
import functools
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
from tests.compliance.watching import Answers, Watching, same_as_fetched
from tests.waiting import SECONDS, until

BTC, ETH = "BTC/USDT", "ETH/USDT"
USERS = ("watcher", "maker", "taker", "seller")


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
    keys = asyncio.run(furnish(directory))
    with started("serve", "--data-dir", directory) as server:
        served = Served(server, directory, keys)
        yield served
        assert served.server.stop() == 0


async def furnish(directory: Path) -> dict[str, KeyRecord]:
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
    async with pro_clients(served) as make:
        yield make


@contextlib.asynccontextmanager
async def pro_clients(served: Served) -> AsyncIterator[Make]:
    """Makes ccxt.pro clients of a user, and closes them."""
    made: list[Any] = []

    def make(user: str) -> Any:
        key = served.keys[user]
        exchange = ccxt.pro.coinex({"apiKey": key.key_id, "secret": key.secret, "timeout": SECONDS * 1000})
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


async def every(watch: Callable[[], Awaitable[Any]], done: Callable[[Any], bool]) -> list[Any]:
    """Everything that `watch` gave until `done` said so of one."""
    found: list[Any] = []
    async with asyncio.timeout(SECONDS):
        while not found or not done(found[-1]):
            found.append(await watch())
    return found


async def test_watch_ticker(pro: Make, traffic: Traffic) -> None:
    exchange = pro("watcher")
    seen = await every(lambda: exchange.watch_ticker(BTC), lambda ticker: bool(ticker["last"]))
    for _ in range(5):
        seen.append(await asyncio.wait_for(exchange.watch_ticker(BTC), SECONDS))
    assert all(ticker["symbol"] == BTC for ticker in seen)
    await traffic.stop()

    def of(ticker: dict[str, Any]) -> list[Any]:
        fields = ("symbol", "last", "open", "close", "high", "low", "baseVolume", "quoteVolume")
        return [ticker[field] for field in fields]

    async def fetched() -> list[Any]:
        return of(await exchange.fetch_ticker(BTC))

    await same_as_fetched(lambda: of(exchange.tickers[BTC]), fetched)


async def test_watch_tickers(pro: Make, traffic: Traffic) -> None:
    some, everything = pro("watcher"), pro("watcher")
    for exchange, symbols in ((some, [BTC, ETH]), (everything, None)):
        seen: set[str] = set()
        watch = functools.partial(exchange.watch_tickers, symbols)
        for tickers in await every(watch, lambda tickers: ETH in tickers):
            seen |= set(tickers)
        assert seen <= {BTC, ETH}


async def test_watch_bids_asks(pro: Make, traffic: Traffic) -> None:
    exchange = pro("watcher")
    await _both(lambda: exchange.watch_bids_asks([BTC, ETH]), lambda ticker: [ticker["symbol"]])
    await traffic.stop()

    def watched() -> list[Any]:
        best = exchange.bidsasks[BTC]
        return [best[field] for field in ("bid", "bidVolume", "ask", "askVolume")]

    async def fetched() -> list[Any]:
        book = await exchange.fetch_order_book(BTC)
        return [value for side in ("bids", "asks") for value in (book[side] or [[None, 0.0]])[0]]

    await same_as_fetched(watched, fetched)


async def _both(watch: Callable[[], Awaitable[Any]], symbols: Callable[[Any], list[str]]) -> None:
    """Watch until both markets were seen, and no others."""
    seen: set[str] = set()

    def done(each: Any) -> bool:
        seen.update(symbols(each))
        return seen >= {BTC, ETH}

    await every(watch, done)
    assert seen == {BTC, ETH}


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
    await _both(
        lambda: exchange.watch_order_book_for_symbols([BTC, ETH]),
        lambda book: [book["symbol"]],
    )
    await traffic.stop()
    for symbol in (BTC, ETH):
        await _same_book(exchange, symbol, 50)


async def _same_book(exchange: Any, symbol: str, limit: int) -> None:
    def levels(book: Any) -> list[Any]:
        return [[level[:2] for level in book[side]] for side in ("bids", "asks")]

    async def fetched() -> list[Any]:
        return levels(await exchange.fetch_order_book(symbol, limit))

    await same_as_fetched(lambda: levels(exchange.orderbooks[symbol]), fetched)


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

    def seen() -> list[int]:
        return sorted(int(trade["id"]) for trade in exchange.trades[BTC])

    async def fetched() -> list[int]:
        trades = await exchange.fetch_trades(BTC, limit=1000)
        return sorted(int(trade["id"]) for trade in trades)[-len(seen()) :]

    await same_as_fetched(seen, fetched)
    assert len(seen()) == len(set(seen())) >= 10


async def test_watch_trades_for_symbols(pro: Make, traffic: Traffic) -> None:
    exchange = pro("watcher")
    await _both(
        lambda: exchange.watch_trades_for_symbols([BTC, ETH]),
        lambda trades: [trade["symbol"] for trade in trades],
    )


async def test_watch_orders(pro: Make, traffic: Traffic) -> None:
    """One step at a time: of an order that changed again meanwhile, ccxt gives only its latest state."""
    exchange = pro("watcher")

    async with Watching(exchange, "order.subscribe", lambda: exchange.watch_orders(BTC)) as watching:

        def of(order: dict[str, Any]) -> list[tuple[str, float]]:
            return [(each["status"], each["price"]) for each in watching.found if each["id"] == order["id"]]

        resting = await exchange.create_order(BTC, "limit", "buy", 0.5, 90)
        await watching.until(lambda: of(resting) == [("open", 90.0)])
        edited = await exchange.edit_order(resting["id"], BTC, "limit", "buy", 0.6, 91)
        assert edited["id"] == resting["id"]
        await watching.until(lambda: of(resting)[1:] == [("open", 91.0)])
        await exchange.cancel_order(resting["id"], BTC)
        await watching.until(lambda: of(resting)[2:] == [("closed", 91.0)])
        taken = await exchange.create_order(BTC, "limit", "buy", 0.01, 110)
        await traffic.stop()

        def last() -> list[Any]:
            (*_, order) = [each for each in watching.found if each["id"] == taken["id"]]
            return told(order)

        def told(order: dict[str, Any]) -> list[Any]:
            fields = (
                "id",
                "symbol",
                "side",
                "type",
                "price",
                "amount",
                "filled",
                "remaining",
                "clientOrderId",
            )
            return [order[field] for field in fields]

        async def fetched() -> list[Any]:
            return told(await exchange.fetch_order(taken["id"], BTC))

        await watching.until(lambda: bool(of(taken)))
        await same_as_fetched(last, fetched)
    await exchange.cancel_all_orders(BTC)


async def test_watch_stop_orders(pro: Make, traffic: Traffic) -> None:
    exchange = pro("watcher")
    watch = functools.partial(exchange.watch_orders, BTC, None, None, {"trigger": True})
    async with Watching(exchange, "stop.subscribe", watch) as watching:
        stop = await exchange.create_order(BTC, "limit", "buy", 0.1, 500, {"triggerPrice": 400})
        await watching.until(lambda: bool(watching.found))
        await exchange.cancel_order(stop["id"], BTC, {"trigger": True})
        await watching.until(lambda: len(watching.found) > 1)
    assert [(order["id"], order["status"]) for order in watching.found] == [
        (stop["id"], "open"),
        (stop["id"], "canceled"),
    ]
    assert watching.found[0]["triggerPrice"] == 400.0


async def test_watch_my_trades(pro: Make, traffic: Traffic) -> None:
    exchange, seller = pro("watcher"), pro("seller")
    await seller.create_order(BTC, "limit", "sell", 0.25, 110)
    async with Watching(exchange, "user_deals.subscribe", lambda: exchange.watch_my_trades(BTC)) as watching:
        placed = [(await exchange.create_order(BTC, "limit", "buy", 0.05, 110))["id"] for _ in range(5)]
        await traffic.stop()
        trades = await exchange.fetch_my_trades(BTC, limit=1000)
        fetched = {trade["id"]: trade for trade in trades if trade["order"] in placed}
        assert {trade["order"] for trade in fetched.values()} == set(placed)
        await watching.until(lambda: set(fetched) <= {trade["id"] for trade in watching.found})
    seen = {trade["id"]: trade for trade in watching.found}
    for key, trade in fetched.items():
        for field in ("symbol", "side", "price", "amount", "takerOrMaker", "order", "fee", "timestamp"):
            assert seen[key][field] == trade[field], field
    await seller.cancel_all_orders(BTC)


async def test_watch_balance(pro: Make, traffic: Traffic) -> None:
    exchange, seller = pro("watcher"), pro("seller")
    await seller.create_order(BTC, "limit", "sell", 0.3, 110)
    async with Watching(exchange, "balance.subscribe", exchange.watch_balance) as watching:
        await exchange.create_order(BTC, "limit", "buy", 0.3, 110)
        await exchange.create_order(BTC, "limit", "buy", 0.5, 90)
        await traffic.stop()
        await watching.until(lambda: {"BTC", "USDT"} <= set(exchange.balance["spot"]))

        async def fetched() -> list[Any]:
            balance = await exchange.fetch_balance()
            return [balance["BTC"], balance["USDT"]]

        await same_as_fetched(lambda: [exchange.balance["spot"][asset] for asset in ("BTC", "USDT")], fetched)
    await exchange.cancel_all_orders(BTC)
    await seller.cancel_all_orders(BTC)


async def test_watch_the_balance_for_swaps(pro: Make) -> None:
    exchange = pro("watcher")
    watched = functools.partial(exchange.watch_balance, {"type": "swap"})
    async with Watching(exchange, "balance.subscribe", watched) as watching:
        await exchange.transfer("USDT", 50, "spot", "swap")
        await watching.until(lambda: "USDT" in exchange.balance.get("swap", {}))
        assert exchange.balance["swap"]["USDT"] == {"free": 50, "used": 0, "total": 50}
    await exchange.transfer("USDT", 50, "swap", "spot")


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
    answers = Answers(exchange)
    watching = asyncio.create_task(exchange.watch_balance())
    await until(lambda: watching.done() or bool(answers.to("server.sign")))
    assert answers.to("server.sign") == [21002]
    assert answers.to("balance.subscribe") == []
    watching.cancel()
    await asyncio.wait([watching])


async def test_a_restart_is_a_network_error_and_then_all_goes_on(served: Served, pro: Make) -> None:
    exchange = pro("watcher")
    port = urlparse(served.url).port
    with pytest.raises(ccxt.NetworkError):
        async with Watching(exchange, "order.subscribe", lambda: exchange.watch_orders(BTC)) as watching:
            await asyncio.wait_for(exchange.watch_order_book(BTC), SECONDS)
            assert await asyncio.to_thread(served.server.stop) == 0
            await watching.until(lambda: False)
    arguments = ("serve", "--data-dir", served.directory, "--port", str(port))
    served.server = await asyncio.to_thread(Server, *arguments)
    async with Watching(exchange, "order.subscribe", lambda: exchange.watch_orders(BTC)) as watching:
        await asyncio.wait_for(exchange.watch_order_book(BTC), SECONDS)
        order = await exchange.create_order(BTC, "limit", "buy", 0.1, 50)
        await exchange.cancel_order(order["id"], BTC)
        await watching.until(lambda: order["id"] in [each["id"] for each in watching.found])
