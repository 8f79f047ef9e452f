"""Trading: orders and stop orders of users, in neutral terms.

Every function submits a command and gives back what became of the order. A refused command raises
`core.refusal.Refusal`; an overloaded or stopped venue raises Busy or VenueStopped.
"""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from openbourse.core.commands import (
    AnyCommand,
    CancelOrder,
    CancelOrders,
    CancelStop,
    CancelStops,
    ModifyOrder,
    ModifyStop,
    OrderRequest,
    PlaceOrder,
    PlaceStop,
)
from openbourse.core.events import AnyEvent, OrderChanged, OrderState, StopChanged, StopState
from openbourse.core.refusal import Refusal
from openbourse.history.orders import finished_order
from openbourse.history.paging import CountedPage
from openbourse.venue.sequencer import Busy
from openbourse.venue.venue import Venue, accepted

T = TypeVar("T")


class Trading:
    """The order desk of a venue."""

    def __init__(self, venue: Venue) -> None:
        self._venue = venue

    # -- orders ------------------------------------------------------------------------------------

    async def place(self, request: OrderRequest) -> OrderState:
        """Place an order; its state after everything it met."""
        self._check_load()
        now = self._venue.now()
        if not self._may_place(request, now):
            raise Refusal("post_only_period")
        return placed(accepted(await self._venue.submit(PlaceOrder(now, request))), request)

    async def place_all(self, requests: list[OrderRequest]) -> list[OrderState | Refusal]:
        """Place several orders one after another; each succeeds or is refused by itself."""
        self._check_load()
        now = self._venue.now()
        passing = [request for request in requests if self._may_place(request, now)]
        placing: list[AnyCommand] = [PlaceOrder(now, request) for request in passing]
        results = await self._venue.submit_all(placing) if placing else []
        became = dict(zip(map(id, passing), results, strict=True))
        return [
            outcome(became[id(request)], partial(placed, request=request))
            if id(request) in became
            else Refusal("post_only_period")
            for request in requests
        ]

    async def modify(self, change: ModifyOrder) -> OrderState:
        """Change a resting order; its state afterwards."""
        self._check_protection()
        return latest(accepted(await self._venue.submit(change)), change.order_id)

    async def modify_all(self, changes: list[ModifyOrder]) -> list[OrderState | Refusal]:
        self._check_protection()
        results = await self._venue.submit_all(list(changes))
        return [
            outcome(events, partial(latest, order_id=change.order_id))
            for events, change in zip(results, changes, strict=True)
        ]

    async def cancel(self, cancel: CancelOrder) -> OrderState:
        """Cancel a resting order; its state at the end."""
        return latest(accepted(await self._venue.submit(cancel)), cancel.order_id)

    async def cancel_each(self, cancels: list[CancelOrder]) -> list[OrderState | Refusal]:
        results = await self._venue.submit_all(list(cancels))
        return [
            outcome(events, partial(latest, order_id=cancel.order_id))
            for events, cancel in zip(results, cancels, strict=True)
        ]

    async def cancel_matching(self, cancel: CancelOrders) -> list[OrderState]:
        """Cancel all resting orders that match; their states, by ascending id."""
        events = accepted(await self._venue.submit(cancel))
        return [event.order for event in events if isinstance(event, OrderChanged)]

    # -- stop orders -------------------------------------------------------------------------------

    async def place_stop(self, request: OrderRequest, trigger_price: int) -> StopState:
        """Place a stop order; its state when it was placed, even if it has fired since."""
        self._check_protection()
        command = PlaceStop(self._venue.now(), request, trigger_price)
        return placed_stop(accepted(await self._venue.submit(command)))

    async def place_stops(self, stops: list[tuple[OrderRequest, int]]) -> list[StopState | Refusal]:
        self._check_protection()
        now = self._venue.now()
        commands = [PlaceStop(now, request, trigger_price) for request, trigger_price in stops]
        return [outcome(events, placed_stop) for events in await self._venue.submit_all(list(commands))]

    async def modify_stop(self, change: ModifyStop) -> StopState:
        """Replace a waiting stop order; the state of the new one."""
        self._check_protection()
        return placed_stop(accepted(await self._venue.submit(change)))

    async def cancel_stop(self, cancel: CancelStop) -> StopState:
        return cancelled_stop(accepted(await self._venue.submit(cancel)))

    async def cancel_each_stop(self, cancels: list[CancelStop]) -> list[StopState | Refusal]:
        return [outcome(events, cancelled_stop) for events in await self._venue.submit_all(list(cancels))]

    async def cancel_matching_stops(self, cancel: CancelStops) -> list[StopState]:
        """Cancel all waiting stop orders that match; their states, by ascending id."""
        events = accepted(await self._venue.submit(cancel))
        return [event.stop for event in events if isinstance(event, StopChanged)]

    # -- reading -----------------------------------------------------------------------------------

    async def open_orders(
        self,
        user: int,
        wallet: str,
        *,
        market: str = "",
        side: str = "",
        client_id: str = "",
        skipped: int = 0,
        limit: int = 0,
    ) -> CountedPage[OrderState]:
        """Resting orders that match the filters, newest first; empty filters match all, a limit of 0 too.

        Nobody waits for more states than are asked for: a user may have a hundred thousand orders.
        """
        exchange = self._venue.exchange
        newest_first = exchange.matching_orders(user, wallet, market, side, client_id)[::-1]
        end = skipped + limit if limit else len(newest_first)
        states = [exchange.order(order_id, user) for order_id in newest_first[skipped:end]]
        rows = [state for state in states if state is not None]
        return CountedPage(rows, len(newest_first) > end, len(newest_first))

    async def waiting_stops(
        self, user: int, wallet: str, *, market: str = "", side: str = "", client_id: str = ""
    ) -> list[StopState]:
        """Waiting stop orders that match the filters, newest first; empty filters match all."""
        return self._venue.exchange.waiting_stops(user, wallet, market, side, client_id)[::-1]

    async def order(self, user: int, order_id: int) -> OrderState | None:
        """One order of a user, resting or finished, whatever its end."""
        resting = self._venue.exchange.order(order_id, user)
        if resting is not None:
            return resting
        return await self._venue.ask(lambda connection: finished_order(connection, user, order_id))

    async def orders(self, user: int, order_ids: list[int]) -> dict[int, OrderState | None]:
        """As `order`, several at once; None for those that are not the user's."""
        found = {order_id: self._venue.exchange.order(order_id, user) for order_id in order_ids}
        missing = [order_id for order_id, state in found.items() if state is None]
        if missing:
            found |= await self._venue.ask(
                lambda connection: {number: finished_order(connection, user, number) for number in missing}
            )
        return found

    def _check_load(self) -> None:
        if self._venue.overloaded:
            raise Busy("the venue is overloaded")

    def _check_protection(self) -> None:
        """For everything but cancels and new post-only orders (reference/coinex/conventions.md §8)."""
        self._check_load()
        if self._venue.maintenance.protects("spot", self._venue.now()):
            raise Refusal("post_only_period")

    def _may_place(self, request: OrderRequest, now: int) -> bool:
        return request.type == "post_only" or not self._venue.maintenance.protects("spot", now)


def placed(events: list[AnyEvent], request: OrderRequest) -> OrderState:
    """The newest state of the order that came of `request`.

    Events of other orders may follow it, and stop orders that it fired may have filled it further.
    """
    for event in events:
        if type(event) is OrderChanged and event.order.request is request:
            return latest(events, event.order.order_id)
    raise AssertionError("an accepted order has left no event")


def latest(events: list[AnyEvent], order_id: int) -> OrderState:
    """The newest state of an order among the events of one command."""
    for event in reversed(events):
        if type(event) is OrderChanged and event.order.order_id == order_id:
            return event.order
    raise AssertionError(f"no event of order {order_id}")


def placed_stop(events: list[AnyEvent]) -> StopState:
    return _stop(events, "placed")


def cancelled_stop(events: list[AnyEvent]) -> StopState:
    return _stop(events, "cancelled")


def outcome(events: list[AnyEvent], read: Callable[[list[AnyEvent]], T]) -> T | Refusal:
    """What `read` makes of the events, or the refusal, for lists in which each stands for itself."""
    try:
        return read(accepted(events))
    except Refusal as refusal:
        return refusal


def _stop(events: list[AnyEvent], change: str) -> StopState:
    for event in events:
        if isinstance(event, StopChanged) and event.change == change:
            return event.stop
    raise AssertionError(f"no stop order was {change}")
