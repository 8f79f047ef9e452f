"""Samples of the read sides: do they say of some users and markets what the core says?

A read side is asked beside the trade, so whatever changes meanwhile is left for another time. Another
thread carries the questions out, but the loop waits for it now and then: so they come one by one, with
pauses.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Final, Protocol, TypeVar

from sqlalchemy import Connection

from openbourse.core.commands import Side
from openbourse.core.events import Applied, BalanceChanged, OrderChanged
from openbourse.core.exchange import Exchange
from openbourse.history.orders import finished_among
from openbourse.history.statement import last_posting
from openbourse.history.trades import quantities_traded
from openbourse.market_data.market_data import MarketData
from openbourse.venue.finding import Finding, user_account

USERS: Final = 20
ACCOUNTS: Final = 10  # of each of them
ORDERS: Final = 50
MARKETS: Final = 5
LEVELS: Final = 50
_PAUSE_SECONDS: Final = 0.02
_SIDES: Final[tuple[Side, Side]] = ("buy", "sell")

T = TypeVar("T")


class Sampled(Protocol):
    """What is needed of a venue."""

    market_data: MarketData

    @property
    def exchange(self) -> Exchange: ...

    def ask(self, query: Callable[[Connection], T]) -> Awaitable[T]: ...


class Samples:
    """`taken` counts the users and markets that were compared."""

    def __init__(self, venue: Sampled) -> None:
        self.taken = 0
        self._venue = venue
        self._changed: set[int] | None = None  # users who did something since they are being looked at
        self._dice = random.Random()  # noqa: S311 - any choice will do

    def follow(self, batch: list[Applied]) -> None:
        """Take note of what is applied."""
        if self._changed is None:
            return
        for applied in batch:
            for event in applied.events:
                if type(event) is BalanceChanged:
                    self._changed.add(event.user)
                elif type(event) is OrderChanged:
                    self._changed.add(event.order.request.user)

    async def prepare(self) -> None:
        """Ask once for nobody: the first question of a kind takes long. Before the doors open nobody waits.

        Raises HistoryUnavailableError.
        """

        def query(connection: Connection) -> None:
            last_posting(connection, 0, "nobody", "nothing")
            quantities_traded(connection, [0])
            finished_among(connection, [0])

        await self._venue.ask(query)

    async def take(self) -> list[Finding]:
        """Compare some users with the history, and some markets with the market data."""
        exchange = self._venue.exchange
        findings = []
        for user in self._some(list(exchange.state.users), USERS):
            self._changed = set()
            try:
                found = [*await self._balances(user), *await self._orders(user)]
                if user not in self._changed:
                    self.taken += 1
                    findings += found
            finally:
                self._changed = None
            await asyncio.sleep(_PAUSE_SECONDS)
        for market in self._some(exchange.market_names(), MARKETS):
            self.taken += 1
            findings += self._depth(market)
            await asyncio.sleep(0)
        return findings

    def _some(self, things: list[T], count: int) -> list[T]:
        return self._dice.sample(things, min(count, len(things)))

    async def _balances(self, user: int) -> list[Finding]:
        """What a user owns is what the last posting of each account says."""
        wallets = self._venue.exchange.state.ledger.wallets[user]
        accounts = [account for wallet in wallets.values() for account in wallet.values()]
        has = {
            (account.wallet, account.asset): account.available + account.frozen
            for account in self._some(accounts, ACCOUNTS)
        }

        def query(connection: Connection) -> list[tuple[int, int]]:
            return [last_posting(connection, user, wallet, asset) for wallet, asset in has]

        told = await self._venue.ask(query)
        return [
            Finding(asset, user_account(user, wallet), "by its last posting", balance, owned, sequence)
            for ((wallet, asset), owned), (balance, sequence) in zip(has.items(), told, strict=True)
            if balance != owned
        ]

    async def _orders(self, user: int) -> list[Finding]:
        """An open order is filled by what its trades say, and the history does not call it finished."""
        state = self._venue.exchange.state
        orders = state.users[user].orders
        chosen = {number: orders[number] for number in self._some(list(orders), ORDERS)}
        filled = {number: order.filled_quantity for number, order in chosen.items()}
        asset_of = {number: order.market.base for number, order in chosen.items()}

        def query(connection: Connection) -> tuple[dict[int, int], set[int]]:
            return quantities_traded(connection, list(filled)), finished_among(connection, list(filled))

        if not filled:
            return []
        traded, finished = await self._venue.ask(query)
        names = {number: f"order {number} of user {user}" for number in filled}
        return [
            *(
                Finding(asset_of[number], names[number], "filled, by its trades", traded.get(number, 0), has)
                for number, has in filled.items()
                if traded.get(number, 0) != has
            ),
            *(
                Finding(asset_of[number], names[number], "open, though the history says it ended", 0, 1)
                for number in finished
            ),
        ]

    def _depth(self, market: str) -> list[Finding]:
        """The best levels that everybody sees are those of the book: all of it in one moment."""
        exchange = self._venue.exchange
        spec = exchange.market_spec(market)
        assert spec is not None
        shown = self._venue.market_data.depth(market, LEVELS)
        findings = []
        for side in _SIDES:
            seen = dict(shown.bids if side == "buy" else shown.asks)
            real = dict(exchange.levels(market, side, LEVELS))
            for price in sorted(seen.keys() | real.keys()):
                if seen.get(price) != real.get(price):
                    name = f"{market}, {side} side, price {price}"
                    has, told = real.get(price, 0), seen.get(price, 0)
                    findings.append(Finding(spec.base, name, "by the market data", told, has))
                    break
        return findings
