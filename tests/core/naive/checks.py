"""Everything that is checked before a command may change anything, in the order of the rules."""

from openbourse.core.commands import ModifyOrder, OrderRequest
from openbourse.core.units import MAX_AMOUNT, MAX_MONEY, UNIT
from tests.core.naive.matching import plan_fills, reservation
from tests.core.naive.world import Market, Order, Refusal, User, World, opposite

QUOTE_AMOUNT_STEP = 10**16
MAX_NAME = 64


def known_user(world: World, user: int) -> User:
    if user not in world.users:
        raise Refusal("unknown_user")
    return world.users[user]


def known_market(world: World, name: str) -> Market:
    if name not in world.markets:
        raise Refusal("unknown_market")
    return world.markets[name]


def may_trade(user: User) -> None:
    if user.status != "active":
        raise Refusal("user_barred")


def market_trades(market: Market) -> None:
    if market.status in ("pre_open", "halted"):
        raise Refusal("market_closed")


def check_origin(world: World, request: OrderRequest) -> Market:
    """User, market and wallet of an order or a stop."""
    may_trade(known_user(world, request.user))
    market = known_market(world, request.market)
    if request.wallet != "spot":
        raise Refusal("invalid_request")
    return market


def check_type_now(market: Market, request: OrderRequest) -> None:
    """Whether the market's status admits an order of this type."""
    market_trades(market)
    if market.status == "auction" and request.type == "market":
        raise Refusal("no_liquidity")
    if market.status == "auction" and request.type in ("ioc", "fok"):
        raise Refusal("not_fillable")
    if market.status == "post_only" and request.type != "post_only":
        raise Refusal("post_only_period")


def check_fields(market: Market, request: OrderRequest) -> None:
    if request.in_quote:
        fits = request.type == "market" and request.amount % QUOTE_AMOUNT_STEP == 0
        if not fits or not 0 < request.amount <= MAX_MONEY:
            raise Refusal("invalid_amount")
    else:
        check_quantity(market, request.amount)
    if request.type == "market":
        if request.price != 0:
            raise Refusal("invalid_price")
    else:
        check_price(market, request.price)
    if len(request.client_id) > MAX_NAME:
        raise Refusal("invalid_request")


def check_quantity(market: Market, quantity: int) -> None:
    if not 0 < quantity <= MAX_AMOUNT or quantity % market.base_step != 0:
        raise Refusal("invalid_amount")


def check_price(market: Market, price: int) -> None:
    if not 0 < price <= MAX_AMOUNT or price % market.price_step != 0:
        raise Refusal("invalid_price")


def check_band(market: Market, price: int) -> None:
    band = market.spec.price_band
    if band != 0 and market.last > 0 and abs(price - market.last) * UNIT > band * market.last:
        raise Refusal("price_out_of_band")


def check_post_only(world: World, market: Market, order: Order) -> None:
    """A post-only order must not take; in an auction nothing takes."""
    if order.request.type != "post_only" or market.status == "auction":
        return
    against = world.book(market.spec.name, opposite(order.request.side))
    if against and (order.price >= against[0].price if order.buys else order.price <= against[0].price):
        raise Refusal("would_take")


def needed_money(world: World, market: Market, order: Order) -> int:
    """What placing the order freezes first."""
    if order.request.type != "market":
        return reservation(order)
    if order.buys:
        return order.amount if order.request.in_quote else plan_fills(world, market, order).cost()
    if order.request.in_quote:
        return plan_fills(world, market, order).quantity() * UNIT
    return order.amount * UNIT


def check_funds(world: World, market: Market, order: Order, more: int) -> None:
    asset = market.spec.quote if order.buys else market.spec.base
    if more > world.balance(order.request.user, order.request.wallet, asset).available:
        raise Refusal("insufficient_balance")


def check_minimum(world: World, market: Market, order: Order) -> None:
    minimum = market.spec.min_amount
    if order.request.in_quote:
        against = world.book(market.spec.name, opposite(order.request.side))
        minimum = minimum * against[0].price if against else 0
    if order.amount < minimum:
        raise Refusal("below_minimum")


def check_liquidity(world: World, market: Market, order: Order) -> None:
    if order.request.type == "market" and not world.book(market.spec.name, opposite(order.request.side)):
        raise Refusal("no_liquidity")
    if order.request.type == "fok":
        plan = plan_fills(world, market, order)
        if plan.quantity() < order.amount:
            raise Refusal("not_fillable")


def check_modification(world: World, market: Market, order: Order, command: ModifyOrder) -> None:
    may_trade(world.users[order.request.user])
    market_trades(market)
    if market.status == "post_only" and order.request.type != "post_only":
        raise Refusal("post_only_period")
    if command.amount is None and command.price is None:
        raise Refusal("invalid_request")
    if command.amount is not None:
        check_quantity(market, command.amount)
    if command.price is not None:
        check_price(market, command.price)
    if command.amount is not None and command.amount <= order.filled_quantity:
        raise Refusal("invalid_amount")
    if command.price is not None:
        check_band(market, command.price)
    changed = changed_copy(order, command)
    check_post_only(world, market, changed)
    check_funds(world, market, changed, reservation(changed) - order.held)
    check_minimum(world, market, changed)


def changed_copy(order: Order, command: ModifyOrder) -> Order:
    """The order as it would be after the modification, not placed anywhere."""
    amount = order.amount if command.amount is None else command.amount
    return Order(
        order_id=order.order_id,
        request=order.request,
        amount=amount,
        price=order.price if command.price is None else command.price,
        remaining=amount - order.filled_quantity,
        maker_rate=order.maker_rate,
        taker_rate=order.taker_rate,
        created_at=order.created_at,
        updated_at=order.updated_at,
    )
