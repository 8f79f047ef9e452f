"""A small bot: it watches a price and buys some more whenever that has fallen by another per cent.

`NaiveBot` is how one writes it on the first evening. `DipBot` is the same bot after three bad days: one when
an answer got lost, one when the price fell through the floor, and one when the connection broke.
"""

import asyncio
import uuid
from typing import Any

import ccxt


class NaiveBot:
    """Buys `quantity` for every `step` (0.01 = 1 %) that the price falls below the last purchase."""

    def __init__(self, exchange: Any, symbol: str, quantity: float, step: float = 0.01) -> None:
        """`exchange` is a ccxt.pro client with a key."""
        self.exchange = exchange
        self.symbol = symbol
        self.quantity = quantity
        self.step = step
        self.reference = 0.0
        self.bought = 0

    async def run(self) -> None:
        """Watch and trade until cancelled."""
        while True:
            await self.on_price(await self.next_price())

    async def next_price(self) -> float:
        book = await self.exchange.watch_order_book(self.symbol)
        return float(book["bids"][0][0] + book["asks"][0][0]) / 2

    async def on_price(self, price: float) -> None:
        if not self.reference:
            self.reference = price
        while price <= self.reference * (1 - self.step):
            self.reference *= 1 - self.step
            await self.buy(price)

    async def buy(self, price: float) -> None:
        limit = price * 1.01
        for _ in range(3):
            try:
                await self.exchange.create_order(self.symbol, "limit", "buy", self.quantity, limit)
            except ccxt.RequestTimeout:
                continue  # it did not work: once more
            self.bought += 1
            return


class DipBot(NaiveBot):
    """The bot that has learned.

    An order has a name of our own, so that after silence one can ask whether it is there. A fall of more than
    `crash` from the highest price stops all buying. A broken connection is made again.
    """

    def __init__(
        self, exchange: Any, symbol: str, quantity: float, step: float = 0.01, crash: float = 0.10
    ) -> None:
        super().__init__(exchange, symbol, quantity, step)
        self.crash = crash
        self.highest = 0.0
        self.halted = False
        self.reconnects = 0

    async def next_price(self) -> float:
        while True:
            try:
                return await super().next_price()
            except IndexError:
                continue  # nobody bids or nobody offers: there is no price
            except ccxt.NetworkError:
                self.reconnects += 1
                await asyncio.sleep(0.1)

    async def on_price(self, price: float) -> None:
        self.highest = max(self.highest, price)
        if price < self.highest * (1 - self.crash):
            self.halted = True
        if not self.halted:
            await super().on_price(price)

    async def buy(self, price: float) -> None:
        name = f"dip-{uuid.uuid4().hex[:16]}"
        limit = price * 1.01
        for _ in range(3):
            try:
                await self.exchange.create_order(
                    self.symbol, "limit", "buy", self.quantity, limit, {"clientOrderId": name}
                )
            except (ccxt.RequestTimeout, ccxt.NetworkError):
                if not await self.has_arrived(name):
                    continue
            self.bought += 1
            return

    async def has_arrived(self, name: str) -> bool:
        """Was the order of that name placed? It rests on the book, or it has ended."""
        resting = await self.exchange.fetch_open_orders(self.symbol)
        ended = await self.exchange.fetch_closed_orders(self.symbol)
        return any(order["clientOrderId"] == name for order in resting + ended)
