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
            takers = self._interest.takers(market)
            ready = self._desk.reading(takers)
            self._counters.conflated += len(takers) - len(ready)
            self._push(market, ready)

    def _begin(self, session: Session, markets: list[str]) -> None:
        for market in markets or self._data.markets():
            self._push(market, [session])

    def _push(self, market: str, sessions: list[Session]) -> None:
        index = self._data.index(market, self._now())
        if index is not None and sessions:
            self._deliver(push(b"index.update", IndexUpdate(market, decimal(index.price))), sessions)
