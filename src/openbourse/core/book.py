"""The two sides of a book: price-time priority with the best price at hand.

Each side keeps its levels by key, and the keys in ascending order. The key of a bid is its price,
of an ask its negative price: so the best level of either side is the last one, and both sides share
this code. Inside a level the orders form a queue by links that they carry themselves.

A level that has become empty waits a while before it goes: orders come back to the prices that others have
just left, and to find a level costs a fraction of what it costs to make one and to sort it in.
"""

from typing import Any, Final

from openbourse.core.order import Order
from openbourse.core.sorted_keys import SortedKeys

# The key of "at any price", below that of every real level.
ANY_PRICE: Final = -(10**40)

# At most so many empty levels wait on one side of a book, and never more than three of four are empty.
_MAX_EMPTY: Final = 1_000


class Level:
    """All orders at one price, oldest first; `visible` leaves hidden orders out.

    `price` is a number that is an object already, since every event of the level shows it. `leaving` says
    that the level was empty and stands in line to go.
    """

    def __init__(self, price: int, key: int) -> None:
        self.price: Any = price
        self.key = key
        self.leaving: bool = False
        self.next_leaving: Level | None = None
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

    The best level is never an empty one; of the others `_empty` are. `_leaving` stand in line, in the order
    in which they became empty; who got orders again since then, or has left as the best one, is still there.
    """

    def __init__(self, is_bid: bool) -> None:
        self.is_bid = is_bid
        self.levels: dict[int, Level] = {}
        self.keys = SortedKeys()
        self._best: Level | None = None
        self._empty: int = 0
        self._leaving: int = 0
        self._first_leaving: Level | None = None
        self._last_leaving: Level | None = None

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
        wanted: Any = key  # an object made once, not for each use
        level = self.levels.get(wanted)
        if level is None:
            level = self.levels[wanted] = Level(order.price, key)
            self.keys.add(wanted)
        elif level.first is None:
            self._empty -= 1
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
            self._empty += 1
            if level is self._best:
                self._find_best()
            else:
                self._line_up(level)
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

    def _line_up(self, level: Level) -> None:
        """Let an empty level wait; if too many do, those who have waited longest go."""
        if not level.leaving:
            level.leaving = True
            last = self._last_leaving
            if last is None:
                self._first_leaving = level
            else:
                last.next_leaving = level
            self._last_leaving = level
            self._leaving += 1
        count = len(self.levels)
        while self._empty > min(_MAX_EMPTY, count * 3 // 4) or self._leaving > count:
            first = self._next_in_line()
            # It may have orders again; or it went when it was the best, and another has its price.
            if first.first is None and self.levels.get(first.key) is first:
                self._drop(first)
                count -= 1

    def _next_in_line(self) -> Level:
        """Take the first out of the line."""
        level = self._first_leaving
        assert level is not None
        self._first_leaving = level.next_leaving
        if level is self._last_leaving:
            self._last_leaving = None
        level.next_leaving = None
        level.leaving = False
        self._leaving -= 1
        return level

    def _drop(self, level: Level) -> None:
        del self.levels[level.key]
        self.keys.remove(level.key)
        self._empty -= 1

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
