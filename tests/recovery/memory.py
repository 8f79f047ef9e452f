"""What a user was told, and whether a restarted venue keeps its word."""

from dataclasses import dataclass, field
from decimal import Decimal

from tests.recovery.holdings import Holdings, Row


@dataclass
class KnownOrder:
    """An acknowledged order in the newest state that the user has seen of it.

    `over` says that it has ended in exactly this state. A cancel or a change that was sent and not answered
    may or may not have been carried out.
    """

    row: Row
    over: bool
    cancel_unanswered: bool = False
    unanswered_price: str = ""

    @property
    def filled(self) -> Decimal:
        return Decimal(self.row["filled_amount"])

    def broken_promises(self, pending: Row | None, finished: Row | None) -> list[str]:
        """Compare with what the venue says now, and believe it from now on."""
        row = pending or finished
        if row is None:
            # Orders that end without a fill are no longer shown to anybody (reference/coinex/spot.md §4.10).
            gone = (self.over or self.cancel_unanswered) and not self.filled
            self.over = True
            return [] if gone else [self._sentence("is gone")]
        problems = []
        if self.over:
            problems += self._differences(
                row, "amount", "price", "filled_amount", "filled_value", "base_fee", "quote_fee"
            )
            if pending is not None:
                problems.append(self._sentence("was over and is pending again"))
        elif Decimal(row["filled_amount"]) < self.filled:
            problems.append(self._sentence(f"has lost fills: {row['filled_amount']}"))
        problems += self._differences(row, "client_id", "market", "side", "type", "amount", "created_at")
        if row["price"] not in (self.row["price"], self.unanswered_price):
            problems.append(self._sentence(f"has the price {row['price']}"))
        may_end = self.over or self.cancel_unanswered
        if finished is not None and not may_end and Decimal(finished["unfilled_amount"]):
            problems.append(self._sentence("has ended though nobody cancelled it"))
        self.row, self.over = row, finished is not None
        self.cancel_unanswered, self.unanswered_price = False, ""
        return problems

    def _differences(self, row: Row, *fields: str) -> list[str]:
        return [self._sentence(f"has {name} {row[name]!r}") for name in fields if row[name] != self.row[name]]

    def _sentence(self, what: str) -> str:
        return f"order {self.row['order_id']} {what}; known: over {self.over}, {self.row}"


@dataclass
class Memory:
    """All that one user knows.

    `unanswered` has the client ids of placements without an answer, those of one batch together: it must be
    carried out as a whole or not at all.
    """

    orders: dict[int, KnownOrder] = field(default_factory=dict)
    stops: dict[int, Row] = field(default_factory=dict)
    unanswered: list[list[str]] = field(default_factory=list)
    unanswered_stops: list[str] = field(default_factory=list)
    unanswered_stop_cancels: set[int] = field(default_factory=set)
    deals: dict[tuple[int, int], Row] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    acknowledged: int = 0
    lost_answers: int = 0

    def placed(self, row: Row, above: int) -> None:
        """An order was acknowledged; `above` is the highest id that was given before."""
        order_id = row["order_id"]
        if order_id <= above or order_id in self.orders:
            self.problems.append(f"the id {order_id} is given again")
        over = row["type"] in ("ioc", "fok", "market") or not Decimal(row["unfilled_amount"])
        self.orders[order_id] = KnownOrder(row, over)

    def resting(self) -> list[int]:
        """Orders that may still rest, for all the user knows."""
        return [order_id for order_id, order in self.orders.items() if not order.over]

    def broken_promises(self, found: Holdings) -> list[str]:
        """Compare with what the venue says after a restart, and believe it from now on."""
        problems, self.problems = self.problems, []
        for order_id, order in self.orders.items():
            problems += order.broken_promises(found.pending.get(order_id), found.finished.get(order_id))
        problems += self._judge_strangers(found)
        problems += self._judge_stops(found)
        seen = {(deal["deal_id"], deal["order_id"]): deal for deal in found.deals}
        problems += [
            f"deal {key} was told and is gone or changed"
            for key in self.deals
            if self.deals[key] != seen.get(key)
        ]
        self.deals = seen
        return problems

    def _judge_strangers(self, found: Holdings) -> list[str]:
        """Orders without an acknowledgement: each must come from a placement whose answer was lost."""
        problems = []
        by_client_id: dict[str, list[int]] = {}
        for order_id, row in found.orders.items():
            if order_id not in self.orders:
                by_client_id.setdefault(row["client_id"], []).append(order_id)
                self.orders[order_id] = KnownOrder(row, order_id in found.finished)
        for group in self.unanswered:
            done = [by_client_id.pop(client_id, []) for client_id in group]
            if any(len(ids) > 1 for ids in done):
                problems.append(f"a placement was carried out twice: {group}: {done}")
            if len({bool(ids) for ids in done}) > 1:
                problems.append(f"half a batch was carried out: {group}: {done}")
        self.unanswered = []
        return problems + [
            f"orders that nobody placed now: {name}: {ids}" for name, ids in by_client_id.items()
        ]

    def _judge_stops(self, found: Holdings) -> list[str]:
        problems = []
        for stop_id, row in self.stops.items():
            if stop_id not in found.stops:
                if stop_id not in self.unanswered_stop_cancels:
                    problems.append(f"stop order {stop_id} is gone")
            elif any(found.stops[stop_id][name] != value for name, value in row.items()):
                problems.append(f"stop order {stop_id} is {found.stops[stop_id]}, was {row}")
        strangers = [row["client_id"] for stop_id, row in found.stops.items() if stop_id not in self.stops]
        if len(set(strangers)) < len(strangers) or not set(strangers) <= set(self.unanswered_stops):
            problems.append(f"stop orders that nobody placed now: {strangers}")
        self.stops = found.stops
        self.unanswered_stops = []
        self.unanswered_stop_cancels = set()
        return problems
