"""What really happened: the durable log, applied once more by a core of its own, and indexed by who was told.

Every claim of a client ("my order is filled", "my balance is this") is compared with it. A claim that was
made between two moments must have been true at some moment between them.
"""

from collections import Counter
from decimal import Decimal
from typing import Generic, NamedTuple, TypeVar

from openbourse.core import commands as c
from openbourse.core.commands import AnyCommand
from openbourse.core.events import (
    AnyEvent,
    BalanceChanged,
    DepositChanged,
    DepositState,
    OrderChanged,
    OrderState,
    Refused,
    StopChanged,
    Trade,
    TradeSide,
    WithdrawalChanged,
    WithdrawalState,
)
from openbourse.core.exchange import Exchange

T = TypeVar("T")
Balances = dict[str, tuple[int, int]]


class Window(NamedTuple):
    """From command `low` (the newest when somebody asked) to command `high` (the newest when answered)."""

    low: int
    high: int


class Course(Generic[T]):
    """Something that changes with the commands: its value after each of them."""

    def __init__(self, first: T) -> None:
        self._values: list[tuple[int, T]] = [(0, first)]

    @property
    def latest(self) -> T:
        return self._values[-1][1]

    def set(self, sequence: int, value: T) -> None:
        if self._values[-1][0] == sequence:
            self._values[-1] = (sequence, value)
        else:
            self._values.append((sequence, value))

    def within(self, window: Window) -> list[T]:
        """Every value that it had in the window."""
        found = [value for sequence, value in self._values if window.low < sequence <= window.high]
        before = [value for sequence, value in self._values if sequence <= window.low]
        return [before[-1], *found]


class Push(NamedTuple):
    """A private push that command `sequence` must have caused, as a client reads it."""

    sequence: int
    content: tuple[object, ...]


class Record:
    """Everything durable so far."""

    def __init__(self) -> None:
        self.judge = Exchange()
        self.commands: list[AnyCommand] = []
        self.events: list[list[AnyEvent]] = []
        self.orders: dict[int, Course[OrderState | None]] = {}
        self.open_orders: dict[int, Course[frozenset[int]]] = {}
        self.waiting_stops: dict[int, Course[frozenset[int]]] = {}
        self.balances: dict[int, Course[Balances]] = {}
        self.withdrawals: dict[int, Course[WithdrawalState | None]] = {}
        self.deposits: dict[int, Course[DepositState | None]] = {}
        self.deposited: Counter[int] = Counter()  # what was credited, less what was taken back
        self.carried_out: Counter[str] = Counter()  # by the marks that clients put on their requests
        self.pushes: dict[tuple[int, str], list[Push]] = {}
        self.reached: Counter[str] = Counter()

    def add(self, command: AnyCommand) -> list[AnyEvent]:
        """One more durable command; what it did."""
        events = self.judge.apply(command)
        self.commands.append(command)
        self.events.append(events)
        if not (events and isinstance(events[0], Refused)):
            self._mark(command)
        sequence = len(self.commands)
        trades: list[Trade] = []
        balances: dict[tuple[int, str], BalanceChanged] = {}
        for event in events:
            self._note(sequence, event)
            if isinstance(event, Trade):
                trades.append(event)
            elif isinstance(event, BalanceChanged) and event.wallet == "spot":
                balances[event.user, event.asset] = event
        for trade in trades:
            for side, role in ((trade.taker, "taker"), (trade.maker, "maker")):
                self._push(sequence, side.user, "user_deals", _deal(trade, side, role))
        for (user, asset), last in balances.items():
            self._push(sequence, user, "balance", (asset, last.available, last.frozen))
        return events

    def _mark(self, command: AnyCommand) -> None:
        if isinstance(command, c.PlaceOrder | c.PlaceStop):
            # Over CoinW an order has no name: all of a user are counted together.
            self.carried_out[command.order.client_id or f"orders of {command.order.user}"] += 1
        elif isinstance(command, c.RequestWithdrawal):
            self.carried_out[command.remark] += 1
        elif isinstance(command, c.Transfer):
            self.carried_out[f"transfer {command.amount}"] += 1

    def _note(self, sequence: int, event: AnyEvent) -> None:
        if isinstance(event, OrderChanged):
            self._order(sequence, event)
        elif isinstance(event, StopChanged):
            self._stop(sequence, event)
        elif isinstance(event, BalanceChanged):
            if event.cause == "deposit":
                self.deposited[event.reference] += event.change
            if event.wallet == "spot":
                course = self.balances.setdefault(event.user, Course[Balances]({}))
                course.set(sequence, course.latest | {event.asset: (event.available, event.frozen)})
        elif isinstance(event, WithdrawalChanged):
            state = event.withdrawal
            none = Course[WithdrawalState | None](None)
            self.withdrawals.setdefault(state.withdrawal_id, none).set(sequence, state)
            self.reached[f"withdrawal {state.status}"] += 1
        elif isinstance(event, DepositChanged):
            deposit = event.deposit
            nothing = Course[DepositState | None](None)
            self.deposits.setdefault(deposit.deposit_id, nothing).set(sequence, deposit)
            self.reached[f"deposit {deposit.status}"] += 1

    def _order(self, sequence: int, event: OrderChanged) -> None:
        state = event.order
        user = state.request.user
        self.orders.setdefault(state.order_id, Course[OrderState | None](None)).set(sequence, state)
        resting = self.open_orders.setdefault(user, Course[frozenset[int]](frozenset()))
        alone = frozenset({state.order_id})
        gone = event.change == "finished"
        resting.set(sequence, resting.latest - alone if gone else resting.latest | alone)
        left = Decimal(state.remaining).scaleb(-24 if state.request.in_quote else -12)
        content = (event.change, state.order_id, state.filled.quantity, left)
        self._push(sequence, user, "order", content)
        self.reached[f"{state.request.type} {state.status}"] += 1

    def _stop(self, sequence: int, event: StopChanged) -> None:
        user, number = event.stop.request.user, event.stop.stop_id
        waiting = self.waiting_stops.setdefault(user, Course[frozenset[int]](frozenset()))
        alone = frozenset({number})
        placed = event.change == "placed"
        waiting.set(sequence, waiting.latest | alone if placed else waiting.latest - alone)
        self._push(sequence, user, "stop", (event.change, number))
        self.reached[f"stop {event.change}"] += 1

    def _push(self, sequence: int, user: int, channel: str, content: tuple[object, ...]) -> None:
        self.pushes.setdefault((user, channel), []).append(Push(sequence, content))


def _deal(trade: Trade, side: TradeSide, role: str) -> tuple[object, ...]:
    return (trade.trade_id, side.order_id, trade.price, trade.quantity, role)
