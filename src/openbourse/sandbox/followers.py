"""Those who look at the past of the price: momentum traders run after it, mean reverters lean against it.

Pure, as all bots are.
"""

from random import Random
from typing import Final

from openbourse.core.commands import Side
from openbourse.sandbox.market_view import MarketView
from openbourse.sandbox.noise_taker import Take

# How many looks at the market make a past.
MEMORY: Final = 20
_PPM: Final = 1_000_000
_MOMENTUM_PPM: Final = 600
_REVERSION_PPM: Final = 1_500
_REACH_PPM: Final = 500


def follow(view: MarketView, rng: Random) -> Take | None:
    """Momentum: buy what has risen, sell what has fallen."""
    away = _away(view)
    if abs(away) < _MOMENTUM_PPM:
        return None
    return _take(view, "buy" if away > 0 else "sell", rng)


def lean(view: MarketView, rng: Random) -> Take | None:
    """Mean reversion: sell what has risen much, buy what has fallen much."""
    away = _away(view)
    if abs(away) < _REVERSION_PPM:
        return None
    return _take(view, "sell" if away > 0 else "buy", rng)


def _away(view: MarketView) -> int:
    """How far the price is from its mean of late, in 10^-6; 0 while that is not known."""
    if len(view.past) < MEMORY or not view.best_bid or not view.best_ask:
        return 0
    mean = sum(view.past) // len(view.past)
    return (view.middle - mean) * _PPM // mean


def _take(view: MarketView, side: Side, rng: Random) -> Take | None:
    # Who holds nearly nothing but this does not buy more of it.
    if (side == "buy") == (view.imbalance() > 0) and abs(view.imbalance()) > _PPM // 2:
        return None
    best = view.best_ask if side == "buy" else view.best_bid
    reach = best * _REACH_PPM // _PPM
    price = best + reach if side == "buy" else best - reach
    quantity = view.quantity(view.lot * rng.randint(10, 100) // 100)
    return Take(side, max(view.tick, price - price % view.tick), quantity)
