"""The market maker: a ladder of quotes on both sides of the reference price.

Pure: a view of the market and random numbers go in, the wanted changes of its orders come out. Quotes near
the price follow it closely, those far away lazily, so that a moving price costs few commands. In turbulent
times they are farther apart. What others buy and sell moves the whole ladder, and beyond a limit of its
inventory the maker quotes one side only.
"""

from collections.abc import Iterator
from random import Random
from typing import Final, NamedTuple

from openbourse.core.commands import Side
from openbourse.core.events import OrderState
from openbourse.sandbox.market_view import MarketView

LEVELS: Final = 30
_PPM: Final = 1_000_000
# How far from the reference price it quotes, per inventory: what others buy or sell moves the market.
_SKEW_PPM: Final = 100_000
# From the first inventory on it quotes less and less of what it has bought, beyond the second nothing.
_EASE_PPM: Final = 250_000
LIMIT_PPM: Final = 500_000
_WIDEST: Final = 400
_NARROWEST: Final = 50


class Style(NamedTuple):
    """How a maker quotes: depth and spread in per cent of the usual, and on which sides."""

    levels: int = LEVELS
    depth: int = 100
    spread: int = 100
    sides: tuple[Side, ...] = ("buy", "sell")


USUAL: Final = Style()


class Quote(NamedTuple):
    side: Side
    price: int
    quantity: int


class Change(NamedTuple):
    """A new price for an order, and a new total amount if it has one."""

    order: OrderState
    price: int
    amount: int | None


class Moves(NamedTuple):
    """What is to be done, in this order."""

    cancels: list[OrderState]
    changes: list[Change]
    quotes: list[Quote]


class _Rung(NamedTuple):
    """One wanted level: an order within `tolerance` of `price` will do."""

    price: int
    tolerance: int
    lots: int  # in thousandths


def decide(view: MarketView, rng: Random, style: Style = USUAL) -> Moves:
    """Bring the bot's orders to the ladder with few changes."""
    center = view.look.reference - view.look.reference * view.inventory() * _SKEW_PPM // (_PPM * _PPM)
    moves = Moves([], [], [])
    for side in ("buy", "sell"):
        rungs = list(_ladder(view, side, center, style)) if side in style.sides else []
        _decide_side(view, side, rungs, rng, moves)
    # Away from the middle first: otherwise a quote could meet one of our own that has not moved yet.
    moves.changes.sort(key=_comes_closer)
    return moves


def _ladder(view: MarketView, side: Side, center: int, style: Style) -> Iterator[_Rung]:
    """Rungs from the best outward: dense and small near the middle, 2 % away and large at the end.

    No two are at one price. A side has some 1,100 lots in all.
    """
    tick = view.tick
    sign = -1 if side == "buy" else 1
    spread = style.spread * view.excitement(_NARROWEST, _WIDEST) // 100
    appetite = _appetite(view, side)
    if not appetite:
        return
    previous = 0
    for level in range(style.levels):
        distance = center * (80 + 40 * level + 25 * level * level) * spread // (100 * _PPM)
        price = center + sign * distance
        price -= price % tick if side == "buy" else -(-price % tick)
        if previous and (price - previous) * sign < tick:
            price = previous + sign * tick
        if price <= 0:
            return
        previous = price
        lots = (1_000 + 500 * level + 100 * level * level) * style.depth // 100
        yield _Rung(price, distance // 4, max(1, lots * appetite // _PPM))


def _appetite(view: MarketView, side: Side) -> int:
    """How much of its usual quantity it wants to buy or sell, in 10^-6."""
    bought = view.inventory() if side == "buy" else -view.inventory()
    return max(0, min(_PPM, (LIMIT_PPM - bought) * _PPM // (LIMIT_PPM - _EASE_PPM)))


def _decide_side(view: MarketView, side: Side, rungs: list[_Rung], rng: Random, moves: Moves) -> None:
    own = [order for order in view.orders if order.request.side == side]
    own.sort(key=lambda order: order.price, reverse=side == "buy")
    unmet, strays = _match(view, rungs, own, side)
    for rung, order in zip(unmet, strays, strict=False):
        moves.changes.append(Change(order, rung.price, _refill(view, order, rung, rng)))
    moves.cancels.extend(strays[len(unmet) :])
    moves.quotes.extend(Quote(side, rung.price, _size(view, rung, rng)) for rung in unmet[len(strays) :])


def _match(
    view: MarketView, rungs: list[_Rung], own: list[OrderState], side: Side
) -> tuple[list[_Rung], list[OrderState]]:
    """The rungs that no order stands on, and the orders that stand on none; both are sorted outward."""
    sign = -1 if side == "buy" else 1
    unmet: list[_Rung] = []
    strays: list[OrderState] = []
    waiting = iter(own)
    order = next(waiting, None)
    for rung in rungs:
        while order is not None and (order.price - rung.price) * sign < -rung.tolerance:
            strays.append(order)
            order = next(waiting, None)
        if order is None or abs(order.price - rung.price) > rung.tolerance or not _suits(view, order, rung):
            unmet.append(rung)
        else:
            order = next(waiting, None)
    if order is not None:
        strays.append(order)
    strays.extend(waiting)
    return unmet, strays


def _suits(view: MarketView, order: OrderState, rung: _Rung) -> bool:
    """Neither nearly eaten up, nor left from a time when books were much deeper."""
    usual = view.quantity(view.look.lot * rung.lots // 1_000)
    return order.remaining * 2 >= order.amount and order.remaining <= 10 * usual


def _refill(view: MarketView, order: OrderState, rung: _Rung, rng: Random) -> int | None:
    """A new total amount for an order that is too small or too large for its new place."""
    size = _size(view, rung, rng)
    return None if size <= order.remaining * 2 <= size * 4 else order.filled.quantity + size


def _size(view: MarketView, rung: _Rung, rng: Random) -> int:
    return view.quantity(view.look.lot * rung.lots * rng.randint(60, 140) // 100_000)


def _comes_closer(change: Change) -> bool:
    return (change.price > change.order.price) == (change.order.request.side == "buy")
