"""A client that keeps a book from depth pushes as the exchange's own sample does, and trusts nothing.

It knows nothing of the server's code: dictionaries by price text, `zlib.crc32` over what it holds.
"""

import zlib
from decimal import Decimal
from typing import Any

Level = tuple[str, str]


class BookKeeper:
    """The book of one market after every push that `take` was given."""

    def __init__(self) -> None:
        self.asks: dict[str, str] = {}
        self.bids: dict[str, str] = {}
        self.fulls = self.steps = self.entered = self.removed = 0
        self.updated_at = 0

    def take(self, data: dict[str, Any]) -> None:
        """Apply one push, then compare the checksum."""
        depth = data["depth"]
        if data["is_full"]:
            self.fulls += 1
            self.asks, self.bids = dict(depth["asks"]), dict(depth["bids"])
            assert list(self.asks) == sorted(self.asks, key=Decimal), "best first"
            assert list(self.bids) == sorted(self.bids, key=Decimal, reverse=True), "best first"
            assert "0" not in {*self.asks.values(), *self.bids.values()}
        else:
            assert self.fulls, "the first push is full"
            assert depth["asks"] or depth["bids"], "nothing changed, nothing is sent"
            self.steps += 1
            self._change(self.asks, depth["asks"])
            self._change(self.bids, depth["bids"])
        assert depth["updated_at"] >= self.updated_at
        self.updated_at = depth["updated_at"]
        assert depth["checksum"] == self.checksum()

    def checksum(self) -> int:
        bids, asks = self.book()
        return zlib.crc32(":".join(text for level in bids + asks for text in level).encode())

    def book(self) -> tuple[list[Level], list[Level]]:
        """Bids and asks, best first."""
        bids = sorted(self.bids.items(), key=lambda level: -Decimal(level[0]))
        return bids, sorted(self.asks.items(), key=lambda level: Decimal(level[0]))

    def _change(self, side: dict[str, str], levels: list[list[str]]) -> None:
        prices = [price for price, _ in levels]
        assert len(set(prices)) == len(prices), "a level appears once in a push"
        # Known weakness of the sample: an increment for an empty side is passed over.
        if not side:
            assert not levels
        for price, amount in levels:
            assert price == canonical(price)
            assert amount == canonical(amount)
            if amount == "0":
                del side[price]  # fails for a price that is not held, as the sample does
                self.removed += 1
            else:
                assert side.get(price) != amount, "a level that did not change is not sent"
                self.entered += price not in side
                side[price] = amount


def canonical(text: str) -> str:
    plain = f"{Decimal(text):f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain
