"""The takers that have a reason: pure functions of what they see."""

from random import Random

from openbourse.core.units import MONEY_UNIT, UNIT
from openbourse.sandbox import followers, informed_taker
from openbourse.sandbox.market_view import MarketView
from tests.sandbox.test_agents import REFERENCE, seen_with, view

# It has wavered by a tenth of a per cent from look to look.
WAVERING = tuple(REFERENCE + (index % 2 * 2 - 1) * REFERENCE // 2_000 for index in range(followers.MEMORY))


def at(percent: float, past: tuple[int, ...] = WAVERING) -> MarketView:
    """The market with its best prices so far away from the reference."""
    middle = round(REFERENCE * (1 + percent / 100)) // UNIT * UNIT
    return seen_with(view(), best_bid=middle - 10 * UNIT, best_ask=middle + 10 * UNIT)._replace(past=past)


def test_the_informed_one_takes_what_is_on_the_wrong_side_of_the_truth() -> None:
    assert informed_taker.decide(at(0), Random(1)) is None
    cheap, dear = at(-1), at(1)
    buy, sell = informed_taker.decide(cheap, Random(1)), informed_taker.decide(dear, Random(1))
    assert buy is not None
    assert sell is not None
    assert (buy.side, sell.side) == ("buy", "sell")
    assert cheap.look.best_ask <= buy.price < REFERENCE < sell.price <= dear.look.best_bid
    assert buy.price % cheap.tick == sell.price % dear.tick == 0


def test_momentum_runs_after_the_price_and_reversion_leans_against_it() -> None:
    for percent, follows, leans in ((1, "buy", "sell"), (-1, "sell", "buy")):
        follow, lean = followers.follow(at(percent), Random(1)), followers.lean(at(percent), Random(1))
        assert follow is not None
        assert lean is not None
        assert (follow.side, lean.side) == (follows, leans)


def test_small_moves_and_short_pasts_mean_nothing() -> None:
    """Small against the steps of the market itself: five of them for the one, seven for the other."""
    for decide in (followers.follow, followers.lean):
        assert decide(at(0.4), Random(1)) is None
        assert decide(at(1, WAVERING[1:]), Random(1)) is None
        assert decide(seen_with(at(1), best_bid=0), Random(1)) is None
        wild = tuple(REFERENCE + (price - REFERENCE) * 10 for price in WAVERING)
        assert decide(at(1, wild), Random(1)) is None
    assert followers.follow(at(0.6), Random(1)) is not None
    assert followers.lean(at(0.6), Random(1)) is None


def test_who_has_bought_much_buys_no_more() -> None:
    laden = at(1)._replace(base=1_600 * MONEY_UNIT)
    assert followers.follow(laden, Random(1)) is None
    assert followers.lean(laden, Random(1)) is not None
