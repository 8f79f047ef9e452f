"""A venue served on a free port of this machine, by a thread of its own, for clients of any kind."""

import asyncio
import contextlib
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import uvloop

from openbourse.accounts.records import KeyRecord
from openbourse.core.commands import MarketSpec, OrderRequest
from openbourse.core.units import MONEY_UNIT, UNIT
from openbourse.venue.front import VenueFront
from openbourse.venue.operations import Operations
from openbourse.venue.options import VenueOptions
from openbourse.venue.trading import Trading
from openbourse.venue.venue import Venue
from openbourse.wallet.address_formats import format_of
from openbourse.wallet.allow_list import AllowedAddress
from openbourse.wallet.catalogue import AssetSpec, ChainSpec
from openbourse.wire.application import application
from openbourse.wire.http.server import HttpServer
from tests.waiting import SECONDS

RATE = UNIT // 500
T = TypeVar("T")
MARKETS = [
    MarketSpec("BTCUSDT", "BTC", "USDT", 8, 2, UNIT // 20_000, RATE, RATE),
    MarketSpec("ETHUSDT", "ETH", "USDT", 8, 2, UNIT // 2_000, RATE, RATE),
    MarketSpec("ETHBTC", "ETH", "BTC", 8, 6, UNIT // 2_000, RATE, RATE),
]
FUNDS = {"BTC": 10, "ETH": 100, "USDT": 1_000_000}

# USDT moves on two chains, fast ones.
USDT = AssetSpec(
    "USDT",
    "Tether USD",
    tuple(
        ChainSpec(name, MONEY_UNIT, 2 * MONEY_UNIT, 24 * MONEY_UNIT // 10, 6, 1, 2)
        for name in ("TRC20", "ERC20")
    ),
)
# Somebody's outside of the venue.
ADDRESS = format_of("TRC20").encode(bytes(32))

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
    treasurer: KeyRecord
    venue: Venue
    loop: asyncio.AbstractEventLoop

    def run(self, work: Callable[[Venue], T]) -> T:
        """Do something to the venue, in its own thread."""

        async def there() -> T:
            return work(self.venue)

        return asyncio.run_coroutine_threadsafe(there(), self.loop).result(timeout=SECONDS)


@contextlib.contextmanager
def hosted() -> Iterator[Hosted]:
    """Serve until the block ends; limits are on, as they are for everybody."""
    ready: Future[tuple[Hosted, asyncio.Event]] = Future()
    thread = threading.Thread(target=_serve, args=(ready,), name="venue")
    thread.start()
    venue, stop = ready.result(timeout=SECONDS)
    try:
        yield venue
    finally:
        venue.loop.call_soon_threadsafe(stop.set)
        thread.join()


def _serve(ready: "Future[tuple[Hosted, asyncio.Event]]") -> None:
    try:
        with tempfile.TemporaryDirectory() as folder:
            uvloop.run(_run(Path(folder) / "data", ready))
    except BaseException as error:
        if ready.done():
            raise
        ready.set_exception(error)


async def _run(directory: Path, ready: "Future[tuple[Hosted, asyncio.Event]]") -> None:
    venue = Venue.open(VenueOptions(directory, mode="sandbox", wallet_every_seconds=0.1))
    await venue.start()
    try:
        keys = await _populate(venue)
        async with HttpServer(application(VenueFront(venue))) as server:
            stop = asyncio.Event()
            ready.set_result((Hosted(server.url, *keys, venue, asyncio.get_running_loop()), stop))
            await stop.wait()
    finally:
        await venue.stop()


async def _populate(venue: Venue) -> tuple[KeyRecord, KeyRecord, KeyRecord, KeyRecord]:
    """Markets, users, an order book that the house owns, and a first trade."""
    operations = Operations(venue)
    operations.add_asset(USDT)
    for market in MARKETS:
        await operations.add_market(market)
    names = ("house", "trader", "treasurer", "poor", "reader")
    users = [await operations.add_user(name) for name in names]
    venue.wallet.allow_list.add(users[2].id, AllowedAddress("TRC20", ADDRESS))
    venue.wallet.allow_list.add(users[2].id, AllowedAddress("", "poor"))
    for user in users[:3]:
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
    trader, poor = (operations.add_key(user, "coinex") for user in (users[1], users[3]))
    reader = operations.add_key(users[4], "coinex", trade_allowed=False)
    return trader, poor, reader, operations.add_key(users[2], "coinex", withdraw_allowed=True)
