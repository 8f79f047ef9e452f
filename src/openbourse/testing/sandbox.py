"""Sandbox: a venue in the test suite, and everything a test wants to do to it.

    with Sandbox.running() as sandbox:
        alice = sandbox.user("alice", USDT=10_000)
        sandbox.quote("BTC/USDT", 60_000)
        exchange = sandbox.ccxt(alice)

All methods may be called from any thread; they return when it is done. Numbers are given as int, str or
Decimal, and come back as Decimal.
"""

from collections.abc import Awaitable, Iterable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, Final

from openbourse.core.commands import AnyCommand, CancelOrders, MarketSpec, OrderRequest, PlaceOrder, Side
from openbourse.core.decimals import parse_decimal, scaled
from openbourse.core.invariants import violations
from openbourse.core.refusal import Refusal
from openbourse.core.units import MONEY_DECIMALS, UNIT_DECIMALS
from openbourse.history.trades import trades_of_user
from openbourse.sandbox.regimes import Regime
from openbourse.sandbox.virtual_clock import VirtualClock
from openbourse.testing.accounts import SandboxUser
from openbourse.testing.clients import ccxt_client
from openbourse.testing.faults import Faults
from openbourse.testing.thread import VenueThread, quiet_log
from openbourse.testing.typed_clients import TypedClients
from openbourse.testing.views import OrderView, TradeView, money, order_view, trade_view, units
from openbourse.venue.operations import Operations
from openbourse.venue.trading import Trading
from openbourse.venue.venue import accepted

Number = int | str | Decimal
Level = tuple[Number, Number]
_WALLET: Final = "spot"
_HOUSE: Final = "sandbox-house"
_HOUSE_FUNDS: Final = 10**9
_MAX_TRADES: Final = 1000


class SandboxError(Exception):
    """What a test wanted of the venue was refused; the text says why."""


class Sandbox(TypedClients):
    """A running venue with no user and empty books. Make it with `Sandbox.running()`."""

    def __init__(self, thread: VenueThread, clock: VirtualClock) -> None:
        self._thread = thread
        self._clock = clock
        self._venue = thread.playground.venue
        self._users: dict[str, SandboxUser] = {}
        self._funded = 0
        self.url = thread.url
        self.faults = Faults(thread.playground.faults, thread.call)

    @classmethod
    @contextmanager
    def running(
        cls,
        *,
        start: int | None = None,
        factor: float = 1.0,
        seed: int = 1,
        rate_limits: bool = False,
        bots: bool = False,
    ) -> Iterator["Sandbox"]:
        """A fresh venue on a free port until the block ends.

        Its clock begins at `start` (Unix ms), or at the computer's time, and runs `factor` times as fast; 0
        lets it stand still until `advance`. `seed` is that of the faults' dice and of the house bots, which
        trade in all markets with `bots`.
        """
        quiet_log()
        clock = VirtualClock(start, factor)
        thread = VenueThread(clock, seed, rate_limits=rate_limits, bots=bots)
        thread.start()
        try:
            yield cls(thread, clock)
        finally:
            thread.stop()

    # -- the clock ---------------------------------------------------------------------------------

    def now(self) -> int:
        """The venue's time in Unix ms."""
        return self._clock.now()

    def advance(self, seconds: float) -> None:
        """Let the venue's time go on by `seconds`, however long that takes."""
        self._thread.run(self._thread.playground.advance(seconds), patient=True)

    def set_pace(self, factor: float) -> None:
        """Let the clock run `factor` times as fast as real time; 0 stops it."""
        self._thread.call(lambda: self._clock.run(factor))

    def regime(self, market: str, regime: Regime) -> None:
        """Order a regime: "crash", "thin", ... It is the bots that make it; only "halted" needs none."""
        self._thread.run(self._thread.playground.regimes.order(self._market(market).name, regime))

    # -- people and their money --------------------------------------------------------------------

    def user(self, name: str, **funds: Number) -> SandboxUser:
        """The user of that name, made when first asked for, richer by `funds`: `user("bot", USDT=1000)`."""
        if name not in self._users:
            self._users[name] = self._thread.run(self._make_user(name))
        user = self._users[name]
        for asset, amount in funds.items():
            self.fund(user, asset, amount)
        return user

    def fund(self, user: SandboxUser, asset: str, amount: Number) -> None:
        """Give a user money. Raises SandboxError for an asset that is not there."""
        money = scaled(_decimal(amount), MONEY_DECIMALS)
        self._funded += 1
        key = f"testing-{self._funded}"

        async def deposit() -> None:
            owner = self._venue.accounts.user_by_name(user.name)
            assert owner is not None, "a user of this sandbox"
            await Operations(self._venue).deposit(owner, asset, money, key)

        self._order(deposit())

    def balance(self, user: SandboxUser, asset: str) -> Decimal:
        """All that a user has of an asset, frozen or not."""
        return sum(self._funds(user, asset), Decimal(0))

    def available(self, user: SandboxUser, asset: str) -> Decimal:
        """What a user has of an asset beside what orders hold."""
        return self._funds(user, asset)[0]

    def frozen(self, user: SandboxUser, asset: str) -> Decimal:
        """What a user's orders hold of an asset."""
        return self._funds(user, asset)[1]

    # -- books and orders --------------------------------------------------------------------------

    def quote(
        self,
        market: str,
        price: Number,
        *,
        spread: Number = "0.001",
        levels: int = 5,
        quantity: Number = 1,
    ) -> None:
        """Put the house's quotes around `price`, and nowhere else: `levels` on each side.

        `spread` is the whole distance of the best two and the step between levels, relative to the price.
        The house first trades with whoever stands in its way: a lower price is a real fall, through the
        orders of everybody.
        """
        spec = self._market(market)
        house = self._house(spec)
        middle, gap = _decimal(price), _decimal(price) * _decimal(spread)
        bids = [(middle - gap / 2 - gap * step, quantity) for step in range(levels)]
        asks = [(middle + gap / 2 + gap * step, quantity) for step in range(levels)]
        placed = [_request(house, spec, "buy", amount, at) for at, amount in bids]
        placed += [_request(house, spec, "sell", amount, at) for at, amount in asks]
        self._order(self._requote(house, spec, placed))

    def book(self, market: str, *, bids: Iterable[Level] = (), asks: Iterable[Level] = ()) -> None:
        """Add orders of the house, each as (price, quantity)."""
        house = self._house(self._market(market))
        for price, quantity in bids:
            self.place(house, market, "buy", quantity, price)
        for price, quantity in asks:
            self.place(house, market, "sell", quantity, price)

    def place(
        self,
        user: SandboxUser,
        market: str,
        side: Side,
        quantity: Number,
        price: Number | None = None,
        *,
        client_id: str = "",
    ) -> OrderView:
        """Place an order as a user: a limit order, or a market order without a price.

        Raises SandboxError when it is refused.
        """
        spec = self._market(market)
        request = _request(user, spec, side, quantity, price, client_id)
        return order_view(self._order(Trading(self._venue).place(request)))

    def cancel_all(self, user: SandboxUser, market: str) -> int:
        """Cancel a user's orders in a market; how many there were."""
        cancel = CancelOrders(self._venue.now(), user.id, _WALLET, self._market(market).name)
        return len(self._order(Trading(self._venue).cancel_matching(cancel)))

    def open_orders(self, user: SandboxUser, market: str = "") -> list[OrderView]:
        """A user's orders that rest on a book, oldest first."""
        name = self._market(market).name if market else ""
        orders = self._thread.call(lambda: self._venue.exchange.open_orders(user.id))
        return [order_view(order) for order in orders if name in ("", order.request.market)]

    def trades(self, user: SandboxUser, market: str) -> list[TradeView]:
        """A user's trades in a market, oldest first."""
        name = self._market(market).name
        page = self._thread.run(
            self._venue.ask(
                lambda connection: trades_of_user(connection, user.id, _WALLET, name, limit=_MAX_TRADES)
            )
        )
        return [trade_view(trade) for trade in reversed(page.rows)]

    def best(self, market: str) -> tuple[Decimal, Decimal]:
        """The best bid and the best ask; 0 for a side that is empty."""
        name = self._market(market).name
        exchange = self._venue.exchange

        def read() -> tuple[Decimal, Decimal]:
            bids, asks = exchange.levels(name, "buy", 1), exchange.levels(name, "sell", 1)
            return units(bids[0][0] if bids else 0), units(asks[0][0] if asks else 0)

        return self._thread.call(read)

    # -- what must be true -------------------------------------------------------------------------

    def check_ledger(self) -> None:
        """Fails when money came from nowhere, or orders hold other money than what is frozen."""
        found = self._thread.call(lambda: violations(self._venue.exchange))
        assert not found, found

    # -- clients -----------------------------------------------------------------------------------

    def ccxt(self, user: SandboxUser | None = None, **options: Any) -> Any:
        """A ccxt client of a user, or of nobody."""
        return ccxt_client("ccxt", self.url, user, self.now, options)

    def ccxt_async(self, user: SandboxUser | None = None, **options: Any) -> Any:
        """As `ccxt`, of ccxt.async_support: close it."""
        return ccxt_client("ccxt.async_support", self.url, user, self.now, options)

    def ccxt_pro(self, user: SandboxUser | None = None, **options: Any) -> Any:
        """As `ccxt`, of ccxt.pro: it watches over WebSockets; close it."""
        return ccxt_client("ccxt.pro", self.url, user, self.now, options)

    # -- inside ------------------------------------------------------------------------------------

    def _order(self, wanted: Awaitable[Any]) -> Any:
        async def carried_out() -> Any:
            return await wanted

        try:
            return self._thread.run(carried_out())
        except Refusal as refusal:
            raise SandboxError(refusal.reason.replace("_", " ")) from None
        except ValueError as error:
            raise SandboxError(str(error)) from None

    async def _make_user(self, name: str) -> SandboxUser:
        operations = Operations(self._venue)
        user = await operations.add_user(name)
        coinex = operations.add_key(user, "coinex", withdraw_allowed=True, never_expires=True)
        coinw = operations.add_key(user, "coinw", withdraw_allowed=True, never_expires=True)
        return SandboxUser(name, user.id, coinex.key_id, coinex.secret, coinw.key_id, coinw.secret)

    def _house(self, spec: MarketSpec) -> SandboxUser:
        """The one who quotes: without fees, and rich in whatever is traded."""
        if _HOUSE not in self._users:
            house = self.user(_HOUSE)

            async def free_of_fees() -> None:
                owner = self._venue.accounts.user_by_name(_HOUSE)
                assert owner is not None, "it was just made"
                await Operations(self._venue).set_fee_rates(owner, 0, 0)

            self._thread.run(free_of_fees())
        house = self._users[_HOUSE]
        for asset in (spec.base, spec.quote):
            if self.available(house, asset) < _HOUSE_FUNDS // 2:
                self.fund(house, asset, _HOUSE_FUNDS)
        return house

    async def _requote(self, house: SandboxUser, spec: MarketSpec, quotes: list[OrderRequest]) -> None:
        """Cancel, clear the way and quote anew with nothing in between: nobody sees half a book."""
        now = self._venue.now()
        lowest_ask = min(quote.price for quote in quotes if quote.side == "sell")
        highest_bid = max(quote.price for quote in quotes if quote.side == "buy")
        exchange = self._venue.exchange
        above = [level for level in exchange.levels(spec.name, "buy", 0) if level[0] >= lowest_ask]
        below = [level for level in exchange.levels(spec.name, "sell", 0) if level[0] <= highest_bid]
        ways: list[tuple[Side, list[tuple[int, int]], int]] = [
            ("sell", above, lowest_ask),
            ("buy", below, highest_bid),
        ]
        sweeps = [
            OrderRequest(house.id, _WALLET, spec.name, side, "ioc", sum(size for _, size in levels), price)
            for side, levels, price in ways
            if levels
        ]
        commands: list[AnyCommand] = [CancelOrders(now, house.id, _WALLET, spec.name)]
        commands += [PlaceOrder(now, request) for request in (*sweeps, *quotes)]
        results = await self._venue.submit_all(commands)
        # A sweep is refused when only quotes of the house itself were in the way.
        for events in results[1 + len(sweeps) :]:
            accepted(events)

    def _market(self, name: str) -> MarketSpec:
        plain_name = name.replace("/", "")
        exchange = self._venue.exchange
        spec: MarketSpec | None = self._thread.call(lambda: exchange.market_spec(plain_name))
        if spec is None:
            raise SandboxError(f"there is no market {name}; there are {', '.join(exchange.market_names())}")
        return spec

    def _funds(self, user: SandboxUser, asset: str) -> tuple[Decimal, Decimal]:
        balances = self._thread.call(lambda: self._venue.exchange.balances(user.id, _WALLET))
        available, frozen = balances.get(asset, (0, 0))
        return money(available), money(frozen)


def _request(
    user: SandboxUser,
    spec: MarketSpec,
    side: Side,
    quantity: Number,
    price: Number | None,
    client_id: str = "",
) -> OrderRequest:
    return OrderRequest(
        user.id,
        _WALLET,
        spec.name,
        side,
        "market" if price is None else "limit",
        scaled(_decimal(quantity), UNIT_DECIMALS, spec.base_precision),
        0 if price is None else scaled(_decimal(price), UNIT_DECIMALS, spec.quote_precision),
        client_id=client_id,
    )


def _decimal(number: Number) -> Decimal:
    return parse_decimal(str(number))
