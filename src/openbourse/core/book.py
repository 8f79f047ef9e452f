"""The order book: price-time priority with the best price at hand.

Each side keeps its levels by key, and the keys in ascending order. The key of a bid is its price,
of an ask its negative price: so the best level of either side is the last one, and both sides share
this code. Inside a level the orders form a queue by links that they carry themselves.

A level that has become empty waits a while before it goes: orders come back to the prices that others have
just left, and to find a level costs a fraction of what it costs to make one and to sort it in.
"""

from collections import deque
from typing import Final

from openbourse.core.order import Order
from openbourse.core.sorted_keys import SortedKeys

# The key of "at any price", below that of every real level.
ANY_PRICE: Final = -(10**40)

# At most so many empty levels wait on one side of a book, and never more than three of four are empty.
_MAX_EMPTY: Final = 1_000


class Level:
    """All orders at one price, oldest first; `visible` leaves hidden orders out.

    `leaving` says that it was empty and stands in line to go.
    """

    def __init__(self, price: int, key: int) -> None:
        self.price = price
        self.key = key
        self.leaving: bool = False
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
    """The bids or the asks of one market.

    The best level is never an empty one; of the others some are. `_leaving` are those in the order in which
    they became empty; who got orders again since then stays.
    """

    def __init__(self, is_bid: bool) -> None:
        self.is_bid = is_bid
        self.levels: dict[int, Level] = {}
        self.keys = SortedKeys()
        self._best: Level | None = None
        self._leaving: deque[Level] = deque()

    def key(self, price: int) -> int:
        return price if self.is_bid else -price

    def best(self) -> Level | None:
        return self._best

    def best_within(self, limit: int) -> Level | None:
        """The best level, if its key is at least `limit`."""
        best = self._best
        return best if best is not None and best.key >= limit else None

    def add(self, order: Order) -> Level:
        """Put an order at the end of its level's queue."""
        key = self.key(order.price)
        level = self.levels.get(key)
        if level is None:
            level = self.levels[key] = Level(order.price, key)
            self.keys.add(key)
        best = self._best
        if best is None or key > best.key:
            self._best = level
        level.append(order)
        return level

    def remove(self, order: Order) -> Level:
        """Take an order off the book; its level becomes a leaving one when it was the last one there."""
        level = order.level
        assert level is not None
        level.unlink(order)
        if level.first is None:
            if level is self._best:
                self._find_best()
            elif not level.leaving:
                level.leaving = True
                self._leaving.append(level)
                if len(self._leaving) > min(_MAX_EMPTY, len(self.levels) * 3 // 4):
                    self._let_go(self._leaving.popleft())
        return level

    def _find_best(self) -> None:
        """Make the highest level with orders the best one; the empty ones above it go."""
        self._best = None
        while self.keys:
            level = self.levels[self.keys.last()]
            if level.first is not None:
                self._best = level
                return
            self._drop(level)

    def _let_go(self, level: Level) -> None:
        level.leaving = False
        # It may have orders again; or it went when it was the best, and another has its price.
        if level.first is None and self.levels.get(level.key) is level:
            self._drop(level)

    def _drop(self, level: Level) -> None:
        del self.levels[level.key]
        self.keys.remove(level.key)

    def best_first(self) -> list[Level]:
        """All levels with orders."""
        levels = [self.levels[key] for key in self.keys.descending()]
        return [level for level in levels if level.first is not None]

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
