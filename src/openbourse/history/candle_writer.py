"""Candles of all periods, kept current from the trades of each batch."""

from collections.abc import Iterable

from sqlalchemy import Connection, Engine, select

from openbourse.history.bulk import BulkInsert, Row
from openbourse.history.candles import candle_of
from openbourse.history.tables import candles
from openbourse.market_data.candles import MINUTE, PERIODS, Candle, period_start, trade_candle

_VALUES = ("open", "high", "low", "close", "volume", "notional", "buy_volume")


class CandleWriter:
    """Holds the running candle of each market and period, so that a batch reads nothing back.

    What it holds is true only while every batch commits: after a failure it must `forget`.
    """

    def __init__(self, engine: Engine) -> None:
        self._upsert = BulkInsert(engine, candles, updated=_VALUES)
        self._running: dict[tuple[str, int], Candle] = {}

    def forget(self) -> None:
        """Read the running candles from the database again."""
        self._running.clear()

    def write(self, connection: Connection, trade_rows: Iterable[Row]) -> None:
        """Fold trades, in order, into the candles of every period."""
        changed: dict[tuple[str, int, int], Candle] = {}
        for market, minute in _by_minute(trade_rows):
            for period in PERIODS:
                candle = self._fold(connection, market, period, minute)
                changed[market, period, candle.start] = candle
        rows = [
            {"market": market, "period": period, "start": start}
            | {name: getattr(candle, name) for name in _VALUES}
            for (market, period, start), candle in changed.items()
        ]
        self._upsert.execute(connection, rows)

    def _fold(self, connection: Connection, market: str, period: int, minute: Candle) -> Candle:
        start = period_start(minute.start, period)
        running = self._running.get((market, period)) or _newest(connection, market, period)
        if running is not None and running.start == start:
            running.absorb(minute)
        else:
            running = minute.moved_to(start)
        self._running[market, period] = running
        return running


def _by_minute(trade_rows: Iterable[Row]) -> list[tuple[str, Candle]]:
    """The trades as one-minute candles, per market in ascending order."""
    minutes: dict[tuple[str, int], Candle] = {}
    for row in trade_rows:
        market, start = row["market"], period_start(row["time"], MINUTE)
        trade = trade_candle(start, row["price"], row["quantity"], row["side"] == "buy")
        known = minutes.get((market, start))
        if known is None:
            minutes[market, start] = trade
        else:
            known.absorb(trade)
    return [(market, candle) for (market, _), candle in minutes.items()]


def _newest(connection: Connection, market: str, period: int) -> Candle | None:
    query = (
        select(candles)
        .where(candles.c.market == market, candles.c.period == period)
        .order_by(candles.c.start.desc())
        .limit(1)
    )
    row = connection.execute(query).first()
    return None if row is None else candle_of(row)
