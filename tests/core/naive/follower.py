"""What someone knows who only reads events: used to show that the events are complete and consistent."""

from openbourse.core.commands import Side
from openbourse.core.events import (
    AnyEvent,
    BalanceChanged,
    LevelChanged,
    OrderChanged,
    OrderState,
    StopChanged,
    StopState,
)


class Follower:
    def __init__(self) -> None:
        self.balances: dict[tuple[int, str, str], tuple[int, int]] = {}
        self.levels: dict[tuple[str, Side], dict[int, int]] = {}
        self.orders: dict[int, OrderState] = {}
        self.stops: dict[int, StopState] = {}

    def follow(self, events: list[AnyEvent]) -> None:
        for event in events:
            if isinstance(event, BalanceChanged):
                self._balance(event)
            elif isinstance(event, LevelChanged):
                self._level(event)
            elif isinstance(event, OrderChanged):
                self._order(event)
            elif isinstance(event, StopChanged):
                self._stop(event)

    def _balance(self, event: BalanceChanged) -> None:
        key = event.user, event.wallet, event.asset
        before = sum(self.balances.get(key, (0, 0)))
        assert min(event.available, event.frozen) >= 0, f"negative balance: {event}"
        assert event.available + event.frozen == before + event.change, (
            f"does not add up to {before}: {event}"
        )
        self.balances[key] = event.available, event.frozen

    def _level(self, event: LevelChanged) -> None:
        levels = self.levels.setdefault((event.market, event.side), {})
        levels[event.price] = event.quantity
        if event.quantity == 0:
            del levels[event.price]

    def _order(self, event: OrderChanged) -> None:
        order_id = event.order.order_id
        if event.change in ("filled", "modified"):
            assert order_id in self.orders, f"never placed: {event}"
        if event.change == "finished":
            self.orders.pop(order_id, None)
        else:
            assert (event.change == "placed") == (order_id not in self.orders), f"placed twice: {event}"
            self.orders[order_id] = event.order

    def _stop(self, event: StopChanged) -> None:
        if event.change == "placed":
            self.stops[event.stop.stop_id] = event.stop
        else:
            del self.stops[event.stop.stop_id]

    def book(self, market: str, side: Side) -> list[tuple[int, int]]:
        """Best first, as `Exchange.levels` gives it."""
        return sorted(self.levels.get((market, side), {}).items(), reverse=side == "buy")
