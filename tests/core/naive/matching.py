"""Draw up what an order would do to the book, then do it (`reference/coinex/spot.md §4.1–4.8`)."""

from dataclasses import dataclass, field

from openbourse.core.events import OrderChanged, Trade, TradeSide
from openbourse.core.units import UNIT
from tests.core.naive.fees import charge_fee
from tests.core.naive.world import Market, Order, World, opposite

RESTING_TYPES = ("limit", "post_only")


@dataclass
class Plan:
    """The makers that a taker meets, in order, with the quantity it takes; 0 cancels the maker."""

    steps: list[tuple[Order, int]] = field(default_factory=list)
    stopped_by_self_trade: bool = False
    ends_in_dust: bool = False

    def quantity(self) -> int:
        return sum(quantity for _, quantity in self.steps)

    def cost(self) -> int:
        return sum(maker.price * quantity for maker, quantity in self.steps)


def plan_fills(world: World, market: Market, taker: Order) -> Plan:
    plan = Plan()
    mode = taker.request.self_trade
    rest = taker.remaining
    for maker in world.book(market.spec.name, opposite(taker.request.side)):
        if rest == 0 or not accepts(taker, maker.price):
            break
        quantity = _takeable(market, taker, maker, rest)
        if quantity == 0:
            plan.ends_in_dust = True
            break
        if maker.request.user == taker.request.user and mode != "allow":
            if mode in ("cancel_maker", "cancel_both"):
                plan.steps.append((maker, 0))
            if mode in ("cancel_taker", "cancel_both"):
                plan.stopped_by_self_trade = True
                break
            continue
        plan.steps.append((maker, quantity))
        rest -= quantity * maker.price if taker.request.in_quote else quantity
        if taker.request.in_quote and quantity < maker.remaining:
            plan.ends_in_dust = True  # this maker has more, but the rest buys no step of it
            break
    return plan


def accepts(taker: Order, price: int) -> bool:
    if taker.request.type == "market":
        return True
    return price <= taker.price if taker.buys else price >= taker.price


def _takeable(market: Market, taker: Order, maker: Order, rest: int) -> int:
    if not taker.request.in_quote:
        return min(maker.remaining, rest)
    steps = rest // (maker.price * market.base_step)
    return min(maker.remaining, steps * market.base_step)


def take(world: World, market: Market, taker: Order) -> bool:
    """Match a taker whose money is held. True when it may rest with what is left."""
    plan = plan_fills(world, market, taker)
    for maker, quantity in plan.steps:
        if quantity == 0:
            finish(world, market, maker)
            continue
        fill(world, market, taker, maker, maker.price, quantity)
        settle_maker(world, market, maker)
    if plan.ends_in_dust and taker.filled_quantity > 0:
        taker.remaining = 0
    return taker.remaining > 0 and not plan.stopped_by_self_trade


def fill(world: World, market: Market, taker: Order, maker: Order, price: int, quantity: int) -> None:
    """One trade: both give, then the taker gets his share and pays his fee, then the maker."""
    trade_id = world.new_id()
    market.last = price
    buyer, seller = (taker, maker) if taker.buys else (maker, taker)
    _pay_for_purchase(world, market, buyer, price, quantity)
    _hand_over(world, market, seller, quantity)
    for order in (taker, maker):
        order.filled_quantity += quantity
        order.filled_notional += price * quantity
        order.remaining -= price * quantity if order.request.in_quote else quantity
        order.last_quantity, order.last_price = quantity, price
        order.status = "partially_filled" if order.remaining > 0 else "filled"
        order.updated_at = world.now
    _receive(world, market, taker, price, quantity)
    taker_fee, taker_asset = charge_fee(world, market, taker, price, quantity, taker.taker_rate)
    _receive(world, market, maker, price, quantity)
    maker_fee, maker_asset = charge_fee(world, market, maker, price, quantity, maker.maker_rate)
    world.events.append(
        Trade(
            trade_id=trade_id,
            market=market.spec.name,
            price=price,
            quantity=quantity,
            taker=_trade_side(taker, taker_fee, taker_asset),
            maker=_trade_side(maker, maker_fee, maker_asset),
        )
    )


def _pay_for_purchase(world: World, market: Market, buyer: Order, price: int, quantity: int) -> None:
    """The notional leaves the frozen money; what the order's limit had frozen beyond it is free again."""
    wallet = world.balance(buyer.request.user, buyer.request.wallet, market.spec.quote)
    limit = price if buyer.request.type == "market" else buyer.price
    buyer.held -= limit * quantity
    wallet.frozen -= limit * quantity
    wallet.available += (limit - price) * quantity


def _hand_over(world: World, market: Market, seller: Order, quantity: int) -> None:
    seller.held -= quantity * UNIT
    world.balance(seller.request.user, seller.request.wallet, market.spec.base).frozen -= quantity * UNIT


def _receive(world: World, market: Market, order: Order, price: int, quantity: int) -> None:
    asset = market.spec.base if order.buys else market.spec.quote
    money = quantity * (UNIT if order.buys else price)
    world.balance(order.request.user, order.request.wallet, asset).available += money


def _trade_side(order: Order, fee: int, fee_asset: str) -> TradeSide:
    request = order.request
    return TradeSide(
        order_id=order.order_id,
        user=request.user,
        wallet=request.wallet,
        client_id=request.client_id,
        side=request.side,
        fee=fee,
        fee_asset=fee_asset,
    )


def settle_maker(world: World, market: Market, maker: Order) -> None:
    """Tell of a resting order that was just filled, and take it off the book when it is done."""
    if maker.remaining == 0:
        finish(world, market, maker)
    else:
        world.events.append(OrderChanged("filled", maker.state()))


def finish(world: World, market: Market, order: Order) -> None:
    """The order's life ends, filled or cancelled: off the book, what it still holds is free."""
    world.orders.pop(order.order_id, None)
    hold(world, market, order, 0)
    if order.remaining == 0:
        order.status = "filled"
    else:
        order.status = "partially_cancelled" if order.filled_quantity > 0 else "cancelled"
    order.updated_at = world.now
    world.events.append(OrderChanged("finished", order.state()))


def rest(world: World, order: Order) -> None:
    """Put an order at the end of the queue of its price."""
    assert order.held == reservation(order)
    world.last_place += 1
    order.place = world.last_place
    world.orders[order.order_id] = order


def reservation(order: Order) -> int:
    """What a limit order holds for its rest: quote money of a buy, base money of a sell."""
    return order.remaining * (order.price if order.buys else UNIT)


def hold(world: World, market: Market, order: Order, money: int) -> None:
    """Freeze or release until exactly `money` is held for the order."""
    asset = market.spec.quote if order.buys else market.spec.base
    wallet = world.balance(order.request.user, order.request.wallet, asset)
    wallet.available -= money - order.held
    wallet.frozen += money - order.held
    order.held = money
