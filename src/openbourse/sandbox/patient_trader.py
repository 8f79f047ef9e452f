"""The patient trader: it joins the queue at the best prices, waits for its turn, and sometimes gives up.

Pure, as all bots are. It makes the best levels what they are in real markets: several people's.
"""

from random import Random
from typing import Final

from openbourse.core.commands import Side
from openbourse.core.events import OrderState
from openbourse.sandbox.market_maker import USUAL, Moves, Quote, Style
from openbourse.sandbox.market_view import PPM, MarketView

MAX_ORDERS: Final = 4
# Chances in per cent: to place an order when asked, to be ahead of the best price, to give one up.
_EAGERNESS: Final = 50
_AHEAD: Final = 20
_RESTLESSNESS: Final = 10
# Of an order, in per cent of a lot.
_SIZES: Final = (5, 80)
# Beyond this distance from the middle an order has been left behind.
_FAR_PPM: Final = 3_000


def decide(view: MarketView, rng: Random, style: Style = USUAL) -> Moves:
    """What to give up, and what to place; that must not take. `style` is that of the market's makers."""
    moves = Moves([], [], [])
    if not view.look.middle:
        return moves
    for order in view.orders:
        if not _still_fits(view, order, style) or rng.randrange(100) < _RESTLESSNESS:
            moves.cancels.append(order)
    if len(view.orders) - len(moves.cancels) < MAX_ORDERS and rng.randrange(100) < _EAGERNESS:
        side: Side = "sell" if rng.randint(-PPM, PPM) < view.inventory() else "buy"
        if side in style.sides:
            moves.quotes.append(Quote(side, _price(view, side, rng), _size(view, rng, style)))
    return moves


def _still_fits(view: MarketView, order: OrderState, style: Style) -> bool:
    """Near enough, on a side that is quoted, and not too large for the market as it is now."""
    near = abs(order.price - view.look.middle) * PPM <= view.look.middle * _FAR_PPM
    largest = view.quantity(view.look.lot * _SIZES[1] * style.depth // 10_000)
    return near and order.request.side in style.sides and order.remaining <= 2 * largest


def _price(view: MarketView, side: Side, rng: Random) -> int:
    """That of the best order there, to wait behind it, or a little better where the spread has room."""
    ahead = rng.randrange(100) < _AHEAD
    room = (view.look.best_ask - view.look.best_bid) // 4
    step = room - room % view.tick if ahead else 0
    return view.look.best_bid + step if side == "buy" else view.look.best_ask - step


def _size(view: MarketView, rng: Random, style: Style) -> int:
    return view.quantity(view.look.lot * rng.randint(*_SIZES) * style.depth // 10_000)
