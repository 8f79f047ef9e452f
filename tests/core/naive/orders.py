"""Placing, modifying and cancelling orders."""

from openbourse.core.commands import (
    CancelOrder,
    CancelOrders,
    CancelStop,
    CancelStops,
    ModifyOrder,
    OrderRequest,
)
from openbourse.core.events import OrderChanged, StopState
from tests.core.naive import checks
from tests.core.naive.matching import RESTING_TYPES, finish, hold, reservation, rest, take
from tests.core.naive.world import Market, Order, Refusal, World


def place_order(world: World, request: OrderRequest) -> int:
    """Place an order and give its id; raises `Refusal` with nothing changed."""
    market = checks.check_origin(world, request)
    checks.check_type_now(market, request)
    checks.check_fields(market, request)
    if request.type != "market":
        checks.check_band(market, request.price)
    order = _new_order(world, market, request)
    checks.check_post_only(world, market, order)
    money = checks.needed_money(world, market, order)
    checks.check_funds(world, market, order, money)
    checks.check_minimum(world, market, order)
    checks.check_liquidity(world, market, order)
    order.order_id = world.new_id()
    hold(world, market, order, money)
    may_rest = market.status != "open" or take(world, market, order)
    if may_rest and request.type in RESTING_TYPES:
        rest(world, order)
        world.events.append(OrderChanged("placed", order.state()))
    else:
        finish(world, market, order)
    return order.order_id


def _new_order(world: World, market: Market, request: OrderRequest) -> Order:
    maker_rate, taker_rate = fee_rates(world, market, request.user)
    return Order(
        order_id=0,
        request=request,
        amount=request.amount,
        price=request.price,
        remaining=request.amount,
        maker_rate=maker_rate if request.type in RESTING_TYPES else 0,
        taker_rate=taker_rate,
        created_at=world.now,
        updated_at=world.now,
    )


def fee_rates(world: World, market: Market, number: int) -> tuple[int, int]:
    """As maker and as taker: the user's own rates where given, else the market's."""
    user = world.users[number]
    maker_rate = market.spec.maker_rate if user.maker_rate is None else user.maker_rate
    taker_rate = market.spec.taker_rate if user.taker_rate is None else user.taker_rate
    return maker_rate, taker_rate


def modify_order(world: World, command: ModifyOrder) -> None:
    order = find_order(world, command)
    market = world.markets[order.request.market]
    checks.check_modification(world, market, order, command)
    changed = checks.changed_copy(order, command)
    keeps_place = changed.price == order.price and changed.amount <= order.amount
    order.amount, order.price, order.remaining = changed.amount, changed.price, changed.remaining
    order.updated_at = world.now
    hold(world, market, order, reservation(order))
    if not keeps_place:
        del world.orders[order.order_id]
        may_rest = market.status != "open" or take(world, market, order)
        if not may_rest:
            finish(world, market, order)
            return
        rest(world, order)
    world.events.append(OrderChanged("modified", order.state()))


def find_order(world: World, command: ModifyOrder | CancelOrder) -> Order:
    checks.known_user(world, command.user)
    order = world.orders.get(command.order_id)
    if order is None or not _belongs(order.request, command):
        raise Refusal("unknown_order")
    return order


def _belongs(
    request: OrderRequest, command: ModifyOrder | CancelOrder | CancelOrders | CancelStop | CancelStops
) -> bool:
    same_wallet = command.wallet in ("", request.wallet)
    same_market = command.market in ("", request.market)
    return command.user == request.user and same_wallet and same_market


def cancel_order(world: World, command: CancelOrder) -> None:
    order = find_order(world, command)
    market = world.markets[order.request.market]
    if market.status == "auction":
        raise Refusal("auction_in_progress")
    finish(world, market, order)


def cancel_orders(world: World, command: CancelOrders) -> None:
    checks.known_user(world, command.user)
    if command.market != "" and checks.known_market(world, command.market).status == "auction":
        raise Refusal("auction_in_progress")
    for order in sorted(world.orders.values(), key=lambda order: order.order_id):
        market = world.markets[order.request.market]
        if matches(order.request, command) and market.status != "auction":
            finish(world, market, order)


def matches(request: OrderRequest, command: CancelOrders | CancelStops) -> bool:
    same_side = command.side in ("", request.side)
    same_client_id = command.client_id in ("", request.client_id)
    return _belongs(request, command) and same_side and same_client_id


def find_stop(world: World, user: int, wallet: str, market: str, stop_id: int) -> StopState:
    checks.known_user(world, user)
    stop = world.stops.get(stop_id)
    if stop is None or not _belongs(stop.request, CancelStop(0, user, wallet, market, stop_id)):
        raise Refusal("unknown_order")
    return stop
