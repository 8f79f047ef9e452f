"""Candle arithmetic against the calendar and against trades counted one by one."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbourse.market_data.candles import PERIODS, Candle, fill_gaps, period_start, trade_candle
from tests.market_data.naive import Print, naive_candles, naive_start

TIMES = st.integers(min_value=0, max_value=4_102_444_800_000)


@given(TIMES, st.sampled_from(PERIODS))
def test_periods_start_where_the_calendar_says(time: int, period: int) -> None:
    week_zero = 4 * 86_400_000
    if period != 604_800 or time >= week_zero:
        assert period_start(time, period) == naive_start(time, period)


def test_a_week_starts_on_monday_and_three_days_count_from_the_epoch() -> None:
    wednesday = 1_767_225_600_000 - 86_400_000  # 2025-12-31
    assert period_start(wednesday + 5, 604_800) == 1_766_966_400_000  # Monday 2025-12-29
    assert period_start(wednesday + 5, 3 * 86_400) % (3 * 86_400_000) == 0


@st.composite
def prints(draw: st.DrawFn) -> list[Print]:
    gaps = draw(st.lists(st.integers(0, 400_000), min_size=1, max_size=30))
    values = st.tuples(st.integers(1, 50), st.integers(1, 9), st.booleans())
    times = itertools.accumulate(gaps, initial=draw(TIMES))
    return [Print(time, *draw(values)) for time in itertools.islice(times, len(gaps))]


@given(prints(), st.sampled_from((60, 180, 300)), st.integers(0, 10))
def test_folding_trades_and_filling_gaps_equals_counting(trades: list[Print], period: int, idle: int) -> None:
    folded: list[Candle] = []
    for trade in trades:
        candle = trade_candle(period_start(trade.time, period), trade.price, trade.quantity, trade.taker_buys)
        if folded and folded[-1].start == candle.start:
            folded[-1].absorb(candle)
        else:
            folded.append(candle)
    last = folded[-1].start + idle * period * 1000
    expected = naive_candles(trades, period, last)
    assert fill_gaps(folded, period, folded[0].start, last, 0) == expected
    # Starting in the middle, the close before the start is all that is needed of the past.
    middle = len(expected) // 2
    start, close = expected[middle].start, expected[middle - 1].close if middle else 0
    rest = [candle for candle in folded if candle.start >= start]
    assert fill_gaps(rest, period, start, last, close) == expected[middle:]


def test_no_candles_before_the_first_trade() -> None:
    only = trade_candle(600_000, 5, 1, True)
    assert fill_gaps([only], 60, 0, 660_000, 0)[0] is only
    assert fill_gaps([], 60, 0, 660_000, 0) == []


@pytest.mark.parametrize("period", PERIODS)
def test_the_next_period_starts_where_this_one_ends(period: int) -> None:
    start = period_start(1_767_225_600_123, period)
    assert period_start(start, period) == start
    assert period_start(start + period * 1000 - 1, period) == start
    assert period_start(start + period * 1000, period) == start + period * 1000
