"""Matching: a taker meets the makers on the other side, best price first, then oldest first.

Fills happen at the maker's price. Both orders pay from what they hold, so a fill can never be short
of money; what a buyer held for a worse price is released with the fill.
"""

from typing import Any, Final

from openbourse.core.book import ANY_PRICE, BookSide, Level
from openbourse.core.events import OrderStatus, Trade
from openbourse.core.fees import assess_fee
from openbourse.core.ledger import Account
from openbourse.core.market import Market
from openbourse.core.order import Fills, Order
from openbourse.core.state import State
from openbourse.core.units import UNIT

# What became of the taker at one level.
_GO_ON: Final = 0
_DONE: Final = 1
_STOPPED_BY_SELF_TRADE: Final = 2

_TRADE: Final = Trade  # see core.order


def match(state: State, market: Market, taker: Order) -> bool:
    """Fill the taker as far as it goes; False if self-trade prevention cancels its rest."""
    makers = market.opposite(taker)
    limit = makers.key(taker.price) if taker.price > 0 else ANY_PRICE
    while taker.remaining > 0:
        level = makers.best_within(limit)
        if level is None:
            return True
        visible = level.visible
        outcome = _take_level(state, market, taker, makers, level)
        if level.visible != visible:
            state.level_changed(market, makers, level)
        if outcome == _STOPPED_BY_SELF_TRADE:
            return False
        if outcome == _DONE:
            return True
    return True


def _take_level(state: State, market: Market, taker: Order, makers: BookSide, level: Level) -> int:
    while taker.remaining > 0:
        maker = level.first
        if maker is None:
            return _GO_ON
        quantity = fill_quantity(market, taker, maker)
        if quantity == 0:
            # What is left cannot buy one step of quantity. After a fill it is dust, and the order
            # counts as filled; nothing would be traded, so no self-trade needs to be prevented.
            if taker.filled_quantity > 0:
                taker.remaining = 0
            return _DONE
        if maker.owner is taker.owner and (taker.cancels_maker or taker.cancels_taker):
            if taker.cancels_maker:
                makers.remove(maker)
                finish(state, maker)
            if taker.cancels_taker:
                return _STOPPED_BY_SELF_TRADE
            continue
        fill(state, market, taker, maker, maker.price, quantity)
        if maker.remaining == 0:
            makers.remove(maker)
            finish(state, maker)
        else:
            state.order_changed("filled", maker, "partially_filled")
    return _DONE


def fill_quantity(market: Market, taker: Order, maker: Order) -> int:
    """How much the taker takes of this maker (reference/coinex/spot.md §4.2 for quote amounts)."""
    if not taker.in_quote:
        return min(taker.remaining, maker.remaining)
    affordable = taker.remaining // maker.price
    return min(affordable - affordable % market.quantity_step, maker.remaining)


def fill(state: State, market: Market, taker: Order, maker: Order, price: int, quantity: int) -> None:
    """One trade. The maker's level is brought up to date; removing a filled maker is the caller's."""
    trade_id: Any = state.new_id()  # an object made once, not for each event
    notional = price * quantity
    goods = quantity * UNIT
    market.last_price = price
    state.touch(market)
    taker_pays = state.ledger.settlement(taker.pays.asset)
    maker_pays = state.ledger.settlement(maker.pays.asset)
    taker_cost, maker_cost = (notional, goods) if taker.is_buy else (goods, notional)
    _release_improvement(taker, price, quantity)
    _take_payment(state, taker, taker_cost, taker_pays, trade_id)
    _release_improvement(maker, price, quantity)
    _take_payment(state, maker, maker_cost, maker_pays, trade_id)
    taker_fee, taker_fee_asset = _deliver(state, taker, maker_cost, maker_pays, taker.rates.taker, trade_id)
    maker_fee, maker_fee_asset = _deliver(state, maker, taker_cost, taker_pays, maker.rates.maker, trade_id)
    _note_fill(state, taker, price, quantity, notional)
    _note_fill(state, maker, price, quantity, notional)
    state.events.append(
        _TRADE(
            trade_id,
            market.name,
            price,
            quantity,
            taker.trade_side(taker_fee, taker_fee_asset),
            maker.trade_side(maker_fee, maker_fee_asset),
        )
    )


def _note_fill(state: State, order: Order, price: int, quantity: int, notional: int) -> None:
    order.remaining -= notional if order.in_quote else quantity
    fills_of(order).add(quantity, price, notional)
    order.updated_at = state.now
    level = order.level
    if level is not None:
        level.change(order, -quantity)


def fills_of(order: Order) -> Fills:
    """What was filled of an order, made with its first fill."""
    fills = order.fills
    if fills is None:
        fills = order.fills = Fills()
    return fills


def _release_improvement(order: Order, price: int, quantity: int) -> None:
    """Give back what a buyer held for a worse price than that of the fill."""
    if order.is_buy and order.price > price:
        order.pays.release((order.price - price) * quantity)


def _take_payment(state: State, order: Order, cost: int, settlement: Account, trade_id: Any) -> None:
    """Post what the order gives to settlement."""
    account = order.pays
    account.spend(cost, settlement)
    state.balance_changed(account, -cost, "trade", trade_id)


def _deliver(
    state: State, order: Order, gross: int, settlement: Account, rate: int, trade_id: Any
) -> tuple[int, str]:
    """Post what the order gets from settlement and charge its fee; returns fee and fee asset."""
    fills = fills_of(order)
    account = order.receives
    settlement.pay(gross, account)
    fee, in_token = assess_fee(state, order, gross, rate)
    if in_token:
        state.balance_changed(account, gross, "trade", trade_id)
        account = state.ledger.account(order.owner.user, order.wallet, state.fee_token)
        fills.token_fee += fee
    elif order.is_buy:
        fills.base_fee += fee
    else:
        fills.quote_fee += fee
    account.pay(fee, state.ledger.fees(account.asset))
    if in_token:
        state.balance_changed(account, -fee, "fee", trade_id)
    else:
        state.balance_changed(account, gross - fee, "trade", trade_id)
    return fee, account.asset


def finish(state: State, order: Order) -> None:
    """End an order that is no longer on the book: release what it holds and report it."""
    release_rest(state, order)
    del order.owner.orders[order.order_id]
    if order.remaining == 0:
        state.order_changed("finished", order, "filled")
        return
    order.updated_at = state.now
    status: OrderStatus = "partially_cancelled" if order.filled_quantity > 0 else "cancelled"
    state.order_changed("finished", order, status)


def release_rest(state: State, order: Order) -> None:
    """Give back what an order still holds."""
    held = order.held
    if held != 0:  # it is never negative, which `release` makes sure of
        account = order.pays
        account.release(held)
        state.balance_changed(account, 0, "order", order.order_id)
