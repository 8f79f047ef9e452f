"""A venue served on a free port of this machine, by a thread of its own, for clients of any kind."""

import asyncio
import contextlib
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

import uvloop

from openbourse.accounts.records import KeyRecord
from openbourse.core.commands import MarketSpec, OrderRequest
from openbourse.core.units import MONEY_UNIT, UNIT
from openbourse.venue.operations import Operations
from openbourse.venue.options import VenueOptions
from openbourse.venue.trading import Trading
from openbourse.venue.venue import Venue
from openbourse.wire.application import application
from openbourse.wire.http.server import HttpServer

RATE = UNIT // 500
MARKETS = [
    MarketSpec("BTCUSDT", "BTC", "USDT", 8, 2, UNIT // 20_000, RATE, RATE),
    MarketSpec("ETHUSDT", "ETH", "USDT", 8, 2, UNIT // 2_000, RATE, RATE),
    MarketSpec("ETHBTC", "ETH", "BTC", 8, 6, UNIT // 2_000, RATE, RATE),
]
FUNDS = {"BTC": 10, "ETH": 100, "USDT": 1_000_000}

# What the house offers on BTCUSDT: enough levels and money for every test.
ASKS = [60_000 + 10 * step for step in range(5)]
BIDS = [59_990 - 10 * step for step in range(5)]


@dataclass(frozen=True)
class Hosted:
    """Where the venue is, and the keys of its users."""

    url: str
    trader: KeyRecord
    poor: KeyRecord
    reader: KeyRecord


@contextlib.contextmanager
def hosted() -> Iterator[Hosted]:
    """Serve until the block ends; limits are on, as they are for everybody."""
    ready: Future[tuple[Hosted, asyncio.AbstractEventLoop, asyncio.Event]] = Future()
    thread = threading.Thread(target=_serve, args=(ready,), name="venue")
    thread.start()
    venue, loop, stop = ready.result(timeout=30)
    try:
        yield venue
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()


def _serve(ready: "Future[tuple[Hosted, asyncio.AbstractEventLoop, asyncio.Event]]") -> None:
    try:
        with tempfile.TemporaryDirectory() as folder:
            uvloop.run(_run(Path(folder) / "data", ready))
    except BaseException as error:
        if ready.done():
            raise
        ready.set_exception(error)


async def _run(
    directory: Path, ready: "Future[tuple[Hosted, asyncio.AbstractEventLoop, asyncio.Event]]"
) -> None:
    venue = Venue.open(VenueOptions(directory, mode="sandbox"))
    await venue.start()
    try:
        keys = await _populate(venue)
        async with HttpServer(application(venue)) as server:
            stop = asyncio.Event()
            ready.set_result((Hosted(server.url, *keys), asyncio.get_running_loop(), stop))
            await stop.wait()
    finally:
        await venue.stop()


async def _populate(venue: Venue) -> tuple[KeyRecord, KeyRecord, KeyRecord]:
    """Markets, users, an order book that the house owns, and a first trade."""
    operations = Operations(venue)
    for market in MARKETS:
        await operations.add_market(market)
    users = [await operations.add_user(name) for name in ("house", "trader", "poor", "reader")]
    for user in users[:2]:
        for asset, amount in FUNDS.items():
            await operations.deposit(user, asset, amount * MONEY_UNIT)
    house = users[0].id
    trading = Trading(venue)

    async def place(market: str, side: str, price: int) -> None:
        request = OrderRequest(
            house,
            "spot",
            market,
            "buy" if side == "buy" else "sell",
            "limit",
            UNIT,
            price * UNIT,
        )
        await trading.place(request)

    for price in ASKS:
        await place("BTCUSDT", "sell", price)
    for price in BIDS:
        await place("BTCUSDT", "buy", price)
    await place("ETHUSDT", "sell", 3000)
    await place("ETHUSDT", "buy", 3000)
    trader, poor = (operations.add_key(user, "coinex") for user in users[1:3])
    return trader, poor, operations.add_key(users[3], "coinex", trade_allowed=False)
