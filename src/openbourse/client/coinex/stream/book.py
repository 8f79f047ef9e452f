"""OrderBook: the exchange's window into a book, kept from `depth.update` and checked (websocket.md §9)."""

import zlib
from collections.abc import Iterable, Iterator
from decimal import Decimal

from msgspec import Struct

from openbourse.client.coinex.types import Depth

Level = tuple[Decimal, Decimal]


class BookView(Struct, frozen=True, kw_only=True):
    """A book as it was at one moment: (price, amount) levels, best first."""

    market: str
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    last: Decimal
    updated_at: int

    @property
    def best_bid(self) -> Level | None:
        """The highest bid, None when nobody bids."""
        return self.bids[0] if self.bids else None

    @property
    def best_ask(self) -> Level | None:
        """The lowest ask, None when nobody offers."""
        return self.asks[0] if self.asks else None


class OrderBook:
    """One market's book. `view` is None until a full push came, and after a push that did not fit."""

    def __init__(self, market: str) -> None:
        self.market = market
        self.view: BookView | None = None
        self._bids: dict[Decimal, Decimal] = {}
        self._asks: dict[Decimal, Decimal] = {}

    def apply(self, push: Depth) -> bool:
        """Take a push in; False when the book is not the exchange's: subscribe again, a full push cures it.

        An increment before the first full push says nothing, and is passed over.
        """
        levels = push.depth
        if push.is_full:
            self._bids, self._asks = {}, {}
        elif self.view is None:
            return True
        _change(self._bids, levels.bids)
        _change(self._asks, levels.asks)
        bids, asks = tuple(sorted(self._bids.items(), reverse=True)), tuple(sorted(self._asks.items()))
        if checksum(bids, asks) != levels.checksum:
            self.view = None
            return False
        self.view = BookView(
            market=self.market, bids=bids, asks=asks, last=levels.last, updated_at=levels.updated_at
        )
        return True


def checksum(bids: Iterable[Level], asks: Iterable[Level]) -> int:
    """CRC-32 over all prices and amounts as they are written, bids first, best first."""
    return zlib.crc32(":".join((*_texts(bids), *_texts(asks))).encode())


def _texts(levels: Iterable[Level]) -> Iterator[str]:
    # A Decimal remembers the zeros that it was written with.
    return (format(number, "f") for level in levels for number in level)


def _change(side: dict[Decimal, Decimal], levels: Iterable[Level]) -> None:
    for price, amount in levels:
        if amount:
            # Taken out first: an equal price may be written in another way now.
            side.pop(price, None)
            side[price] = amount
        else:
            side.pop(price, None)
