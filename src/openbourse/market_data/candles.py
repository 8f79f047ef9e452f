"""Candle arithmetic: what a candle is, when it starts, and how two of them become one.

Shared by the ticker, which merges minutes, and by the history, which stores candles of all periods.
Periods are seconds, times are Unix milliseconds.
"""

from typing import Final

import msgspec

MINUTE: Final = 60
DAY: Final = 86_400
WEEK: Final = 7 * DAY

# 1, 3, 5, 15, 30 minutes; 1, 2, 4, 6, 12 hours; 1, 3 days; 1 week (reference/coinex/spot.md §5).
PERIODS: Final = (60, 180, 300, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, DAY, 3 * DAY, WEEK)

# The epoch was a Thursday; the first Monday after it starts the weeks.
_FIRST_MONDAY: Final = 4 * DAY


class Candle(msgspec.Struct, gc=False):
    """The trades of one market from `start` (inclusive) for one period.

    Prices and `volume` (base) are in 10^-12, `notional` is quote money in 10^-24. `buy_volume` is the
    part of `volume` in which the taker bought.
    """

    start: int
    open: int
    high: int
    low: int
    close: int
    volume: int = 0
    notional: int = 0
    buy_volume: int = 0

    def absorb(self, later: "Candle") -> None:
        """Become the candle of one's own trades and of those of `later`, which came after them."""
        self.high = max(self.high, later.high)
        self.low = min(self.low, later.low)
        self.close = later.close
        self.volume += later.volume
        self.notional += later.notional
        self.buy_volume += later.buy_volume

    def moved_to(self, start: int) -> "Candle":
        """A copy with another start: a candle of a longer period that has these trades so far."""
        return msgspec.structs.replace(self, start=start)


def trade_candle(start: int, price: int, quantity: int, taker_buys: bool) -> Candle:
    """The candle of a single trade."""
    bought = quantity if taker_buys else 0
    return Candle(start, price, price, price, price, quantity, price * quantity, bought)


def flat_candle(start: int, price: int) -> Candle:
    """The candle of a period without trades: flat at the previous close (reference/coinex/spot.md §5)."""
    return Candle(start, price, price, price, price)


def period_start(time: int, period: int) -> int:
    """When the candle of `period` seconds that holds `time` starts, in ms.

    Days start at 00:00 UTC and weeks on Monday; all others count from the epoch.
    """
    first = _FIRST_MONDAY * 1000 if period == WEEK else 0
    return time - (time - first) % (period * 1000)


def fill_gaps(candles: list[Candle], period: int, first: int, last: int, previous_close: int) -> list[Candle]:
    """One candle for every start from `first` to `last` (both aligned starts), ascending.

    `candles` are those that have trades, ascending, all within the range. A period without trades is
    flat at the close before it; before the very first trade (`previous_close` 0) there are none.
    """
    filled: list[Candle] = []
    close = previous_close
    waiting = iter(candles)
    next_candle = next(waiting, None)
    for start in range(first, last + 1, period * 1000):
        if next_candle is not None and next_candle.start == start:
            filled.append(next_candle)
            close = next_candle.close
            next_candle = next(waiting, None)
        elif close:
            filled.append(flat_candle(start, close))
    return filled
