"""Candles from the database against candles counted from the trades."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from openbourse.core.commands import SetMarketStatus
from openbourse.core.events import Applied, Trade, TradeSide
from openbourse.history.candles import candles_of_market
from openbourse.history.history import History
from openbourse.market_data.candles import PERIODS
from tests.market_data.naive import Print, naive_candles, naive_start

START = 1_767_225_599_000  # one second before 2026 (UTC): a minute, a day and a three-day period end
STEPS = st.one_of(
    st.just(0),
    st.integers(0, 90_000),
    st.integers(0, 4 * 3_600_000),
    st.sampled_from((86_400_000, 604_800_000, 3 * 86_400_000 - 1)),
)
PRINTS = st.lists(
    st.tuples(STEPS, st.integers(1, 9), st.integers(1, 10**30), st.booleans()), min_size=1, max_size=25
)


def trade_record(prints: list[Print]) -> list[Applied]:
    """Each print as a command of its own that made one trade."""
    record: list[Applied] = []
    for number, item in enumerate(prints, 1):
        taker = TradeSide(1, 1, "spot", "", "buy" if item.taker_buys else "sell", 0, "X")
        maker = TradeSide(2, 2, "spot", "", "sell" if item.taker_buys else "buy", 0, "X")
        trade = Trade(number, "M", item.price, item.quantity, taker, maker)
        record.append(Applied(number, SetMarketStatus(item.time, "M", "open"), [trade]))
    return record


@given(
    steps=PRINTS,
    sizes=st.lists(st.integers(1, 5), min_size=25, max_size=25),
    idle=STEPS,
    limit=st.integers(1, 40),
    cut=st.tuples(STEPS, STEPS),
)
@settings(max_examples=60, deadline=None)
def test_every_period_equals_counting(
    steps: list[tuple[int, int, int, bool]],
    sizes: list[int],
    idle: int,
    limit: int,
    cut: tuple[int, int],
) -> None:
    prints: list[Print] = []
    now = START
    for step, price, quantity, buys in steps:
        now += step
        prints.append(Print(now, price, quantity, buys))
    now += idle
    history = History("sqlite://")
    record = trade_record(prints)
    for size in sizes:  # batches of any size, some of them reopening the candles of the one before
        history.apply(record[:size])
        record = record[size:]
    with history.engine.connect() as connection:
        for period in PERIODS:
            last = naive_start(now, period)
            if (last - START) // (period * 1000) > 3000:
                continue  # too many gaps for the slow way; the longer periods show the same
            expected = naive_candles(prints, period, last)
            assert candles_of_market(connection, "M", period, now, limit=limit) == expected[-limit:]
            start, end = START + cut[0], START + cut[0] + cut[1]
            inside = [candle for candle in expected if start <= candle.start <= end]
            found = candles_of_market(connection, "M", period, now, limit=limit, start=start, end=end)
            assert found == inside[-limit:]
    history.close()


def test_a_market_without_trades_has_no_candles(connection: Connection) -> None:
    assert candles_of_market(connection, "NONE", 60, START) == []


def test_odd_requests(connection: Connection, record: list[Applied]) -> None:
    now = max(applied.command.time for applied in record)
    ask = candles_of_market
    assert ask(connection, "BTCUSDT", 60, now, start=now, end=now - 120_000) == []
    assert ask(connection, "BTCUSDT", 60, now, end=-1) == []
    assert ask(connection, "BTCUSDT", 60, now, start=now + 60_000) == []
    assert ask(connection, "BTCUSDT", 60, now, start=0, end=10**17) == ask(connection, "BTCUSDT", 60, now)
    with pytest.raises(ValueError, match="no candles of 61 seconds"):
        ask(connection, "BTCUSDT", 61, now)
    with pytest.raises(ValueError, match="limit"):
        ask(connection, "BTCUSDT", 60, now, limit=1001)
