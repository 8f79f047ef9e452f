"""The informed taker: it knows the reference price, and takes whatever is offered on the wrong side of it.

Pure, as all bots are. It comes before the makers have looked, and takes quotes that the price has left
behind: that is what makers fear, and what moves a market to its price when others have moved it away.
"""

from random import Random
from typing import Final

from openbourse.core.commands import Side
from openbourse.sandbox.market_view import MarketView
from openbourse.sandbox.noise_taker import Take

_PPM: Final = 1_000_000
# What a trade must gain at least.
_EDGE_PPM: Final = 100


def decide(view: MarketView, rng: Random) -> Take | None:
    """Take up to the price that still gains something, if the best one does."""
    edge = view.look.reference * _EDGE_PPM // _PPM
    if view.look.best_ask and view.look.best_ask < view.look.reference - edge:
        return _take(view, "buy", view.look.reference - edge, rng)
    if view.look.best_bid > view.look.reference + edge:
        return _take(view, "sell", view.look.reference + edge, rng)
    return None


def _take(view: MarketView, side: Side, limit: int, rng: Random) -> Take:
    price = limit - limit % view.tick if side == "buy" else -(-limit // view.tick) * view.tick
    return Take(side, max(view.tick, price), view.quantity(view.look.lot * rng.randint(50, 500) // 100))
