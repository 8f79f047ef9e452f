"""The call auction's end: one price for all that cross."""

from openbourse.core.events import OrderChanged
from tests.core.naive.matching import fill, finish
from tests.core.naive.world import Market, Order, World


def uncross(world: World, market: Market) -> None:
    """Execute everything that crosses at the clearing price, in price-time priority."""
    bids, asks = world.book(market.spec.name, "buy"), world.book(market.spec.name, "sell")
    price = clearing_price(bids, asks, market.last)
    if price == 0:
        return
    buyers = [order for order in bids if order.price >= price]
    sellers = [order for order in asks if order.price <= price]
    while buyers and sellers:
        maker, taker = sorted((buyers[0], sellers[0]), key=lambda order: order.order_id)
        fill(world, market, taker, maker, price, min(maker.remaining, taker.remaining))
        for order in (maker, taker):
            if order.remaining == 0:
                finish(world, market, order)
            else:
                world.events.append(OrderChanged("filled", order.state()))
        buyers = [order for order in buyers if order.remaining > 0]
        sellers = [order for order in sellers if order.remaining > 0]


def clearing_price(bids: list[Order], asks: list[Order], last: int) -> int:
    """Most executed; then least imbalance; then nearest to the last price; then lowest. 0: no cross."""

    def demand(price: int) -> int:
        return sum(order.remaining for order in bids if order.price >= price)

    def supply(price: int) -> int:
        return sum(order.remaining for order in asks if order.price <= price)

    candidates = {order.price for order in bids} | {order.price for order in asks}
    crossing = [price for price in candidates if min(demand(price), supply(price)) > 0]
    if not crossing:
        return 0

    def preference(price: int) -> tuple[int, int, int, int]:
        distance = abs(price - last) if last > 0 else 0
        executed, imbalance = min(demand(price), supply(price)), abs(demand(price) - supply(price))
        return (-executed, imbalance, distance, price)

    return min(crossing, key=preference)
