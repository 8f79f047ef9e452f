"""One window into a book: the best levels of both sides as subscribers hold them (ws §9).

The checksum of a push covers the whole book of the client after it, so the client's book must equal
the window every time: levels that better ones push out are removed, levels that move up are added.
"""

from functools import lru_cache
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
        self._asks, self._bids = _side(book.asks), _side(book.bids)
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
        asks, bids = self._asks, self._bids
        self._asks, self._bids = _side(book.asks), _side(book.bids)
        self._checksum = self._sum()
        # Some clients pass over increments of a side that is empty on their end (ws §9.2).
        if (self._asks and not asks) or (self._bids and not bids):
            self.step = self.full()
        else:
            self.step = self._frame(
                _difference(asks, self._asks), _difference(bids, self._bids), is_full=False
            )
        return True

    def full(self) -> bytes:
        """The whole window; made when first asked for."""
        if self._full is None:
            self._full = self._frame(list(self._asks.items()), list(self._bids.items()), is_full=True)
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
        return checksum(self._bids.items(), self._asks.items())


def _side(levels: list[Level]) -> dict[str, str]:
    """Best first."""
    return dict(map(_texts, levels))


# The same few levels are printed again and again.
@lru_cache(maxsize=1 << 14)
def _texts(level: Level) -> TextLevel:
    return decimal(level[0]), decimal(level[1])


def _difference(before: dict[str, str], after: dict[str, str]) -> list[TextLevel]:
    """What makes `after` of `before`; removes only what is there."""
    gone = [(price, REMOVED) for price in before if price not in after]
    return gone + [(price, amount) for price, amount in after.items() if before.get(price) != amount]
