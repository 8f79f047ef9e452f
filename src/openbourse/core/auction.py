"""Auction: orders are collected without matching, then cleared at one price.

The price is the one at which most is traded; among several, that of the smallest surplus, then the
one nearest to the last price, then the lowest.
"""

from openbourse.core.book import BookSide
from openbourse.core.market import Market
from openbourse.core.matching import fill, finish
from openbourse.core.order import Order
from openbourse.core.state import State


def uncross(state: State, market: Market) -> None:
    """Fill all orders that cross, at the clearing price, by price-time priority."""
    if not market.is_crossed():
        return
    bids, asks = market.bids, market.asks
    price = clearing_price(market)
    while market.is_crossed():
        bid_level, ask_level = bids.best(), asks.best()
        assert bid_level is not None
        assert ask_level is not None
        bid, ask = bid_level.first, ask_level.first
        assert bid is not None
        assert ask is not None
        taker, maker = (bid, ask) if bid.order_id > ask.order_id else (ask, bid)
        fill(state, market, taker, maker, price, min(bid.remaining, ask.remaining))
        for order, side in ((maker, market.own(maker)), (taker, market.own(taker))):
            _settle(state, market, order, side)


def _settle(state: State, market: Market, order: Order, side: BookSide) -> None:
    level = order.level
    assert level is not None
    if order.remaining == 0:
        side.remove(order)
        finish(state, order)
    else:
        state.order_changed("filled", order, "partially_filled")
    if not order.hidden:
        state.level_changed(market, side, level)


def clearing_price(market: Market) -> int:
    """The price that trades most in a crossed book; see the module's text for ties."""
    bids = [(level.price, level.quantity) for level in market.bids.best_first()]
    asks = [(level.price, level.quantity) for level in market.asks.best_first()]
    best: tuple[int, int, int, int] | None = None
    chosen = 0
    supply = 0
    demand = sum(quantity for _, quantity in bids)
    candidates = sorted({price for price, _ in bids} | {price for price, _ in asks})
    waiting_bids = bids[::-1]
    next_bid = next_ask = 0
    for price in candidates:
        while next_ask < len(asks) and asks[next_ask][0] <= price:
            supply += asks[next_ask][1]
            next_ask += 1
        while next_bid < len(waiting_bids) and waiting_bids[next_bid][0] < price:
            demand -= waiting_bids[next_bid][1]
            next_bid += 1
        distance = abs(price - market.last_price) if market.last_price else 0
        rank = (-min(supply, demand), abs(supply - demand), distance, price)
        if best is None or rank < best:
            best, chosen = rank, price
    return chosen
