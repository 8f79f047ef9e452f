"""Stop orders: placing, replacing, cancelling and firing (reference/coinex/spot.md §4.11)."""

from openbourse.core.commands import CancelStop, CancelStops, ModifyStop, OrderRequest
from openbourse.core.events import StopChanged
from openbourse.core.market import Market
from openbourse.core.orders import place
from openbourse.core.refusal import Refusal
from openbourse.core.rules import (
    MAX_WAITING_STOPS,
    check_client_id,
    check_fields,
    check_open,
    check_price,
    check_room,
    check_user,
    check_wallet,
)
from openbourse.core.state import State
from openbourse.core.stops import Stop


def place_stop(state: State, request: OrderRequest, trigger_price: int) -> None:
    """Let a request wait for its trigger price. Funds, band and liquidity are checked when it fires."""
    market = _check(state, request, trigger_price)
    check_room(len(state.users[request.user].stops), MAX_WAITING_STOPS)
    _wait(state, market, request, trigger_price)


def _check(state: State, request: OrderRequest, trigger_price: int) -> Market:
    check_user(state.user(request.user))
    market = state.market(request.market)
    check_wallet(request.wallet)
    check_open(market)
    if market.status == "post_only":
        raise Refusal("post_only_period")
    check_fields(market, request.type, request.amount, request.price, request.in_quote)
    check_client_id(request.client_id)
    check_price(market, trigger_price)
    if not request.in_quote and request.amount < market.min_amount:
        raise Refusal("below_minimum")
    return market


def _wait(state: State, market: Market, request: OrderRequest, trigger_price: int) -> None:
    user = state.users[request.user]
    rising = trigger_price >= market.last_price
    stop = Stop(state.new_id(), request, trigger_price, rising, user.rates(market), state.now)
    market.stops.add(stop)
    user.stops[stop.stop_id] = stop
    state.events.append(StopChanged("placed", stop.state(state.now)))
    state.touch(market)


def modify_stop(state: State, command: ModifyStop) -> None:
    """Replace a waiting stop by a changed one with an id of its own (spot.md §4.12)."""
    stop = _find(state, command.user, command.wallet, command.market, command.stop_id)
    old = stop.request
    if command.amount is None and command.price is None and command.trigger_price is None:
        raise Refusal("invalid_request", "neither amount nor price nor trigger price given")
    request = OrderRequest(
        old.user,
        old.wallet,
        old.market,
        old.side,
        old.type,
        old.amount if command.amount is None else command.amount,
        old.price if command.price is None else command.price,
        old.in_quote,
        old.client_id,
        old.hidden,
        old.self_trade,
    )
    trigger_price = stop.trigger_price if command.trigger_price is None else command.trigger_price
    market = _check(state, request, trigger_price)
    _drop(state, market, stop)
    _wait(state, market, request, trigger_price)


def cancel_stop(state: State, command: CancelStop) -> None:
    stop = _find(state, command.user, command.wallet, command.market, command.stop_id)
    _drop(state, state.markets[stop.request.market], stop)


def cancel_stops(state: State, command: CancelStops) -> None:
    """Cancel what matches, in the order of ids; to find nothing is no error."""
    user = state.user(command.user)
    if command.market:
        state.market(command.market)
    for stop_id in sorted(user.stops):
        stop = user.stops[stop_id]
        if stop.matches(command.wallet, command.market, command.side, command.client_id):
            _drop(state, state.markets[stop.request.market], stop)


def _drop(state: State, market: Market, stop: Stop) -> None:
    market.stops.remove(stop)
    del state.users[stop.request.user].stops[stop.stop_id]
    state.events.append(StopChanged("cancelled", stop.state(state.now)))


def _find(state: State, user: int, wallet: str, market: str, stop_id: int) -> Stop:
    stop = state.user(user).stops.get(stop_id)
    if stop is None:
        raise Refusal("unknown_order")
    request = stop.request
    if (market and market != request.market) or (wallet and wallet != request.wallet):
        raise Refusal("unknown_order")
    return stop


def fire_due_stops(state: State) -> None:
    """Place the orders of all stops that the last prices fire, until no more are due.

    Markets come in the order of their definition, and all stops that one price fires before those
    that their orders fire in turn. Every stop fires once, so this ends.
    """
    while state.moved:
        due: list[Stop] = []
        for market in sorted(state.moved, key=_index):
            if market.status == "open":
                due.extend(market.stops.take_due(market.last_price))
        state.moved = []
        for stop in due:
            _fire(state, stop)


def _index(market: Market) -> int:
    return market.index


def _fire(state: State, stop: Stop) -> None:
    del state.users[stop.request.user].stops[stop.stop_id]
    fired_at = len(state.events)
    try:
        order = place(state, stop.request)
    except Refusal:
        state.events.append(StopChanged("failed", stop.state(state.now)))
        return
    state.events.insert(fired_at, StopChanged("triggered", stop.state(state.now), order.order_id))
