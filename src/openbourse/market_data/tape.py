"""The tape of a market: its newest trades, as everybody sees them."""

from collections import deque
from itertools import islice
from typing import Final

import msgspec

from openbourse.core.commands import Side

TAPE_LENGTH: Final = 1000


class TapeTrade(msgspec.Struct, frozen=True, gc=False):
    """A trade without its parties. `side` is the taker's; price and quantity in 10^-12; time in ms."""

    trade_id: int
    time: int
    price: int
    quantity: int
    side: Side


class Tape:
    """The newest `TAPE_LENGTH` trades of one market."""

    def __init__(self) -> None:
        self._newest_first: deque[TapeTrade] = deque(maxlen=TAPE_LENGTH)

    def add(self, trade: TapeTrade) -> None:
        """Print a trade; ids ascend."""
        self._newest_first.appendleft(trade)

    @property
    def last_id(self) -> int:
        """The id of the newest trade, 0 before the first."""
        return self._newest_first[0].trade_id if self._newest_first else 0

    def newest(self, limit: int, above: int = 0) -> list[TapeTrade]:
        """At most `limit` trades, newest first, with ids greater than `above` (0 = any).

        reference/coinex/spot.md §5 `deals`: `last_id` returns the rows above it.
        """
        trades: list[TapeTrade] = []
        for trade in islice(self._newest_first, max(0, limit)):
            if trade.trade_id <= above:
                break
            trades.append(trade)
        return trades

    def __len__(self) -> int:
        return len(self._newest_first)
