"""Stop orders (`reference/coinex/spot.md §4.11`): waiting, changed, fired by the last price."""

import msgspec

from openbourse.core.commands import CancelStop, CancelStops, ModifyStop, OrderRequest
from openbourse.core.events import StopChanged, StopState
from tests.core.naive import checks
from tests.core.naive.orders import fee_rates, find_stop, matches, place_order
from tests.core.naive.world import Market, Refusal, World


def place_stop(world: World, request: OrderRequest, trigger_price: int) -> None:
    market = _check_stop(world, request, trigger_price)
    _wait(world, market, request, trigger_price)


def _check_stop(world: World, request: OrderRequest, trigger_price: int) -> Market:
    market = checks.check_origin(world, request)
    checks.market_trades(market)
    if market.status == "post_only":
        raise Refusal("post_only_period")
    checks.check_fields(market, request)
    checks.check_price(market, trigger_price)
    if not request.in_quote and request.amount < market.spec.min_amount:
        raise Refusal("below_minimum")
    return market


def _wait(world: World, market: Market, request: OrderRequest, trigger_price: int) -> None:
    maker_rate, taker_rate = fee_rates(world, market, request.user)
    stop = StopState(
        stop_id=world.new_id(),
        request=request,
        trigger_price=trigger_price,
        rising=market.last == 0 or trigger_price >= market.last,
        maker_rate=maker_rate,
        taker_rate=taker_rate,
        created_at=world.now,
        updated_at=world.now,
    )
    world.stops[stop.stop_id] = stop
    world.events.append(StopChanged("placed", stop))


def modify_stop(world: World, command: ModifyStop) -> None:
    stop = find_stop(world, command.user, command.wallet, command.market, command.stop_id)
    if command.amount is None and command.price is None and command.trigger_price is None:
        raise Refusal("invalid_request")
    request = msgspec.structs.replace(
        stop.request,
        amount=stop.request.amount if command.amount is None else command.amount,
        price=stop.request.price if command.price is None else command.price,
    )
    trigger_price = stop.trigger_price if command.trigger_price is None else command.trigger_price
    market = _check_stop(world, request, trigger_price)
    _drop(world, stop)
    _wait(world, market, request, trigger_price)


def cancel_stop(world: World, command: CancelStop) -> None:
    _drop(world, find_stop(world, command.user, command.wallet, command.market, command.stop_id))


def cancel_stops(world: World, command: CancelStops) -> None:
    checks.known_user(world, command.user)
    if command.market != "":
        checks.known_market(world, command.market)
    for stop in sorted(world.stops.values(), key=lambda stop: stop.stop_id):
        if matches(stop.request, command):
            _drop(world, stop)


def _drop(world: World, stop: StopState) -> None:
    del world.stops[stop.stop_id]
    world.events.append(StopChanged("cancelled", msgspec.structs.replace(stop, updated_at=world.now)))


def fire_stops(world: World) -> None:
    """At the end of a command: place the orders of all stops that were hit, until none is left."""
    while batch := [stop for market in world.markets.values() for stop in _hit(world, market)]:
        for stop in batch:
            del world.stops[stop.stop_id]
        for stop in batch:
            _place_triggered(world, stop)


def _hit(world: World, market: Market) -> list[StopState]:
    """Rising stops by ascending trigger price, then falling ones by descending; equals by id."""
    if market.status != "open" or market.last == 0:
        return []
    waiting = [stop for stop in world.stops.values() if stop.request.market == market.spec.name]
    rising = [stop for stop in waiting if stop.rising and market.last >= stop.trigger_price]
    falling = [stop for stop in waiting if not stop.rising and market.last <= stop.trigger_price]
    rising.sort(key=lambda stop: (stop.trigger_price, stop.stop_id))
    falling.sort(key=lambda stop: (-stop.trigger_price, stop.stop_id))
    return rising + falling


def _place_triggered(world: World, stop: StopState) -> None:
    fired = msgspec.structs.replace(stop, updated_at=world.now)
    before = len(world.events)
    try:
        order_id = place_order(world, stop.request)
    except Refusal:
        world.events.append(StopChanged("failed", fired))
        return
    world.events.insert(before, StopChanged("triggered", fired, order_id))
