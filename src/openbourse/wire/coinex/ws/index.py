"""index: the index price of each market, every five seconds, changed or not (ws §7).

Nothing is pushed for a market that has no index yet.
"""

from collections.abc import Callable

from msgspec import Struct

from openbourse.market_data.market_data import MarketData
from openbourse.wire.coinex.numbers import decimal
from openbourse.wire.coinex.ws.market_channel import MarketChannel
from openbourse.wire.coinex.ws.messages import push
from openbourse.wire.coinex.ws.session import Desk, Session


class IndexUpdate(Struct):
    """The index price of one market."""

    market: str
    index_price: str


class IndexChannel(MarketChannel):
    """Index prices; whoever does not read just gets the next one. `now` is the venue's time in ms."""

    def __init__(self, data: MarketData, desk: Desk, now: Callable[[], int]) -> None:
        super().__init__(data, desk)
        self._now = now

    def tick(self) -> None:
        """Push all of them."""
        for market in self._wanted_markets():
            takers = self._takers(market)
            ready = self._desk.reading(takers)
            self._counters.conflated += len(takers.members) - len(ready.members)
            frame = self._frame(market)
            if frame and ready.members:
                self._deliver(frame, ready)

    def _begin(self, session: Session, markets: list[str]) -> None:
        for market in markets or self._data.markets():
            frame = self._frame(market)
            if frame:
                self._send(frame, session)

    def _frame(self, market: str) -> bytes:
        """b"" for a market without an index."""
        index = self._data.index(market, self._now())
        return b"" if index is None else push(b"index.update", IndexUpdate(market, decimal(index.price)))
