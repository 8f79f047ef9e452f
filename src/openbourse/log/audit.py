"""An auditor who sees only the events: keeps books of his own and compares them with the exchange's.

The core checks itself (`core.invariants`); this check shares no code with it. It recomputes every balance
from the changes that were announced, every book from its level changes, every open order from its trades.
"""

from typing import Final

from openbourse.core.events import (
    Adjusted,
    AnyEvent,
    BalanceChanged,
    DepositChanged,
    Deposited,
    DepositState,
    LevelChanged,
    OrderChanged,
    OrderState,
    Trade,
    WithdrawalChanged,
)
from openbourse.core.exchange import Exchange

MAX_PROBLEMS: Final = 100


class Audit:
    """Feed it the events of all commands from the first one on; `problems` is what did not add up."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self._balances: dict[tuple[int, str, str], tuple[int, int]] = {}
        self._expected: dict[str, int] = {}  # asset: what all users together must have
        self._levels: dict[tuple[str, str], dict[int, int]] = {}
        self._orders: dict[int, OrderState] = {}
        self._credited: dict[int, int] = {}
        self._filled: dict[int, int] = {}  # order: base quantity of its trades so far
        self._trade_id = 0

    def follow(self, sequence: int, events: list[AnyEvent]) -> None:
        """Take note of what one command did."""
        for event in events:
            if isinstance(event, BalanceChanged):
                self._follow_balance(sequence, event)
            elif isinstance(event, Trade):
                self._follow_trade(sequence, event)
            elif isinstance(event, OrderChanged):
                self._follow_order(sequence, event)
            elif isinstance(event, LevelChanged):
                self._follow_level(event)
            elif isinstance(event, Deposited | Adjusted):
                self._expect(event.asset, event.amount)
            elif isinstance(event, DepositChanged):
                self._follow_deposit(event.deposit)
            elif isinstance(event, WithdrawalChanged) and event.withdrawal.status == "finished":
                self._expect(event.withdrawal.asset, -event.withdrawal.amount)
                self._expect(event.withdrawal.fee_asset, -event.withdrawal.fee)

    def compare(self, sequence: int, exchange: Exchange) -> None:
        """Add to `problems` where the exchange's state and the auditor's books differ."""
        self._compare_sums(sequence)
        self._compare_balances(sequence, exchange)
        self._compare_books(sequence, exchange)
        self._compare_orders(sequence, exchange)

    def _report(self, sequence: int, problem: str) -> None:
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(f"at sequence {sequence}: {problem}")

    def _expect(self, asset: str, amount: int) -> None:
        self._expected[asset] = self._expected.get(asset, 0) + amount

    # -- following --------------------------------------------------------------------------------

    def _follow_balance(self, sequence: int, event: BalanceChanged) -> None:
        key = (event.user, event.wallet, event.asset)
        if sum(self._balances.get(key, (0, 0))) + event.change != event.available + event.frozen:
            self._report(sequence, f"{event.asset} of user {event.user} changed by more than was announced")
        if event.available < 0 or event.frozen < 0:
            self._report(sequence, f"user {event.user} has a negative balance in {event.asset}")
        self._balances[key] = (event.available, event.frozen)

    def _follow_trade(self, sequence: int, event: Trade) -> None:
        if event.trade_id <= self._trade_id:
            self._report(sequence, f"trade {event.trade_id} follows trade {self._trade_id}")
        self._trade_id = event.trade_id
        for side in (event.taker, event.maker):
            self._expect(side.fee_asset, -side.fee)
            self._filled[side.order_id] = self._filled.get(side.order_id, 0) + event.quantity

    def _follow_order(self, sequence: int, event: OrderChanged) -> None:
        order = event.order
        if order.filled.quantity != self._filled.get(order.order_id, 0):
            self._report(sequence, f"order {order.order_id} is not filled by what its trades say")
        if event.change == "finished":
            self._orders.pop(order.order_id, None)
            self._filled.pop(order.order_id, None)
        else:
            self._orders[order.order_id] = order

    def _follow_deposit(self, deposit: DepositState) -> None:
        """A deposit is told of many times, its money counts when `credited` changes."""
        before = self._credited.pop(deposit.deposit_id, 0)
        self._expect(deposit.asset, deposit.credited - before)
        self._credited[deposit.deposit_id] = deposit.credited

    def _follow_level(self, event: LevelChanged) -> None:
        levels = self._levels.setdefault((event.market, event.side), {})
        if event.quantity == 0:
            levels.pop(event.price, None)
        else:
            levels[event.price] = event.quantity

    # -- comparing --------------------------------------------------------------------------------

    def _compare_sums(self, sequence: int) -> None:
        """Nothing is made or lost: users have the deposits and adjustments less withdrawals and fees."""
        held: dict[str, int] = dict.fromkeys(self._expected, 0)
        for (_, _, asset), (available, frozen) in self._balances.items():
            held[asset] = held.get(asset, 0) + available + frozen
        for asset, amount in held.items():
            expected = self._expected.get(asset, 0)
            if amount != expected:
                self._report(sequence, f"users have {amount} of {asset}, but {expected} came in and stayed")

    def _compare_balances(self, sequence: int, exchange: Exchange) -> None:
        told: dict[tuple[int, str], dict[str, tuple[int, int]]] = {}
        for (user, wallet, asset), balance in self._balances.items():
            told.setdefault((user, wallet), {})[asset] = balance
        for (user, wallet), balances in told.items():
            kept = exchange.balances(user, wallet)
            for asset in sorted(kept.keys() | balances.keys()):
                has, says = kept.get(asset, (0, 0)), balances.get(asset, (0, 0))
                if has != says:
                    self._report(sequence, f"{asset} in {wallet} of user {user} is {has}, events say {says}")

    def _compare_books(self, sequence: int, exchange: Exchange) -> None:
        for (market, side), levels in self._levels.items():
            kept = exchange.levels(market, "buy" if side == "buy" else "sell", 0)
            if dict(kept) != levels or len(kept) != len(levels):
                self._report(sequence, f"the {side} side of {market} is not what its level changes say")

    def _compare_orders(self, sequence: int, exchange: Exchange) -> None:
        for order_id in self._filled.keys() - self._orders.keys():
            self._report(sequence, f"order {order_id} has traded, but nothing tells what became of it")
        told: dict[int, dict[int, int]] = {}
        for order in self._orders.values():
            told.setdefault(order.request.user, {})[order.order_id] = order.remaining
        users = told.keys() | {user for user, _, _ in self._balances}
        for user in sorted(users):
            kept = {order.order_id: order.remaining for order in exchange.open_orders(user)}
            if kept != told.get(user, {}):
                self._report(sequence, f"the open orders of user {user} are not what the events say")
