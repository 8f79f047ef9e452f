"""The depth of a market: what rests on both sides of its book, by price, merged on request."""

from operator import neg
from typing import Final

import msgspec

from openbourse.core.commands import Side
from openbourse.core.sorted_keys import SortedKeys

Level = tuple[int, int]

# Distinct (limit, interval) pairs whose answer is kept until the book changes.
_CACHE_SIZE: Final = 128
# So many prices of a side may change before they are put in order, even if nobody looks.
MOST_NEWS: Final = 1024


class Depth(msgspec.Struct, frozen=True, gc=False):
    """Both sides of a book, best first: (price, quantity) in 10^-12.

    `last` is the last price (0 before the first trade), `updated_at` the time in ms of the newest
    change, `version` grows with every change of the book or of the last price.
    """

    asks: list[Level]
    bids: list[Level]
    last: int
    updated_at: int
    version: int


class BookSide:
    """The levels of one side. Hidden orders are not in it: the core never reports them.

    A level takes its place when somebody looks: most of them change several times before that.
    """

    def __init__(self, side: Side) -> None:
        # Keys ascend toward the best price on both sides (bids by price, asks by its negative), so
        # that the best level is the last.
        self._sign = 1 if side == "buy" else -1
        self._keys = SortedKeys()
        self._quantities: dict[int, int] = {}
        # Quantities by price, not yet in the two above.
        self.news: dict[int, int] = {}

    def set(self, price: int, quantity: int) -> None:
        """The quantity at `price` is now this; 0 removes the level."""
        self.news[price] = quantity
        if len(self.news) >= MOST_NEWS:
            self.settle()

    def top(self, limit: int, interval: int = 0) -> list[Level]:
        """The best `limit` levels, merged to multiples of `interval` (0 = as they are).

        Ask prices round up, bid prices round down, quantities add; merged first, then cut
        (reference/coinex/spot.md §5 `depth`). Costs what the answer covers, not the whole book.
        """
        self.settle()
        if not interval:
            keys = self._keys.greatest(max(0, limit))
            prices = keys if self._sign > 0 else map(neg, keys)
            return list(zip(prices, map(self._quantities.__getitem__, keys), strict=True))
        merged: list[Level] = []
        price, total = 0, 0
        for key in self._keys.descending():
            # Rounding a key down is rounding a bid down and, asks being negative, an ask up.
            rounded = (key - key % interval) * self._sign
            if total and rounded != price:
                merged.append((price, total))
                total = 0
                if len(merged) >= limit:
                    return merged
            price = rounded
            total += self._quantities[key]
        if total and limit > 0:
            merged.append((price, total))
        return merged

    def best(self) -> Level:
        """The best level, (0, 0) on an empty side."""
        self.settle()
        if not self._keys:
            return 0, 0
        key = self._keys.last()
        return key * self._sign, self._quantities[key]

    def __len__(self) -> int:
        self.settle()
        return len(self._quantities)

    def settle(self) -> None:
        """Put the news where they belong; to be called before anything is read."""
        if not self.news:
            return
        sign, keys, quantities = self._sign, self._keys, self._quantities
        for price, quantity in self.news.items():
            key = price * sign
            if quantity:
                if key not in quantities:
                    keys.add(key)
                quantities[key] = quantity
            elif quantities.pop(key, 0):
                keys.remove(key)
        self.news.clear()


class DepthBook:
    """Both sides of one market, its last price, and the answers given since the newest change."""

    def __init__(self) -> None:
        self.asks = BookSide("sell")
        self.bids = BookSide("buy")
        self.last = 0
        self.updated_at = 0
        self.version = 0
        self._answers: dict[tuple[int, int], Depth] = {}

    def set_level(self, side: Side, price: int, quantity: int, time: int) -> None:
        """A level changed at `time`; quantity 0 removes it."""
        self.note(side, price, quantity)
        self.changed(time)

    def note(self, side: Side, price: int, quantity: int) -> None:
        """As `set_level`, of which `changed` is still to be told: once for many."""
        (self.bids if side == "buy" else self.asks).news[price] = quantity

    def set_last(self, price: int, time: int) -> None:
        """A trade at `price` happened at `time`."""
        self.last = price
        self.changed(time)

    def changed(self, time: int) -> None:
        """Something has changed, the newest of it at `time`."""
        self.version += 1
        if time > self.updated_at:
            self.updated_at = time
        if self._answers:
            self._answers.clear()
        for side in (self.bids, self.asks):
            if len(side.news) >= MOST_NEWS:
                side.settle()

    def top(self, limit: int, interval: int = 0) -> Depth:
        """The best `limit` merged levels of both sides; the same object until something changes."""
        answer = self._answers.get((limit, interval))
        if answer is None:
            if len(self._answers) >= _CACHE_SIZE:
                self._answers.clear()
            asks, bids = self.asks.top(limit, interval), self.bids.top(limit, interval)
            answer = Depth(asks, bids, self.last, self.updated_at, self.version)
            self._answers[limit, interval] = answer
        return answer
