"""The index price of a market: the weighted mean of what its sources say.

Sources report whenever they know something new; one that has been silent for `STALE_MS` does not count.
Without any source the venue's own last price is the index, and is named as its only source.
"""

from collections.abc import Callable
from typing import Final

import msgspec

from openbourse.core.units import UNIT

OWN_SOURCE: Final = "openbourse"
STALE_MS: Final = 60_000
MAX_SOURCES: Final = 32


# Market, source, price, time, weight: see IndexPrices.report.
ReportListener = Callable[[str, str, int, int, int], None]


class IndexSource(msgspec.Struct, frozen=True, gc=False):
    """What one source said at `time` (ms); `weight` is its share in 10^-12, all shares sum to one."""

    name: str
    weight: int
    price: int
    time: int


class IndexPrice(msgspec.Struct, frozen=True, gc=False):
    """The index at `time`, that of the newest report; the price is in 10^-12, rounded down."""

    price: int
    time: int
    sources: list[IndexSource]


class _Report(msgspec.Struct, frozen=True, gc=False):
    price: int
    time: int
    weight: int


class IndexPrices:
    """The newest report of every source, by market."""

    def __init__(self) -> None:
        self._reports: dict[str, dict[str, _Report]] = {}
        self._listeners: list[ReportListener] = []

    def report(self, market: str, source: str, price: int, time: int, weight: int = 1) -> None:
        """A source says that a market's price was this at `time` (ms). Weights are relative to each other.

        Raises ValueError for a price or weight that is not positive, and for too many sources.
        """
        if price <= 0 or weight <= 0:
            raise ValueError("price and weight must be positive")
        reports = self._reports.setdefault(market, {})
        if source not in reports and len(reports) >= MAX_SOURCES:
            raise ValueError(f"a market has at most {MAX_SOURCES} sources")
        reports[source] = _Report(price, time, weight)
        for listener in self._listeners:
            listener(market, source, price, time, weight)

    def on_report(self, listener: ReportListener) -> None:
        """Call `listener` with every report from now on."""
        self._listeners.append(listener)

    def reports(self) -> list[tuple[str, str, int, int, int]]:
        """The newest of every source: market, source, price, time, weight."""
        return [
            (market, source, each.price, each.time, each.weight)
            for market, reports in self._reports.items()
            for source, each in reports.items()
        ]

    def of(self, market: str, last_price: int, now: int) -> IndexPrice | None:
        """The index at `now` (ms); None when there is neither a fresh source nor a last price."""
        reports = self._reports.get(market, {})
        fresh = {name: each for name, each in reports.items() if each.time > now - STALE_MS}
        if not fresh:
            if not last_price:
                return None
            fresh = {OWN_SOURCE: _Report(last_price, now, 1)}
        total = sum(each.weight for each in fresh.values())
        price = sum(each.price * each.weight for each in fresh.values()) // total
        sources = [
            IndexSource(name, each.weight * UNIT // total, each.price, each.time)
            for name, each in fresh.items()
        ]
        rest = UNIT - sum(source.weight for source in sources)
        sources[0] = msgspec.structs.replace(sources[0], weight=sources[0].weight + rest)
        return IndexPrice(price, max(each.time for each in fresh.values()), sources)
