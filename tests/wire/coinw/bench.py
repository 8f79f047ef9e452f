"""A venue behind the CoinW wire, called in this process: users with money, keys and a clock to move."""

import contextlib
import hashlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from openbourse.accounts.records import KeyRecord, User
from openbourse.core.commands import MarketSpec
from openbourse.core.units import MONEY_UNIT, UNIT
from openbourse.venue.front import VenueFront
from openbourse.venue.operations import Operations
from openbourse.venue.options import VenueOptions
from openbourse.venue.quotas import Quotas
from openbourse.venue.venue import Venue
from openbourse.wallet.address_formats import format_of
from openbourse.wallet.allow_list import AllowedAddress
from openbourse.wallet.catalogue import AssetSpec, ChainSpec
from openbourse.wallet.simulated_chain import BLOCK_MS
from openbourse.wire.coinw.app import PATHS, CoinwApp
from openbourse.wire.coinw.desk import Desk
from openbourse.wire.coinw.settings import CoinwSettings
from openbourse.wire.http.asgi import Application
from openbourse.wire.http.router import Router
from tests.wire.calling import Answer, call

# 2025-07-14 07:59:50 UTC: the time of the reference's examples.
START = 1_752_479_990_000
RATE = UNIT // 500

MARKETS = [
    MarketSpec("BTCUSDT", "BTC", "USDT", 4, 1, UNIT // 10_000, RATE, RATE),
    MarketSpec("ETHUSDT", "ETH", "USDT", 4, 2, UNIT // 1_000, RATE, RATE),
    MarketSpec("LTCBTC", "LTC", "BTC", 4, 6, UNIT // 100, RATE, RATE),
]
FUNDS = {"BTC": 10, "ETH": 100, "USDT": 1_000_000}

CHAIN = ChainSpec(
    "MAIN",
    min_deposit=MONEY_UNIT // 1000,
    min_withdrawal=6 * MONEY_UNIT // 10_000,
    withdrawal_fee=4 * MONEY_UNIT // 10_000,
    withdrawal_precision=8,
    safe_confirmations=1,
    irreversible_confirmations=2,
)
ASSETS = [AssetSpec(name, f"The {name} coin", (CHAIN,)) for name in ("BTC", "ETH", "LTC", "USDT")]


def address_outside(number: int = 1) -> str:
    """Somebody's address on the chain, outside of the venue."""
    return format_of(CHAIN.name).encode(bytes([number]) * 32)


@dataclass(frozen=True)
class Reply:
    """An answer with its envelope opened."""

    answer: Answer

    @property
    def json(self) -> dict[str, Any]:
        assert self.answer.status == 200
        assert self.answer.headers["content-type"] == "application/json;charset=UTF-8"
        return self.answer.json

    @property
    def code(self) -> int:
        return int(self.json["code"])

    @property
    def data(self) -> Any:
        """What a successful request gave."""
        assert self.code == 200, self.json
        return self.json["data"]


class ManualClock:
    """Unix ms that move when told to."""

    def __init__(self) -> None:
        self.time = START

    def now(self) -> int:
        return self.time


def sign(params: dict[str, str], secret: str) -> str:
    text = "&".join(f"{name}={params[name]}" for name in sorted(params))
    return hashlib.md5(f"{text}&secret_key={secret}".encode()).hexdigest().upper()


class Client:
    """Somebody with a key, who signs as the documentation's example does."""

    def __init__(self, bench: "Bench", user: User, key: KeyRecord) -> None:
        self.bench = bench
        self.user = user
        self.key = key

    def signed(self, **params: object) -> dict[str, str]:
        """The parameters with key and signature."""
        texts = {name: str(value) for name, value in params.items()} | {"api_key": self.key.key_id}
        return texts | {"sign": sign(texts, self.key.secret)}

    async def post(self, action: str, /, **params: object) -> Reply:
        return await self.bench.post(f"action={action}", urlencode(self.signed(**params)))

    async def trade(self, side: str, amount: str, price: str, symbol: str = "BTC_USDT") -> int:
        """Place an order; its id."""
        reply = await self.post("trade", symbol=symbol, type=side, amount=amount, price=price)
        return int(reply.data)


class Bench:
    """A running venue, the application in front of it, and two funded users."""

    def __init__(self, venue: Venue, clock: ManualClock) -> None:
        self.venue = venue
        self.clock = clock
        self.milliseconds = 0
        self.operations = Operations(venue)
        self.app: Application
        self.dialect: CoinwApp
        self.alice: Client
        self.bob: Client

    async def set_up(self, settings: CoinwSettings) -> None:
        for asset in ASSETS:
            self.operations.add_asset(asset)
        for market in MARKETS:
            await self.operations.add_market(market)
        self.serve(settings)
        self.alice = await self.client("alice")
        self.bob = await self.client("bob")

    def serve(self, settings: CoinwSettings) -> None:
        """Put an application with these settings in front."""
        self.dialect = CoinwApp(
            Desk(
                VenueFront(self.venue, Quotas(lambda: self.milliseconds)), settings, lambda: self.milliseconds
            )
        )
        self.app = Application(Router({}, dict.fromkeys(PATHS, self.dialect)))

    async def client(self, name: str, *, funds: dict[str, int] | None = None, **key: Any) -> Client:
        user = await self.operations.add_user(name)
        for asset, amount in (FUNDS if funds is None else funds).items():
            await self.operations.deposit(user, asset, amount * MONEY_UNIT)
        return Client(
            self, user, self.operations.add_key(user, "coinw", **({"withdraw_allowed": True} | key))
        )

    def verify(self, client: Client, address: str, memo: str = "") -> None:
        """Make an address one that this client's keys may send to."""
        self.venue.wallet.allow_list.add(client.user.id, AllowedAddress(CHAIN.name, address, memo))

    async def blocks(self, count: int = 1) -> None:
        """Let blocks come, one by one, and the wallet look at each."""
        for _ in range(count):
            self.clock.time += BLOCK_MS
            await self.venue.wallet.step()

    async def send(
        self, method: str, target: str, body: str = "", headers: dict[str, str] | None = None, **more: Any
    ) -> Reply:
        return Reply(await call(self.app, method, target, body.encode(), headers, **more))

    async def post(self, query: str, body: str = "", **more: Any) -> Reply:
        return await self.send("POST", f"/appApi.html?{query}", body, **more)

    async def trades(self, *rows: tuple[str, str, str]) -> None:
        """Trades of (taker side, quantity, price): bob makes, alice takes."""
        for side, quantity, price in rows:
            await self.bob.trade("sell" if side == "buy" else "buy", quantity, price)
            await self.alice.trade(side, quantity, price)


@contextlib.asynccontextmanager
async def open_bench(directory: Path, settings: CoinwSettings | None = None) -> AsyncIterator[Bench]:
    """A venue in `directory`, by default without rate limits and with withdrawals.

    Its wallet moves when a test calls `blocks`.
    """
    clock = ManualClock()
    options = VenueOptions(directory / "venue", mode="sandbox", wallet_every_seconds=3600)
    venue = Venue.open(options, clock)
    await venue.start()
    await venue.wallet.stop()
    bench = Bench(venue, clock)
    try:
        await bench.set_up(settings or CoinwSettings(rate_limits=False, withdrawals=True))
        yield bench
    finally:
        await venue.stop()


def literal(body: bytes, name: str) -> str:
    """How the first member called `name` is spelled, if it is a plain value."""
    found = re.search(rf'"{name}":("[^"]*"|[^,}}\]]*)', body.decode())
    assert found, body
    return found[1]
