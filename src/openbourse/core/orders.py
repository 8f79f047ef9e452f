"""Orders: placing, modifying and cancelling, as commands ask for it.

Everything that can refuse a command comes before the first change. The order of the checks is that
of reference/coinex/spot.md §4.3: parameters, balance, minimum; liquidity last.
"""

from typing import Any, Final

from msgspec.structs import astuple

from openbourse.core.book import ANY_PRICE
from openbourse.core.commands import CancelOrders, OrderRequest, OrderType
from openbourse.core.events import Rates
from openbourse.core.ledger import Account
from openbourse.core.market import Market
from openbourse.core.matching import finish, match
from openbourse.core.order import Fills, Order
from openbourse.core.refusal import Refusal
from openbourse.core.rules import (
    MAX_OPEN_ORDERS,
    check_amount,
    check_band,
    check_client_id,
    check_fields,
    check_open,
    check_phase,
    check_price,
    check_room,
    check_user,
    check_wallet,
)
from openbourse.core.state import State
from openbourse.core.units import UNIT
from openbourse.core.user import User

_FIELDS: Final = astuple  # see core.order


def place(state: State, request: OrderRequest) -> Order:
    """Place an order: match what can be matched, then let the rest stand or cancel it."""
    fields = _FIELDS(request)
    user = _user(state, fields[0])
    check_user(user)
    market = state.market(fields[2])
    order = Order(request, fields, user, market, state.now)
    check_wallet(fields[1])
    check_open(market)
    kind: OrderType = fields[4]
    check_phase(market, kind)
    check_fields(market, kind, order.amount, order.price, order.in_quote)
    check_client_id(fields[8])
    if kind != "market":
        check_band(market, order.price)
    if order.post_only and would_take(market, order, order.price):
        raise Refusal("would_take")
    if order.can_rest:
        check_room(len(user.orders), MAX_OPEN_ORDERS)
    asset = market.quote if order.is_buy else market.base
    found = user.find_account(asset)
    needed = check_funds_and_liquidity(market, order, kind, asset, 0 if found is None else found.available)

    pays = user.account(asset) if found is None else found
    user.account(market.base if order.is_buy else market.quote)  # every order has both
    rates = user.rates(market)
    order.admit(state.new_id(), rates if order.can_rest else Rates(0, rates.taker), pays)
    if kind == "market":
        order.fills = Fills(needed)
    user.orders[order.order_id] = order
    hold(state, order, pays, needed)
    execute(state, market, order)
    if order.level is not None:
        state.order_changed("placed", order, order.live_status())
        order.request = None
    return order


def would_take(market: Market, order: Order, price: int) -> bool:
    """The order, at this price, would meet the best order of the other side."""
    if market.status == "auction":
        return False
    makers = market.opposite(order)
    return makers.best_within(makers.key(price)) is not None


def hold(state: State, order: Order, account: Account, amount: int) -> None:
    """Freeze more money of the account that the order pays from, or give some back."""
    if amount != 0:
        account.freeze(amount)
        state.balance_changed(account, 0, "order", order.order_id)


def execute(state: State, market: Market, order: Order) -> None:
    """Match an order that is not on the book, then let it rest, or end it."""
    goes_on = market.status == "auction" or match(state, market, order)
    if order.remaining > 0 and goes_on and order.can_rest:
        side = market.own(order)
        level = side.add(order)
        if not order.hidden:
            state.level_changed(market, side, level)
    else:
        finish(state, order)


# -- funds and liquidity ---------------------------------------------------------------------------


def check_funds_and_liquidity(
    market: Market, order: Order, kind: OrderType, asset: str, available: int
) -> int:
    """The money to freeze for an order; refuses what is unfunded, too small or cannot be filled."""
    if kind == "market":
        needed = _funds_of_market_order(market, order)
    else:
        needed = order.reservation(order.amount, order.price)
    if needed > available:
        raise Refusal("insufficient_balance", asset)
    minimum = market.min_amount
    if kind == "market":
        best = market.opposite(order).best()
        if order.in_quote:
            minimum *= best.price if best is not None else 0
        if best is None and order.amount >= minimum:
            raise Refusal("no_liquidity")
    if order.amount < minimum:
        raise Refusal("below_minimum")
    if kind == "fok" and reachable(market, order)[0] < order.amount:
        raise Refusal("not_fillable")
    return needed


def _funds_of_market_order(market: Market, order: Order) -> int:
    """What a market order can cost at most, given the book as it stands."""
    if order.is_buy:
        return order.amount if order.in_quote else reachable(market, order)[1]
    return reachable(market, order)[0] * UNIT if order.in_quote else order.amount * UNIT


def reachable(market: Market, order: Order) -> tuple[int, int]:
    """Quantity and notional that an order would be filled with now, its self-trade mode included."""
    makers = market.opposite(order)
    limit = makers.key(order.price) if order.price > 0 else ANY_PRICE
    quantity = notional = 0
    remaining = order.amount
    for key in makers.keys.descending():
        if key < limit or remaining == 0:
            break
        level = makers.levels[key]
        maker = level.first
        while maker is not None and remaining > 0:
            take = remaining
            if order.in_quote:
                take = remaining // level.price
                take -= take % market.quantity_step
            if take == 0:
                return quantity, notional
            if maker.owner is order.owner and (order.cancels_maker or order.cancels_taker):
                if order.cancels_taker:
                    return quantity, notional
                maker = maker.behind
                continue
            take = min(take, maker.remaining)
            quantity += take
            notional += take * level.price
            remaining -= take * level.price if order.in_quote else take
            maker = maker.behind
    return quantity, notional


# -- modifying -------------------------------------------------------------------------------------


def modify(state: State, fields: tuple[Any, ...]) -> None:
    """Change a resting order in place; it keeps its id (reference/coinex/spot.md §4.12).

    It keeps its place in the queue when only its amount shrinks. Otherwise it is matched again, like
    a new order, and goes to the end of its level. `fields` are those of a `ModifyOrder`.
    """
    order = find_order(state, fields)
    market = order.market
    pays = order.pays
    new_amount: int | None = fields[5]
    new_price: int | None = fields[6]
    check_user(order.owner)
    check_open(market)
    check_phase(market, order.resting_type)
    if new_amount is None and new_price is None:
        raise Refusal("invalid_request", "neither amount nor price given")
    amount = order.amount if new_amount is None else new_amount
    price = order.price if new_price is None else new_price
    check_amount(market, amount)
    check_price(market, price)
    remaining = amount - order.filled_quantity
    if remaining <= 0:
        raise Refusal("invalid_amount", "not above what is filled")
    if new_price is not None:
        check_band(market, price)
    if order.post_only and would_take(market, order, price):
        raise Refusal("would_take")
    more = order.extra_reservation(remaining, price)
    if more > pays.available:
        raise Refusal("insufficient_balance", pays.asset)
    if amount < market.min_amount:
        raise Refusal("below_minimum")

    order.updated_at = state.now
    if price == order.price and amount <= order.amount:
        _shrink(state, market, order, amount, more)
    else:
        _requeue(state, market, order, amount, price, more)
    if order.level is not None:
        state.order_changed("modified", order, order.live_status())


def _shrink(state: State, market: Market, order: Order, amount: int, more: int) -> None:
    less = order.amount - amount
    level = order.level
    assert level is not None
    level.change(order, -less)
    order.amount = amount
    order.remaining -= less
    hold(state, order, order.pays, more)
    if less and not order.hidden:
        state.level_changed(market, market.own(order), level)


def _requeue(state: State, market: Market, order: Order, amount: int, price: int, more: int) -> None:
    side = market.own(order)
    level = side.remove(order)
    if not order.hidden:
        state.level_changed(market, side, level)
    order.remaining += amount - order.amount
    order.amount = amount
    order.price = price
    hold(state, order, order.pays, more)
    execute(state, market, order)


# -- cancelling ------------------------------------------------------------------------------------


def cancel(state: State, fields: tuple[Any, ...]) -> None:
    """Cancel one order; `fields` are those of a `CancelOrder`."""
    order = find_order(state, fields)
    market = order.market
    if market.status == "auction":
        raise Refusal("auction_in_progress", market.name)
    take_off(state, market, order)


def cancel_all(state: State, command: CancelOrders) -> None:
    """Cancel what matches, in the order of ids; to find nothing is no error."""
    user = state.user(command.user)
    if command.market and state.market(command.market).status == "auction":
        raise Refusal("auction_in_progress", command.market)
    for order_id in sorted(user.orders):
        order = user.orders[order_id]
        matches = order.matches(command.wallet, command.market, command.side, command.client_id)
        if matches and order.market.status != "auction":
            take_off(state, order.market, order)


def take_off(state: State, market: Market, order: Order) -> None:
    """Remove a resting order from the book and end it."""
    side = market.own(order)
    level = side.remove(order)
    finish(state, order)
    if not order.hidden:
        state.level_changed(market, side, level)


def find_order(state: State, fields: tuple[Any, ...]) -> Order:
    """The resting order that a command names by its first fields: time, user, wallet, market and order id.

    An empty wallet or market matches any.
    """
    user = _user(state, fields[1])
    order = user.orders.get(fields[4])
    if order is None:
        raise Refusal("unknown_order")
    wallet: str = fields[2]
    market: str = fields[3]
    if (market and market != order.market.name) or (wallet and wallet != order.wallet):
        raise Refusal("unknown_order")
    return order


def _user(state: State, user: Any) -> User:
    """As `state.user`, for a number out of a command that is an object already."""
    found = state.users.get(user)
    if found is None:
        raise Refusal("unknown_user")
    return found
