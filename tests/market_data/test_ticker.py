"""The rolling ticker against all trades counted anew."""

from hypothesis import given
from hypothesis import strategies as st

from openbourse.market_data.candles import period_start, trade_candle
from openbourse.market_data.ticker import RollingTicker, Ticker
from tests.market_data.naive import MINUTE_MS, Print, naive_ticker

DAY_MS = 1440 * MINUTE_MS

# Steps of seconds, of minutes, and of most of a day or more, so that windows fill, slide and empty.
STEPS = st.one_of(
    st.integers(0, 90_000),
    st.integers(0, 40 * MINUTE_MS),
    st.sampled_from((DAY_MS - MINUTE_MS, DAY_MS, DAY_MS + 1, DAY_MS // 2, 3 * DAY_MS)),
)
PRINTS = st.lists(st.tuples(STEPS, st.integers(1, 20), st.integers(1, 9), st.booleans()), max_size=60)


@given(PRINTS, st.lists(STEPS, min_size=1, max_size=4))
def test_equals_counting_all_trades_of_the_window(
    steps: list[tuple[int, int, int, bool]], idle: list[int]
) -> None:
    ticker, prints, now = RollingTicker(), list[Print](), 1_767_225_599_999
    for step, price, quantity, buys in steps:
        now += step
        assert ticker.at(now) == naive_ticker(prints, now)
        prints.append(Print(now, price, quantity, buys))
        ticker.add(trade_candle(period_start(now, 60), price, quantity, buys))
        assert ticker.at(now) == naive_ticker(prints, now)
    for step in idle:
        now += step
        assert ticker.at(now) == naive_ticker(prints, now)


def test_before_the_first_trade_all_is_zero() -> None:
    assert RollingTicker().at(1_767_225_600_000) == Ticker()


def test_ages_without_trades() -> None:
    ticker = RollingTicker()
    ticker.add(trade_candle(0, 100, 3, True))
    ticker.add(trade_candle(MINUTE_MS, 90, 2, False))
    assert ticker.at(DAY_MS - 1) == Ticker(90, 100, 100, 90, 5, 480, 3, 2)
    assert ticker.at(DAY_MS) == Ticker(90, 90, 90, 90, 2, 180, 0, 2)
    assert ticker.at(DAY_MS + MINUTE_MS) == Ticker(90, 90, 90, 90)


def test_open_is_the_price_of_24_hours_ago() -> None:
    """Whoever bought a day ago paid what the newest trade before then cost."""
    ticker = RollingTicker()
    ticker.add(trade_candle(0, 100, 1, True))
    ticker.add(trade_candle(DAY_MS, 110, 1, True))
    assert ticker.at(DAY_MS) == Ticker(110, 100, 110, 100, 1, 110, 1, 0)
    assert ticker.at(0) == ticker.at(DAY_MS)  # a clock that runs back changes nothing
    assert ticker.at(2 * DAY_MS - MINUTE_MS) == Ticker(110, 110, 110, 110, 1, 110, 1, 0)
