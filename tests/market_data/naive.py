"""Candles and tickers computed the slow and obvious way, straight from the trades."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from openbourse.market_data.candles import Candle
from openbourse.market_data.ticker import Ticker

MINUTE_MS = 60_000


@dataclass(frozen=True)
class Print:
    """One trade: time in ms."""

    time: int
    price: int
    quantity: int
    taker_buys: bool


def naive_start(time: int, period: int) -> int:
    """By the calendar: weeks start on Monday, all other periods count from the epoch."""
    moment = datetime.fromtimestamp(time // 1000, UTC)
    if period == 604_800:
        day = moment.replace(hour=0, minute=0, second=0) - timedelta(days=moment.weekday())
        return int(day.timestamp()) * 1000
    return time // 1000 // period * period * 1000


def naive_candles(prints: list[Print], period: int, until: int) -> list[Candle]:
    """All candles from the first trade to `until`, gaps filled."""
    if not prints or naive_start(prints[0].time, period) > until:
        return []
    found: list[Candle] = []
    start = naive_start(prints[0].time, period)
    close = 0
    while start <= until:
        inside = [p for p in prints if start <= p.time < start + period * 1000]
        prices = [p.price for p in inside] or [close]
        close = prices[-1]
        found.append(
            Candle(
                start,
                prices[0],
                max(prices),
                min(prices),
                close,
                sum(p.quantity for p in inside),
                sum(p.quantity * p.price for p in inside),
                sum(p.quantity for p in inside if p.taker_buys),
            )
        )
        start += period * 1000
    return found


def naive_ticker(prints: list[Print], now: int) -> Ticker:
    """From 1,440 gap-filled minutes, the last of them holding `now`."""
    first = now // MINUTE_MS * MINUTE_MS - 1439 * MINUTE_MS
    before = [p for p in prints if p.time < first]
    inside = [p for p in prints if p.time >= first]
    prices = [p.price for p in inside]
    if before and not any(p.time < first + MINUTE_MS for p in inside):
        prices.insert(0, before[-1].price)
    if not prices:
        return Ticker()
    bought = sum(p.quantity for p in inside if p.taker_buys)
    sold = sum(p.quantity for p in inside if not p.taker_buys)
    notional = sum(p.quantity * p.price for p in inside)
    return Ticker(prices[-1], prices[0], max(prices), min(prices), bought + sold, notional, bought, sold)
