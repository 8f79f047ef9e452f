"""Market data behind the real exchange under random traffic, and after a restart from the history."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openbourse.core.commands import Side
from openbourse.core.events import Applied
from openbourse.core.exchange import Exchange
from openbourse.history.history import History, markets_past
from openbourse.market_data.market_data import MarketData
from openbourse.market_data.tape import TapeTrade
from tests.market_data.naive import MINUTE_MS, Print, naive_ticker
from tests.market_data.recorded import recorded, run, timed_trades

SIDES: tuple[Side, Side] = ("buy", "sell")


@given(st.integers(0, 2**32))
@settings(max_examples=15, deadline=None)
def test_depth_equals_the_book_after_every_command(seed: int) -> None:
    exchange, data = Exchange(), MarketData()
    for applied in run(exchange, seed, 500):
        data.apply([applied])
        for market in exchange.market_names():
            depth = data.depth(market, 10**6)
            assert depth.bids == exchange.levels(market, "buy", 0)
            assert depth.asks == exchange.levels(market, "sell", 0)
            assert depth.last == data.last_price(market) == exchange.last_price(market)
            for side in SIDES:
                assert [data.best(market, side)] == (exchange.levels(market, side, 1) or [(0, 0)])
    assert data.markets() == exchange.market_names()
    assert (data.sequence, data.now) == (exchange.sequence, exchange.now)


@given(st.integers(0, 2**32))
@settings(max_examples=10, deadline=None)
def test_tape_and_ticker_equal_the_trades(seed: int) -> None:
    record, data = recorded(seed, 1500), MarketData()
    for applied in record:
        data.apply([applied])
    trades = timed_trades(record)
    assert trades
    for market in data.markets():
        mine = [(time, trade) for time, trade in trades if trade.market == market]
        assert data.tape(market, 1000) == [
            TapeTrade(trade.trade_id, time, trade.price, trade.quantity, trade.taker.side)
            for time, trade in reversed(mine[-1000:])
        ]
        prints = [Print(time, t.price, t.quantity, t.taker.side == "buy") for time, t in mine]
        for later in (0, MINUTE_MS, 1439 * MINUTE_MS, 1440 * MINUTE_MS):
            assert data.ticker(market, data.now + later) == naive_ticker(prints, data.now + later)


def test_commands_that_were_applied_are_ignored_and_gaps_refused() -> None:
    record = recorded(5, 400)
    once, twice = MarketData(), MarketData()
    for applied in record:
        once.apply([applied])
        twice.apply([applied])
        twice.apply([record[0]])
        twice.apply([applied])
    for market in once.markets():
        assert twice.depth(market, 50) == once.depth(market, 50)
        assert twice.tape(market, 100) == once.tape(market, 100)
        assert twice.ticker(market, once.now) == once.ticker(market, once.now)
    with pytest.raises(ValueError, match="at 400 was given command 402"):
        once.apply([Applied(402, record[-1].command, [])])


@pytest.mark.parametrize("stop_after", [1, 5, 700, 1999])
def test_a_restart_in_the_middle_changes_nothing(stop_after: int) -> None:
    exchange, through, history = Exchange(), MarketData(), History("sqlite://")
    after = MarketData()
    for applied in run(exchange, 11, 2000):
        through.apply([applied])
        history.apply([applied])
        if applied.sequence > stop_after:
            after.apply([applied])
        elif applied.sequence == stop_after:
            with history.engine.connect() as connection:
                past = markets_past(connection, exchange.market_names(), exchange.now)
            after.load(exchange, past)
    history.close()
    assert after.sequence == through.sequence == 2000
    for market in through.markets():
        for interval in (0, 10**11, 10**14):
            restarted, uninterrupted = (d.depth(market, 50, interval) for d in (after, through))
            assert restarted.asks == uninterrupted.asks
            assert restarted.bids == uninterrupted.bids
            assert restarted.last == uninterrupted.last
        assert after.tape(market, 1000) == through.tape(market, 1000)
        for later in (0, 60_000, 1440 * 60_000, 1500 * 60_000):
            assert after.ticker(market, after.now + later) == through.ticker(market, after.now + later)
