"""Orders: placing, modifying and cancelling, as commands ask for it.

Everything that can refuse a command comes before the first change. The order of the checks is that
of reference/coinex/spot.md §4.3: parameters, balance, minimum; liquidity last.
"""

from openbourse.core.book import ANY_PRICE
from openbourse.core.commands import CancelOrder, CancelOrders, ModifyOrder, OrderRequest
from openbourse.core.events import OrderChanged
from openbourse.core.market import Market
from openbourse.core.matching import finish, match
from openbourse.core.order import Order
from openbourse.core.refusal import Refusal
from openbourse.core.rules import (
    MAX_OPEN_ORDERS,
    check_amount,
    check_band,
    check_fields,
    check_phase,
    check_price,
    check_room,
    check_standing,
)
from openbourse.core.state import State
from openbourse.core.units import UNIT


def place(state: State, request: OrderRequest) -> Order:
    """Place an order: match what can be matched, then let the rest stand or cancel it."""
    user, market = check_standing(state, request)
    check_phase(market, request)
    check_fields(market, request)
    if request.type != "market":
        check_band(market, request.price)
    if request.type == "post_only" and would_take(market, request.side == "buy", request.price):
        raise Refusal("would_take")
    if can_rest(request):
        check_room(len(user.orders), MAX_OPEN_ORDERS)
    needed = check_funds_and_liquidity(state, market, request)

    maker_rate, taker_rate = user.rates(market)
    if not can_rest(request):
        maker_rate = 0
    pays_asset, receives_asset = market.base, market.quote
    if request.side == "buy":
        pays_asset, receives_asset = market.quote, market.base
    pays = state.ledger.account(request.user, request.wallet, pays_asset)
    receives = state.ledger.account(request.user, request.wallet, receives_asset)
    order = Order(state.new_id(), request, (maker_rate, taker_rate), (pays, receives), state.now)
    hold(state, order, needed)
    user.orders[order.order_id] = order
    execute(state, market, order)
    if order.level is not None:
        state.events.append(OrderChanged("placed", order.live_state()))
    return order


def can_rest(request: OrderRequest) -> bool:
    return request.type == "limit" or request.type == "post_only"


def would_take(market: Market, is_buy: bool, price: int) -> bool:
    """An order at this price would meet the best order of the other side."""
    if market.status == "auction":
        return False
    makers = market.book.asks if is_buy else market.book.bids
    return makers.best_within(makers.key(price)) is not None


def hold(state: State, order: Order, amount: int) -> None:
    """Freeze money for an order."""
    if amount > 0:
        order.pays.freeze(amount)
        order.held += amount
        state.balance_changed(order.pays, 0, "order", order.order_id)


def execute(state: State, market: Market, order: Order) -> None:
    """Match an order that is not on the book, then let it rest, or end it."""
    goes_on = market.status == "auction" or match(state, market, order)
    if order.remaining > 0 and goes_on and can_rest(order.request):
        side = market.book.own(order)
        level = side.add(order)
        if not order.hidden:
            state.level_changed(market, side, level)
    else:
        finish(state, order)


# -- funds and liquidity ---------------------------------------------------------------------------


def check_funds_and_liquidity(state: State, market: Market, request: OrderRequest) -> int:
    """The money to freeze for an order; refuses what is unfunded, too small or cannot be filled."""
    is_buy = request.side == "buy"
    if request.type == "market":
        needed = _funds_of_market_order(market, request)
    else:
        needed = request.amount * (request.price if is_buy else UNIT)
    asset = market.quote if is_buy else market.base
    if needed > state.ledger.available(request.user, request.wallet, asset):
        raise Refusal("insufficient_balance", asset)
    best = (market.book.asks if is_buy else market.book.bids).best()
    minimum = market.min_amount
    if request.in_quote:
        minimum *= best.price if best is not None else 0
    if request.amount < minimum:
        raise Refusal("below_minimum")
    if request.type == "market" and best is None:
        raise Refusal("no_liquidity")
    if request.type == "fok" and reachable(market, request)[0] < request.amount:
        raise Refusal("not_fillable")
    return needed


def _funds_of_market_order(market: Market, request: OrderRequest) -> int:
    """What a market order can cost at most, given the book as it stands."""
    if request.side == "buy":
        return request.amount if request.in_quote else reachable(market, request)[1]
    return reachable(market, request)[0] * UNIT if request.in_quote else request.amount * UNIT


def reachable(market: Market, request: OrderRequest) -> tuple[int, int]:
    """Quantity and notional that an order would be filled with now, its self-trade mode included."""
    makers = market.book.asks if request.side == "buy" else market.book.bids
    limit = ANY_PRICE if request.type == "market" else makers.key(request.price)
    quantity = notional = 0
    remaining = request.amount
    for key in reversed(makers.keys):
        if key < limit:
            break
        level = makers.levels[key]
        maker = level.first
        while maker is not None and remaining > 0:
            if maker.user == request.user and request.self_trade != "allow":
                if request.self_trade != "cancel_maker":
                    return quantity, notional
                maker = maker.behind
                continue
            take = remaining
            if request.in_quote:
                take = remaining // level.price
                take -= take % market.quantity_step
            take = min(take, maker.remaining)
            if take == 0:
                return quantity, notional
            quantity += take
            notional += take * level.price
            remaining -= take * level.price if request.in_quote else take
            maker = maker.behind
        if remaining == 0:
            break
    return quantity, notional


# -- modifying -------------------------------------------------------------------------------------


def modify(state: State, command: ModifyOrder) -> None:
    """Change a resting order in place; it keeps its id (reference/coinex/spot.md §4.12).

    It keeps its place in the queue when only its amount shrinks. Otherwise it is matched again, like
    a new order, and goes to the end of its level.
    """
    order = find_order(state, command.user, command.wallet, command.market, command.order_id)
    _, market = check_standing(state, order.request)
    check_phase(market, order.request)
    amount = order.amount if command.amount is None else command.amount
    price = order.price if command.price is None else command.price
    if command.amount is None and command.price is None:
        raise Refusal("invalid_request", "neither amount nor price given")
    check_amount(market, amount)
    check_price(market, price)
    remaining = amount - order.filled_quantity
    if remaining <= 0:
        raise Refusal("invalid_amount", "not above what is filled")
    if command.price is not None:
        check_band(market, price)
    if order.request.type == "post_only" and would_take(market, order.is_buy, price):
        raise Refusal("would_take")
    if order.reservation(remaining, price) - order.held > order.pays.available:
        raise Refusal("insufficient_balance", order.pays.asset)
    if amount < market.min_amount:
        raise Refusal("below_minimum")

    order.updated_at = state.now
    if price == order.price and amount <= order.amount:
        _shrink(state, market, order, amount)
    else:
        _requeue(state, market, order, amount, price)
    if order.level is not None:
        state.events.append(OrderChanged("modified", order.live_state()))


def _shrink(state: State, market: Market, order: Order, amount: int) -> None:
    less = order.amount - amount
    level = order.level
    assert level is not None
    level.change(order, -less)
    order.amount = amount
    order.remaining -= less
    _adjust_hold(state, order)
    if less and not order.hidden:
        state.level_changed(market, market.book.own(order), level)


def _requeue(state: State, market: Market, order: Order, amount: int, price: int) -> None:
    side = market.book.own(order)
    level = side.remove(order)
    if not order.hidden:
        state.level_changed(market, side, level)
    order.remaining += amount - order.amount
    order.amount = amount
    order.price = price
    _adjust_hold(state, order)
    execute(state, market, order)


def _adjust_hold(state: State, order: Order) -> None:
    """Freeze more or release some, so that the order holds exactly what it needs."""
    more = order.reservation(order.remaining, order.price) - order.held
    if more > 0:
        hold(state, order, more)
    elif more < 0:
        order.held += more
        order.pays.release(-more)
        state.balance_changed(order.pays, 0, "order", order.order_id)


# -- cancelling ------------------------------------------------------------------------------------


def cancel(state: State, command: CancelOrder) -> None:
    order = find_order(state, command.user, command.wallet, command.market, command.order_id)
    market = state.markets[order.request.market]
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
        request = order.request
        market = state.markets[request.market]
        if (
            (not command.market or command.market == request.market)
            and (not command.wallet or command.wallet == request.wallet)
            and (not command.side or command.side == request.side)
            and (not command.client_id or command.client_id == request.client_id)
            and market.status != "auction"
        ):
            take_off(state, market, order)


def take_off(state: State, market: Market, order: Order) -> None:
    """Remove a resting order from the book and end it."""
    side = market.book.own(order)
    level = side.remove(order)
    finish(state, order)
    if not order.hidden:
        state.level_changed(market, side, level)


def find_order(state: State, user: int, wallet: str, market: str, order_id: int) -> Order:
    """A user's resting order; an empty wallet or market matches any."""
    order = state.user(user).orders.get(order_id)
    if order is None:
        raise Refusal("unknown_order")
    request = order.request
    if (market and market != request.market) or (wallet and wallet != request.wallet):
        raise Refusal("unknown_order")
    return order
