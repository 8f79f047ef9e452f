"""The noise taker: now and then it buys or sells something, for no reason that the market could know.

Pure, as the market maker is.
"""

from random import Random
from typing import Final, NamedTuple

from openbourse.core.commands import Side
from openbourse.sandbox.market_view import MarketView

_PPM: Final = 1_000_000
# The chance to act when asked in usual times, and how far from the best price it goes at most.
_EAGERNESS_PPM: Final = 500_000
_REACH_PPM: Final = 1_000
_CALMEST: Final = 60
_WILDEST: Final = 200
# Most trades are small: this many doublings from a hundredth of a lot.
_DOUBLINGS: Final = 8


class Take(NamedTuple):
    """An order that takes what is there up to `price` and leaves nothing."""

    side: Side
    price: int
    quantity: int


def decide(view: MarketView, rng: Random) -> Take | None:
    """What to take now, if anything. Who has bought much rather sells; turbulence makes for more trade."""
    if rng.randrange(_PPM) >= _EAGERNESS_PPM * view.excitement(_CALMEST, _WILDEST) // 100:
        return None
    side: Side = "sell" if rng.randint(-_PPM, _PPM) < view.inventory() else "buy"
    best = view.look.best_ask if side == "buy" else view.look.best_bid
    if best == 0:
        return None
    reach = best * _REACH_PPM // _PPM
    price = best + reach if side == "buy" else best - reach
    price = max(view.tick, price - price % view.tick)
    smallest = view.look.lot // 100
    doublings = min(rng.randrange(_DOUBLINGS), rng.randrange(_DOUBLINGS))
    quantity = rng.randint(smallest, 2 * smallest) << doublings
    return Take(side, price, view.quantity(quantity))
