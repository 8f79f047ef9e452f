"""A venue behind the CoinEx wire, called in this process: users with money, keys and a clock to move."""

import contextlib
import hashlib
import hmac
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import msgspec

from openbourse.accounts.records import KeyRecord, User
from openbourse.core.commands import MarketSpec
from openbourse.core.units import MONEY_UNIT, UNIT
from openbourse.venue.front import Front, VenueFront
from openbourse.venue.operations import Operations
from openbourse.venue.options import VenueOptions
from openbourse.venue.quotas import Quotas
from openbourse.venue.venue import Venue
from openbourse.wallet.address_formats import format_of
from openbourse.wallet.allow_list import AllowedAddress
from openbourse.wallet.catalogue import AssetSpec, ChainSpec
from openbourse.wallet.simulated_chain import BLOCK_MS, SimulatedChain
from openbourse.wire.coinex.app import CoinexApp
from openbourse.wire.coinex.desk import Desk
from openbourse.wire.coinex.settings import CoinexSettings
from openbourse.wire.http.asgi import Application
from openbourse.wire.http.router import Router
from tests.wire.calling import Answer, call

START = 1_767_225_600_000
RATE = UNIT // 500

MARKETS = [
    MarketSpec("BTCUSDT", "BTC", "USDT", 8, 2, UNIT // 20_000, RATE, RATE),
    MarketSpec("ETHUSDT", "ETH", "USDT", 8, 2, UNIT // 2_000, RATE, RATE),
    MarketSpec("CETUSDT", "CET", "USDT", 8, 6, 50 * UNIT, RATE, RATE),
]
FUNDS = {"BTC": 10, "ETH": 100, "CET": 100_000, "USDT": 1_000_000}

TRC20 = ChainSpec(
    "TRC20",
    min_deposit=24 * MONEY_UNIT // 10,
    min_withdrawal=24 * MONEY_UNIT // 10,
    withdrawal_fee=24 * MONEY_UNIT // 10,
    withdrawal_precision=6,
    safe_confirmations=10,
    irreversible_confirmations=20,
    display_name="Tron (TRC20)",
)


def address_outside(number: int = 1) -> str:
    """Somebody's address on the chain, outside of the venue."""
    return format_of(TRC20.name).encode(bytes([number]) * 32)


class ManualClock:
    """Unix ms that move when told to."""

    def __init__(self, time: int = START) -> None:
        self.time = time

    def now(self) -> int:
        return self.time


class Client:
    """Somebody with a key, who signs as the documentation says."""

    def __init__(self, bench: "Bench", user: User, key: KeyRecord) -> None:
        self.bench = bench
        self.user = user
        self.key = key

    def headers(self, method: str, target: str, body: bytes, time: int | None = None) -> dict[str, str]:
        timestamp = str(self.bench.clock.now() if time is None else time)
        prepared = method.encode() + target.encode() + body + timestamp.encode()
        signature = hmac.new(self.key.secret.encode(), prepared, hashlib.sha256).hexdigest()
        return {
            "X-COINEX-KEY": self.key.key_id,
            "X-COINEX-SIGN": signature,
            "X-COINEX-TIMESTAMP": timestamp,
        }

    async def get(self, path: str, **params: object) -> Answer:
        target = f"/v2{path}?{urlencode(params)}" if params else f"/v2{path}"
        return await self.bench.call("GET", target, headers=self.headers("GET", target, b""))

    async def post(self, path: str, /, **params: object) -> Answer:
        return await self.send(path, msgspec.json.encode(params))

    async def send(self, path: str, body: bytes) -> Answer:
        """A POST of these very bytes."""
        target = f"/v2{path}"
        return await self.bench.call("POST", target, body, self.headers("POST", target, body))

    async def order(self, side: str, kind: str, amount: str, price: str = "", **more: object) -> Answer:
        """An order on BTCUSDT, unless `more` says otherwise."""
        params: dict[str, object] = {"market": "BTCUSDT", "market_type": "SPOT", "side": side, "type": kind}
        params["amount"] = amount
        if price:
            params["price"] = price
        return await self.post("/spot/order", **(params | more))

    async def balance(self) -> dict[str, tuple[str, str]]:
        rows = (await self.get("/assets/spot/balance")).data
        return {row["ccy"]: (row["available"], row["frozen"]) for row in rows}


class Bench:
    """A running venue, the application in front of it, and three funded users."""

    def __init__(self, venue: Venue, clock: ManualClock, settings: CoinexSettings) -> None:
        self.venue = venue
        self.clock = clock
        self.milliseconds = 0
        self.calling: Callable[..., Awaitable[Answer]] = call
        self.operations = Operations(venue)
        quotas = Quotas(lambda: self.milliseconds)
        self.front: Front = VenueFront(venue, quotas)
        desk = Desk(self.front, settings, lambda: self.milliseconds)
        self.dialect = CoinexApp(desk)
        self.app = Application(Router({"/v2": self.dialect}))
        self.alice: Client
        self.bob: Client
        self.carol: Client

    async def set_up(self) -> None:
        """Markets and users, or those of a venue that is opened once more."""
        if self.venue.accounts.user_by_name("alice") is not None:
            self.alice, self.bob, self.carol = (self._known(name) for name in ("alice", "bob", "carol"))
            return
        for asset in FUNDS:
            self.operations.add_asset(AssetSpec(asset, asset, (TRC20,)))
        for market in MARKETS:
            await self.operations.add_market(market)
        await self.operations.set_fee_token("CET", UNIT // 5)
        self.alice = await self.client("alice")
        self.bob = await self.client("bob")
        self.carol = await self.client("carol", funds={})

    def _known(self, name: str) -> Client:
        user = self.venue.accounts.user_by_name(name)
        assert user is not None
        return Client(self, user, self.venue.accounts.keys_of(user.id)[0])

    async def client(self, name: str, funds: dict[str, int] | None = None, **key: Any) -> Client:
        user = await self.operations.add_user(name)
        for asset, amount in (FUNDS if funds is None else funds).items():
            await self.operations.deposit(user, asset, amount * MONEY_UNIT)
        return Client(self, user, self.operations.add_key(user, "coinex", **key))

    def treasurer(self, client: Client) -> Client:
        """The same user with a key that may do everything."""
        return Client(
            self, client.user, self.operations.add_key(client.user, "coinex", withdraw_allowed=True)
        )

    def allow(self, client: Client, address: str, chain: str = TRC20.name, memo: str = "") -> None:
        """Let this client's keys send money there."""
        self.venue.wallet.allow_list.add(client.user.id, AllowedAddress(chain, address, memo))

    @property
    def chain(self) -> SimulatedChain:
        found = self.venue.wallet.chains.get(TRC20.name)
        assert isinstance(found, SimulatedChain)
        return found

    async def blocks(self, count: int = 1) -> None:
        """Let blocks come, one by one, and the wallet look at each."""
        for _ in range(count):
            self.clock.time += BLOCK_MS
            await self.venue.wallet.step()

    async def call(
        self, method: str, target: str, body: bytes = b"", headers: dict[str, str] | None = None, **more: Any
    ) -> Answer:
        return await self.calling(self.app, method, target, body, headers, **more)

    async def get(self, path: str, **params: object) -> Answer:
        """A public request."""
        return await self.call("GET", f"/v2{path}?{urlencode(params)}" if params else f"/v2{path}")

    def fingerprint(self) -> object:
        """Books, orders, stops and balances: everything but the clock and the count of commands."""
        exchange = self.venue.exchange
        users = [user.id for user in self.venue.accounts.users()]
        return (
            [(user, exchange.balances(user, "spot"), exchange.user_terms(user)) for user in users],
            [(exchange.open_orders(user), exchange.waiting_stops(user)) for user in users],
            [
                (name, exchange.levels(name, "buy", 0), exchange.levels(name, "sell", 0))
                for name in exchange.market_names()
            ],
            [(exchange.last_price(name), exchange.market_status(name)) for name in exchange.market_names()],
        )


@contextlib.asynccontextmanager
async def open_bench(
    directory: Path, settings: CoinexSettings | None = None, time: int = START
) -> AsyncIterator[Bench]:
    """A venue in `directory`, by default without rate limits. Its wallet moves when a test calls `blocks`."""
    clock = ManualClock(time)
    venue = Venue.open(VenueOptions(directory / "venue", mode="sandbox"), clock)
    await venue.start()
    await venue.wallet.stop()
    bench = Bench(venue, clock, settings or CoinexSettings(rate_limits=False))
    try:
        await bench.set_up()
        yield bench
    finally:
        await venue.stop()
