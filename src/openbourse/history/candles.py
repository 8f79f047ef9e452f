"""Queries: candles, without gaps, up to the running one."""

from typing import Any

from sqlalchemy import Connection, Row, select

from openbourse.history.paging import check_limit
from openbourse.history.tables import candles
from openbourse.market_data.candles import PERIODS, Candle, fill_gaps, period_start


def candles_of_market(
    connection: Connection,
    market: str,
    period: int,
    now: int,
    *,
    limit: int = 100,
    start: int | None = None,
    end: int | None = None,
) -> list[Candle]:
    """The newest `limit` (1 to 1000) candles whose starts lie in [start, end] (ms), ascending.

    The running candle is the last one; periods without trades are flat at the close before them, and
    none come before the first trade (reference/coinex/spot.md §5 `kline`). `period` in seconds, one of
    `PERIODS`. ValueError when limit or period is out of range.
    """
    check_limit(limit)
    if period not in PERIODS:
        raise ValueError(f"no candles of {period} seconds")
    step = period * 1000
    last = period_start(now if end is None else min(now, end), period)
    first = last - (limit - 1) * step
    if start is not None:
        first = max(first, period_start(start + step - 1, period))
    if first > last or last < 0:
        return []
    traded = _traded(connection, market, period, first, last)
    return fill_gaps(traded, period, first, last, _close_before(connection, market, period, first))


def minutes_since(connection: Connection, market: str, start: int) -> list[Candle]:
    """The one-minute candles that have trades, from `start` on and the newest one before it, ascending."""
    before = (
        select(candles)
        .where(candles.c.market == market, candles.c.period == 60, candles.c.start < start)
        .order_by(candles.c.start.desc())
        .limit(1)
    )
    earlier = [candle_of(row) for row in connection.execute(before)]
    return earlier + _traded(connection, market, 60, start, 2**53)


def candle_of(row: Row[Any]) -> Candle:
    return Candle(
        start=row.start,
        open=row.open,
        high=row.high,
        low=row.low,
        close=row.close,
        volume=row.volume,
        notional=row.notional,
        buy_volume=row.buy_volume,
    )


def _traded(connection: Connection, market: str, period: int, first: int, last: int) -> list[Candle]:
    query = (
        select(candles)
        .where(
            candles.c.market == market,
            candles.c.period == period,
            candles.c.start >= first,
            candles.c.start <= last,
        )
        .order_by(candles.c.start)
    )
    return [candle_of(row) for row in connection.execute(query)]


def _close_before(connection: Connection, market: str, period: int, start: int) -> int:
    query = (
        select(candles.c.close)
        .where(candles.c.market == market, candles.c.period == period, candles.c.start < start)
        .order_by(candles.c.start.desc())
        .limit(1)
    )
    return int(connection.execute(query).scalar() or 0)
