"""bbo: the best prices of each market, whenever one of the four values changes (ws §7).

Real time here means with every batch of commands that became durable together: what was between the
commands of one batch was never visible to anybody.
"""

from collections.abc import Iterable

from msgspec import Struct

from openbourse.market_data.depth import Level
from openbourse.market_data.market_data import MarketData
from openbourse.wire.coinex.numbers import decimal
from openbourse.wire.coinex.ws.market_channel import MarketChannel
from openbourse.wire.coinex.ws.messages import push
from openbourse.wire.coinex.ws.session import Desk, Session

Best = tuple[Level, Level]


class BboUpdate(Struct):
    """The best bid and ask, unmerged; an empty side has "0" for both values."""

    market: str
    updated_at: int
    best_bid_price: str
    best_bid_size: str
    best_ask_price: str
    best_ask_size: str


class BboChannel(MarketChannel):
    """Best prices, conflated for whoever does not read."""

    def __init__(self, data: MarketData, desk: Desk) -> None:
        super().__init__(data, desk)
        self._shown: dict[str, Best] = {}
        self._behind: dict[Session, set[str]] = {}

    def changed(self, markets: Iterable[str]) -> None:
        """The books of these markets changed."""
        if not self._interest:
            return
        for market in markets:
            takers = self._takers(market)
            best = self._best(market)
            if not takers.members or self._shown.get(market) == best:
                continue
            self._shown[market] = best
            ready = self._desk.reading(takers)
            if ready.members:
                self._deliver(self._frame(market), ready)
            if ready is not takers:
                self._fall_behind(takers.among(self._desk.paused), market)

    def tick(self) -> None:
        """Let those catch up who read again."""
        for session in [one for one in self._behind if not one.paused]:
            selection = self._interest.selection(session)
            for market in sorted(self._behind.pop(session)):
                if selection.covers(market):
                    self._send(self._frame(market), session)

    def drop(self, session: Session) -> None:
        """See Channel.drop."""
        super().drop(session)
        self._behind.pop(session, None)

    def _fall_behind(self, sessions: Iterable[Session], market: str) -> None:
        for session in sessions:
            self._counters.conflated += 1
            self._behind.setdefault(session, set()).add(market)

    def _begin(self, session: Session, markets: list[str]) -> None:
        for market in markets or self._data.markets():
            self._shown[market] = self._best(market)
            self._send(self._frame(market), session)

    def _best(self, market: str) -> Best:
        return self._data.best(market, "buy"), self._data.best(market, "sell")

    def _frame(self, market: str) -> bytes:
        bid, ask = self._best(market)
        update = BboUpdate(
            market=market,
            updated_at=self._data.depth(market, 1).updated_at,
            best_bid_price=decimal(bid[0]),
            best_bid_size=decimal(bid[1]),
            best_ask_price=decimal(ask[0]),
            best_ask_size=decimal(ask[1]),
        )
        return push(b"bbo.update", update)
