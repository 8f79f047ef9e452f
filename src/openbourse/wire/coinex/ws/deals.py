"""deals: the tape of each market, batched by tick, newest first (ws §7). Nothing is ever left out."""

from typing import Final

from msgspec import Struct

from openbourse.core.events import Trade
from openbourse.market_data.market_data import MarketData
from openbourse.market_data.tape import TapeTrade
from openbourse.wire.coinex.numbers import decimal
from openbourse.wire.coinex.spot_markets import Deal
from openbourse.wire.coinex.ws.market_channel import MarketChannel
from openbourse.wire.coinex.ws.messages import push
from openbourse.wire.coinex.ws.session import Desk, Session

SNAPSHOT: Final = 100
# More trades of one tick go out as several pushes, the older ones first.
MAX_DEALS: Final = 1000


class DealsUpdate(Struct):
    """The trades of one market; `deal_list` is never empty."""

    market: str
    deal_list: list[Deal]


class DealsChannel(MarketChannel):
    """Trades wait for the tick. A new subscriber gets those before them, and so misses and repeats none."""

    def __init__(self, data: MarketData, desk: Desk) -> None:
        super().__init__(data, desk)
        self._pending: dict[str, list[TapeTrade]] = {}

    def traded(self, trade: Trade, time: int) -> None:
        """A trade happened at `time` (ms)."""
        row = TapeTrade(trade.trade_id, time, trade.price, trade.quantity, trade.taker.side)
        self._pending.setdefault(trade.market, []).append(row)

    def tick(self) -> None:
        """Push the trades since the last tick."""
        pending, self._pending = self._pending, {}
        for market, trades in pending.items():
            takers = self._takers(market)
            if not takers.members:
                continue
            for start in range(0, len(trades), MAX_DEALS):
                self._deliver(_frame(market, trades[start : start + MAX_DEALS][::-1]), takers)

    def _begin(self, session: Session, markets: list[str]) -> None:
        # Repeating the snapshot to a subscriber would repeat trades to a client that only appends.
        selection = self._interest.selection(session)
        for market in markets:
            waiting = len(self._pending.get(market, ()))
            recent = self._data.tape(market, SNAPSHOT + waiting)[waiting:]
            if recent and not selection.covers(market):
                self._send(_frame(market, recent), session)


def _frame(market: str, newest_first: list[TapeTrade]) -> bytes:
    rows = [
        Deal(
            deal_id=trade.trade_id,
            created_at=trade.time,
            side=trade.side,
            price=decimal(trade.price),
            amount=decimal(trade.quantity),
        )
        for trade in newest_first
    ]
    return push(b"deals.update", DealsUpdate(market, rows))
