"""The judge of the queue: watches every fill, and knows whose turn it was.

It keeps its own list of who waits at which price, made from the events alone, and complains about every fill
that was not of the oldest order at the best price.
"""

from openbourse.core.commands import Side
from openbourse.core.events import Applied, OrderChanged, OrderState, Trade


class QueueJudge:
    """Feed it with everything that a venue applies, from the first order on."""

    def __init__(self) -> None:
        self.fills = 0
        self.shared = 0  # fills of orders that others stood behind
        self.complaints: list[str] = []
        self._queues: dict[tuple[str, Side], dict[int, dict[int, int]]] = {}
        self._places: dict[int, tuple[str, Side, int]] = {}

    def applied(self, batch: list[Applied]) -> None:
        """See Venue.listen."""
        for applied in batch:
            for event in applied.events:
                if isinstance(event, Trade):
                    self._filled(event)
                elif isinstance(event, OrderChanged):
                    self._changed(event)

    def _filled(self, trade: Trade) -> None:
        self.fills += 1
        order = trade.maker.order_id
        levels = self._queues[trade.market, trade.maker.side]
        best = max(levels) if trade.maker.side == "buy" else min(levels)
        queue = levels[best]
        first = next(iter(queue))
        self.shared += len(queue) > 1
        if trade.price != best or order != first:
            self.complaints.append(
                f"trade {trade.trade_id} was of order {order} at {trade.price}; "
                f"it was the turn of {first} at {best}"
            )

    def _changed(self, event: OrderChanged) -> None:
        order = event.order
        if event.change == "finished" or not order.remaining:
            self._leave(order.order_id)
        elif event.change == "placed" or self._loses_its_place(order):
            self._leave(order.order_id)
            self._join(order)
        else:
            self._queue_of(order.order_id)[order.order_id] = order.remaining

    def _loses_its_place(self, order: OrderState) -> bool:
        """An order that moves to another price or grows waits anew; one that shrinks stays."""
        place = self._places.get(order.order_id)
        return place is None or place[2] != order.price or order.remaining > self._waiting(order.order_id)

    def _waiting(self, order: int) -> int:
        return self._queue_of(order)[order]

    def _queue_of(self, order: int) -> dict[int, int]:
        market, side, price = self._places[order]
        return self._queues[market, side][price]

    def _join(self, order: OrderState) -> None:
        market, side = order.request.market, order.request.side
        levels = self._queues.setdefault((market, side), {})
        levels.setdefault(order.price, {})[order.order_id] = order.remaining
        self._places[order.order_id] = market, side, order.price

    def _leave(self, order: int) -> None:
        place = self._places.pop(order, None)
        if place is None:
            return
        market, side, price = place
        queue = self._queues[market, side][price]
        del queue[order]
        if not queue:
            del self._queues[market, side][price]
