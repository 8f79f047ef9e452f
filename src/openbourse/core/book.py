"""The order book: price-time priority with the best price at hand.

Each side keeps its levels by key, and the keys in ascending order. The key of a bid is its price,
of an ask its negative price: so the best level of either side is the last one, and both sides share
this code. Inside a level the orders form a queue by links that they carry themselves.
"""

from typing import Final

from openbourse.core.order import Order
from openbourse.core.sorted_keys import SortedKeys

# The key of "at any price", below that of every real level.
ANY_PRICE: Final = -(10**40)


class Level:
    """All orders at one price, oldest first; `visible` leaves hidden orders out."""

    def __init__(self, price: int) -> None:
        self.price = price
        self.quantity: int = 0
        self.visible: int = 0
        self.first: Order | None = None
        self.last: Order | None = None

    def append(self, order: Order) -> None:
        order.level = self
        tail = self.last
        if tail is None:
            self.first = order
        else:
            tail.behind = order
            order.before = tail
        self.last = order
        self.change(order, order.remaining)

    def unlink(self, order: Order) -> None:
        """Take an order out of the queue; its links are cleared, so that no cycle is left behind."""
        before, behind = order.before, order.behind
        if before is None:
            self.first = behind
        else:
            before.behind = behind
        if behind is None:
            self.last = before
        else:
            behind.before = before
        order.level = order.before = order.behind = None
        self.change(order, -order.remaining)

    def change(self, order: Order, quantity: int) -> None:
        """Account for a change of an order's remaining quantity."""
        self.quantity += quantity
        if not order.hidden:
            self.visible += quantity


class BookSide:
    """The bids or the asks of one market."""

    def __init__(self, is_bid: bool) -> None:
        self.is_bid = is_bid
        self.levels: dict[int, Level] = {}
        self.keys = SortedKeys()

    def key(self, price: int) -> int:
        return price if self.is_bid else -price

    def best(self) -> Level | None:
        return self.levels[self.keys.last()] if self.keys else None

    def best_within(self, limit: int) -> Level | None:
        """The best level, if its key is at least `limit`."""
        if not self.keys:
            return None
        key = self.keys.last()
        return self.levels[key] if key >= limit else None

    def add(self, order: Order) -> Level:
        """Put an order at the end of its level's queue."""
        key = self.key(order.price)
        level = self.levels.get(key)
        if level is None:
            level = self.levels[key] = Level(order.price)
            self.keys.add(key)
        level.append(order)
        return level

    def remove(self, order: Order) -> Level:
        """Take an order off the book, and its level with it when it was the last one there."""
        level = order.level
        assert level is not None
        level.unlink(order)
        if level.first is None:
            key = self.key(level.price)
            del self.levels[key]
            self.keys.remove(key)
        return level

    def best_first(self) -> list[Level]:
        """All levels."""
        return [self.levels[key] for key in self.keys.descending()]

    def orders(self) -> list[Order]:
        """All orders by priority."""
        orders: list[Order] = []
        for level in self.best_first():
            order = level.first
            while order is not None:
                orders.append(order)
                order = order.behind
        return orders


class Book:
    """Both sides of one market."""

    def __init__(self) -> None:
        self.bids = BookSide(True)
        self.asks = BookSide(False)

    def own(self, order: Order) -> BookSide:
        return self.bids if order.is_buy else self.asks

    def opposite(self, order: Order) -> BookSide:
        return self.asks if order.is_buy else self.bids

    def is_crossed(self) -> bool:
        bid, ask = self.bids.best(), self.asks.best()
        return bid is not None and ask is not None and bid.price >= ask.price
