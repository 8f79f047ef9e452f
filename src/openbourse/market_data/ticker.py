"""The ticker of a market: its last 24 hours, by whole minutes.

A ticker is the merge of the 1,440 one-minute candles that end with the running one, where minutes
without trades are flat at the close before them. So `open` is the price 24 hours ago
(reference/coinex/websocket.md §7), and a market that has not traded for longer shows its last price
with no volume. A market that never traded shows zeros (reference/coinex/spot.md §5 `ticker`).
"""

from collections import deque
from typing import Final

import msgspec

from openbourse.market_data.candles import MINUTE, Candle, period_start

_MINUTE_MS: Final = MINUTE * 1000
WINDOW_MS: Final = 1440 * _MINUTE_MS


class Ticker(msgspec.Struct, frozen=True, gc=False):
    """24 hours of a market: prices and volumes (base) in 10^-12, notional in 10^-24."""

    last: int = 0
    open: int = 0
    high: int = 0
    low: int = 0
    volume: int = 0
    notional: int = 0
    buy_volume: int = 0
    sell_volume: int = 0


class _Peaks:
    """The highest value of a sliding window, each found in constant time on average.

    Kept: (minute, value) pairs, minutes ascending and values strictly descending; a value that is
    older and not above a newer one can never be the peak again.
    """

    def __init__(self) -> None:
        self._pairs: deque[tuple[int, int]] = deque()

    def add(self, minute: int, value: int) -> None:
        pairs = self._pairs
        if pairs and pairs[-1][0] == minute and pairs[-1][1] >= value:
            return
        while pairs and pairs[-1][1] <= value:
            pairs.pop()
        pairs.append((minute, value))

    def drop_before(self, minute: int) -> None:
        while self._pairs and self._pairs[0][0] < minute:
            self._pairs.popleft()

    def peak(self) -> int:
        return self._pairs[0][1]


class RollingTicker:
    """Keeps the minutes of one market; has no clock, so everyone who asks says what time it is."""

    def __init__(self) -> None:
        self._minutes: deque[Candle] = deque()
        self._highs = _Peaks()
        self._lows = _Peaks()  # of negated prices
        self._volume = 0
        self._notional = 0
        self._buy_volume = 0
        self._close_before = 0  # the close of the newest minute that has left the window
        self._newest = 0

    def add(self, trades: Candle) -> None:
        """Count a trade, or a minute of trades; `trades.start` is a whole minute and never decreases."""
        if self._minutes and self._minutes[-1].start == trades.start:
            self._minutes[-1].absorb(trades)
        else:
            self._minutes.append(trades)
        self._highs.add(trades.start, trades.high)
        self._lows.add(trades.start, -trades.low)
        self._volume += trades.volume
        self._notional += trades.notional
        self._buy_volume += trades.buy_volume
        self._age(trades.start)

    def past(self) -> tuple[list[Candle], int]:
        """The minutes of the window, ascending, and the close before them (0 for none)."""
        return list(self._minutes), self._close_before

    @classmethod
    def of(cls, minutes: list[Candle], close_before: int) -> "RollingTicker":
        """A ticker with that past."""
        ticker = cls()
        ticker._close_before = close_before
        for minute in minutes:
            ticker.add(minute)
        return ticker

    def at(self, now: int) -> Ticker:
        """The 24 hours that end with the minute of `now` (ms); time never runs back."""
        first = self._age(now)
        before = self._close_before
        if not self._minutes:
            return Ticker(before, before, before, before)
        oldest, newest = self._minutes[0], self._minutes[-1]
        opened, high, low = oldest.open, self._highs.peak(), -self._lows.peak()
        if before and oldest.start > first:
            opened, high, low = before, max(high, before), min(low, before)
        return Ticker(
            newest.close,
            opened,
            high,
            low,
            self._volume,
            self._notional,
            self._buy_volume,
            self._volume - self._buy_volume,
        )

    def _age(self, now: int) -> int:
        """Let minutes leave the window; returns its first minute."""
        self._newest = max(self._newest, period_start(now, MINUTE))
        first = self._newest - WINDOW_MS + _MINUTE_MS
        while self._minutes and self._minutes[0].start < first:
            gone = self._minutes.popleft()
            self._close_before = gone.close
            self._volume -= gone.volume
            self._notional -= gone.notional
            self._buy_volume -= gone.buy_volume
        self._highs.drop_before(first)
        self._lows.drop_before(first)
        return first
