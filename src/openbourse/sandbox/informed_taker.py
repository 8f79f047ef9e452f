"""The informed taker: it knows the reference price, and takes whatever is offered on the wrong side of it.

Pure, as all bots are. It is what moves a market to its price when quotes or others have moved it away.
"""

from random import Random
from typing import Final

from openbourse.core.commands import Side
from openbourse.sandbox.market_view import MarketView
from openbourse.sandbox.noise_taker import Take

_PPM: Final = 1_000_000
# What a trade must gain at least.
_EDGE_PPM: Final = 400


def decide(view: MarketView, rng: Random) -> Take | None:
    """Take up to the price that still gains something, if the best one does."""
    edge = view.reference * _EDGE_PPM // _PPM
    if view.best_ask and view.best_ask < view.reference - edge:
        return _take(view, "buy", view.reference - edge, rng)
    if view.best_bid > view.reference + edge:
        return _take(view, "sell", view.reference + edge, rng)
    return None


def _take(view: MarketView, side: Side, limit: int, rng: Random) -> Take:
    price = limit - limit % view.tick if side == "buy" else -(-limit // view.tick) * view.tick
    return Take(side, max(view.tick, price), view.quantity(view.lot * rng.randint(50, 500) // 100))
