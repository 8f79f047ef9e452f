"""Those who look at the past of the price: momentum traders run after it, mean reverters lean against it.

Pure, as all bots are. What counts as far is measured in the market's own steps, so that they do the same in
calm and in wild times, and whether they look every second or every minute.
"""

from itertools import pairwise
from random import Random
from typing import Final

from openbourse.core.commands import Side
from openbourse.sandbox.market_view import PPM, MarketView
from openbourse.sandbox.noise_taker import Take

# How many looks at the market make a past.
MEMORY: Final = 20
# How far the price is from its mean when they act, in per cent of its mean step.
_MOMENTUM: Final = 500
_REVERSION: Final = 700
_REACH_PPM: Final = 500


def follow(view: MarketView, rng: Random) -> Take | None:
    """Momentum: buy what has risen, sell what has fallen."""
    away = _away(view)
    if abs(away) < _MOMENTUM:
        return None
    return _take(view, "buy" if away > 0 else "sell", rng)


def lean(view: MarketView, rng: Random) -> Take | None:
    """Mean reversion: sell what has risen much, buy what has fallen much."""
    away = _away(view)
    if abs(away) < _REVERSION:
        return None
    return _take(view, "sell" if away > 0 else "buy", rng)


def _away(view: MarketView) -> int:
    """How far the price is from its mean of late, in per cent of its mean step; 0 while that is not known."""
    past = view.past
    if len(past) < MEMORY or not view.look.middle:
        return 0
    steps = sum(abs(after - before) for before, after in pairwise(past))
    step = max(view.tick, steps // (len(past) - 1))
    return (view.look.middle - sum(past) // len(past)) * 100 // step


def _take(view: MarketView, side: Side, rng: Random) -> Take | None:
    # Who has bought half as much as it began with does not buy more.
    if (side == "buy") == (view.inventory() > 0) and abs(view.inventory()) > PPM // 2:
        return None
    best = view.look.best_ask if side == "buy" else view.look.best_bid
    reach = best * _REACH_PPM // PPM
    price = best + reach if side == "buy" else best - reach
    quantity = view.quantity(view.look.lot * rng.randint(10, 100) // 100)
    return Take(side, max(view.tick, price - price % view.tick), quantity)
