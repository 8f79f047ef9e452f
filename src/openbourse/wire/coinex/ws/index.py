"""index: the index price of each market, every five seconds, changed or not (ws §7).

Until the venue watches prices elsewhere its own last price is the index, as over HTTP. A market that
never traded has none, and nothing is pushed for it.
"""

from msgspec import Struct

from openbourse.wire.coinex.numbers import decimal
from openbourse.wire.coinex.ws.market_channel import MarketChannel
from openbourse.wire.coinex.ws.messages import push
from openbourse.wire.coinex.ws.session import Session


class IndexUpdate(Struct):
    """The index price of one market."""

    market: str
    index_price: str


class IndexChannel(MarketChannel):
    """Index prices; whoever does not read just gets the next one."""

    def tick(self) -> None:
        """Push all of them."""
        for market in self._wanted_markets():
            takers = self._interest.takers(market)
            ready = [session for session in takers if not session.paused]
            self._counters.conflated += len(takers) - len(ready)
            self._push(market, ready)

    def _begin(self, session: Session, markets: list[str]) -> None:
        for market in markets or self._data.markets():
            self._push(market, [session])

    def _push(self, market: str, sessions: list[Session]) -> None:
        price = self._data.last_price(market)
        if price and sessions:
            self._deliver(push(b"index.update", IndexUpdate(market, decimal(price))), sessions)
