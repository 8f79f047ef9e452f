"""The index price: who counts, for how much, and for how long."""

import pytest

from openbourse.core.units import UNIT
from openbourse.market_data.index import MAX_SOURCES, OWN_SOURCE, STALE_MS, IndexPrices

NOW = 1_000_000


def test_without_sources_the_last_price_is_the_index() -> None:
    index = IndexPrices().of("BTCUSDT", 50 * UNIT, NOW)
    assert index is not None
    assert (index.price, [(source.name, source.weight) for source in index.sources]) == (
        50 * UNIT,
        [(OWN_SOURCE, UNIT)],
    )
    assert IndexPrices().of("BTCUSDT", 0, NOW) is None


def test_it_is_the_weighted_mean_of_the_sources() -> None:
    prices = IndexPrices()
    prices.report("BTCUSDT", "a", 100 * UNIT, NOW - 5, weight=3)
    prices.report("BTCUSDT", "b", 200 * UNIT, NOW - 9, weight=1)
    prices.report("ETHUSDT", "a", 7 * UNIT, NOW)
    index = prices.of("BTCUSDT", 1, NOW)
    assert index is not None
    assert (index.price, index.time) == (125 * UNIT, NOW - 5)
    assert [source.weight for source in index.sources] == [3 * UNIT // 4, UNIT // 4]


def test_shares_sum_to_one_exactly() -> None:
    prices = IndexPrices()
    for name in ("a", "b", "c"):
        prices.report("BTCUSDT", name, 100 * UNIT, NOW)
    index = prices.of("BTCUSDT", 1, NOW)
    assert index is not None
    assert sum(source.weight for source in index.sources) == UNIT


def test_a_newer_report_replaces_and_silence_expires() -> None:
    prices = IndexPrices()
    prices.report("BTCUSDT", "a", 100 * UNIT, NOW)
    prices.report("BTCUSDT", "a", 101 * UNIT, NOW + 1)
    prices.report("BTCUSDT", "b", 900 * UNIT, NOW - STALE_MS)
    index = prices.of("BTCUSDT", 1, NOW + 1)
    assert index is not None
    assert index.price == 101 * UNIT
    late = prices.of("BTCUSDT", 5 * UNIT, NOW + 1 + STALE_MS)
    assert late is not None
    assert late.sources[0].name == OWN_SOURCE


def test_bad_reports_are_refused() -> None:
    prices = IndexPrices()
    for price, weight in ((0, 1), (-1, 1), (1, 0)):
        with pytest.raises(ValueError, match="positive"):
            prices.report("BTCUSDT", "a", price, NOW, weight)
    for number in range(MAX_SOURCES):
        prices.report("BTCUSDT", str(number), 1, NOW)
    with pytest.raises(ValueError, match="at most"):
        prices.report("BTCUSDT", "one more", 1, NOW)
