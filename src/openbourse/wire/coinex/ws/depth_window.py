"""One window into a book: the best levels of both sides as subscribers hold them (ws §9).

The checksum of a push covers the whole book of the client after it, so the client's book must equal
the window every time: levels that better ones push out are removed, levels that move up are added.
"""

from collections.abc import Iterable
from typing import Final

from openbourse.market_data.depth import Depth as Book
from openbourse.market_data.depth import Level
from openbourse.wire.coinex.numbers import decimal
from openbourse.wire.coinex.spot_markets import Depth, DepthLevels, checksum
from openbourse.wire.coinex.ws.messages import push

REMOVED: Final = "0"

TextLevel = tuple[str, str]


class DepthWindow:
    """The window as of the newest push, and the frames that bring clients to it.

    `advance` moves it on. Afterwards `full()` is the frame for whoever has to start over, and `step`
    the one for whoever holds the window as it was before: None if nothing changed.
    """

    def __init__(self, market: str, book: Book) -> None:
        self.step: bytes | None = None
        self._market = market
        self._full: bytes | None = None
        self._book = book
        self._asks, self._bids = _Side(), _Side()
        self._asks.advance(book.asks)
        self._bids.advance(book.bids)
        self._checksum = self._sum()

    @property
    def version(self) -> int:
        """That of the book that was last looked at."""
        return self._book.version

    def advance(self, book: Book) -> bool:
        """Move on to `book`; did anything in the window change?"""
        self.step = None
        # Whoever starts over gets the newest last price and time, also where the levels are as they were.
        self._full = None
        before, self._book = self._book, book
        if book.asks == before.asks and book.bids == before.bids:
            return False
        asks, bids = self._asks.advance(book.asks), self._bids.advance(book.bids)
        self._checksum = self._sum()
        # Some clients pass over increments of a side that is empty on their end (ws §9.2).
        if (book.asks and not before.asks) or (book.bids and not before.bids):
            self.step = self.full()
        else:
            self.step = self._frame(asks, bids, is_full=False)
        return True

    def full(self) -> bytes:
        """The whole window; made when first asked for."""
        if self._full is None:
            asks, bids = map(_pair, self._asks.texts()), map(_pair, self._bids.texts())
            self._full = self._frame(list(asks), list(bids), is_full=True)
        return self._full

    def _frame(self, asks: list[TextLevel], bids: list[TextLevel], *, is_full: bool) -> bytes:
        levels = DepthLevels(
            asks=asks,
            bids=bids,
            last=decimal(self._book.last),
            updated_at=self._book.updated_at,
            checksum=self._checksum,
        )
        return push(b"depth.update", Depth(market=self._market, is_full=is_full, depth=levels))

    def _sum(self) -> int:
        return checksum((*self._bids.texts(), *self._asks.texts()))


class _Side:
    """One side of a window. From one tick to the next most levels are as they were, and stay printed."""

    def __init__(self) -> None:
        self._levels: dict[int, int] = {}
        self._texts: dict[int, str] = {}  # by price as well, best first, as they are in the checksum

    def advance(self, levels: list[Level]) -> list[TextLevel]:
        """Move on to these levels; what has to be told to one who had those before."""
        before, texts = self._levels, self._texts
        self._levels = dict(levels)
        told: list[TextLevel] = []
        same_prices = len(before) == len(levels)
        for price, quantity in levels:
            held = before.get(price)
            if held != quantity:
                text = decimal(price), decimal(quantity)
                told.append(text)
                texts[price] = ":".join(text)
                if held is None:
                    same_prices = False
        if same_prices:
            return told
        self._texts = {price: texts[price] for price in self._levels}
        return [(decimal(price), REMOVED) for price in before if price not in self._levels] + told

    def texts(self) -> Iterable[str]:
        """Price and amount of each level with a colon between them, best first."""
        return self._texts.values()


def _pair(text: str) -> TextLevel:
    price, _, amount = text.partition(":")
    return price, amount
