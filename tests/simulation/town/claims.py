"""Claims: what clients were told, each with the way to see in the record whether it was true."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any, NamedTuple

from openbourse.core.events import DepositState, OrderState, WithdrawalState
from tests.simulation.town.record import Record, Window

UNITS, MONEY = 12, 24


class Claim(NamedTuple):
    """`text` is for a person who has to find out what went wrong. `lasting`: it must be true for ever."""

    text: str
    holds: Callable[[Record], bool]
    lasting: bool = False


def number(text: str, decimals: int) -> int:
    """The integer of the house behind a decimal text of the wire; exact, whatever the precision."""
    sign, digits, exponent = Decimal(text).as_tuple()
    assert isinstance(exponent, int)
    assert not sign
    value = int("".join(map(str, digits)))
    shift: int = decimals + exponent
    assert shift >= 0 or value % 10**-shift == 0, f"{text} has more than {decimals} decimals"
    return int(value * 10**shift if shift >= 0 else value // 10**-shift)


def order_is(row: dict[str, Any], window: Window) -> Claim:
    """An order as CoinEx shows it."""

    def fits(state: OrderState | None) -> bool:
        if state is None:
            return False
        amount = MONEY if state.request.in_quote else UNITS
        return (
            number(row["unfilled_amount"], amount) == state.remaining
            and number(row["filled_amount"], UNITS) == state.filled.quantity
            and number(row["filled_value"], MONEY) == state.filled.notional
            and row["side"] == state.request.side
            and row["client_id"] == state.request.client_id
            and (state.price == 0 or number(row["price"], UNITS) == state.price)
        )

    def holds(record: Record) -> bool:
        course = record.orders.get(row["order_id"])
        return course is not None and any(fits(state) for state in course.within(window))

    return Claim(f"order {row} in {window}", holds)


def order_exists(order_id: int, user: int, window: Window) -> Claim:
    """An order of this user was there, in whatever state."""

    def holds(record: Record) -> bool:
        course = record.orders.get(order_id)
        states = [] if course is None else [state for state in course.within(window) if state is not None]
        return any(state.request.user == user for state in states)

    return Claim(f"order {order_id} of {user} exists in {window}", holds)


def order_was_open(order_id: int, user: int, window: Window) -> Claim:
    def holds(record: Record) -> bool:
        course = record.open_orders.get(user)
        return course is not None and any(order_id in resting for resting in course.within(window))

    return Claim(f"order {order_id} of {user} was open in {window}", holds)


def order_is_over(order_id: int, window: Window) -> Claim:
    """Who was told that an order is cancelled never sees it again."""

    def holds(record: Record) -> bool:
        course = record.orders.get(order_id)
        if course is None:
            return False
        states = [*course.within(window)[-1:], course.latest]
        ended = ("cancelled", "partially_cancelled", "filled")
        return all(state is not None and state.status in ended for state in states)

    return Claim(f"order {order_id} is over in {window}", holds, lasting=True)


def open_orders_are(user: int, orders: Iterable[int], window: Window) -> Claim:
    told = frozenset(orders)

    def holds(record: Record) -> bool:
        course = record.open_orders.get(user)
        return told in course.within(window) if course is not None else not told

    return Claim(f"open orders of {user} are {sorted(told)} in {window}", holds)


def stops_are(user: int, stops: Iterable[int], window: Window) -> Claim:
    told = frozenset(stops)

    def holds(record: Record) -> bool:
        course = record.waiting_stops.get(user)
        return told in course.within(window) if course is not None else not told

    return Claim(f"waiting stops of {user} are {sorted(told)} in {window}", holds)


def stop_was_placed(user: int, stop_id: int, window: Window) -> Claim:
    def holds(record: Record) -> bool:
        pushes = record.pushes.get((user, "stop"), [])
        return any(
            push.content == ("placed", stop_id) and window.low < push.sequence <= window.high
            for push in pushes
        )

    return Claim(f"stop {stop_id} of {user} was placed in {window}", holds)


def balances_are(user: int, told: dict[str, tuple[int, int]], window: Window) -> Claim:
    """All balances of the spot wallet at one moment; what is not there is nothing."""
    wanted = {asset: money for asset, money in told.items() if money != (0, 0)}

    def holds(record: Record) -> bool:
        course = record.balances.get(user)
        if course is None:
            return not wanted
        return any(
            {asset: money for asset, money in value.items() if money != (0, 0)} == wanted
            for value in course.within(window)
        )

    return Claim(f"balances of {user} are {told} in {window}", holds)


def withdrawal_is(row: dict[str, Any], statuses: dict[Any, str], window: Window) -> Claim:
    """A withdrawal as CoinEx shows it; `statuses` are its words for the house's."""

    def fits(state: WithdrawalState | None) -> bool:
        return (
            state is not None
            and statuses[state.status] == row["status"]
            and number(row["actual_amount"], MONEY) == state.amount
            and row["tx_id"] == state.tx_id
        )

    def holds(record: Record) -> bool:
        course = record.withdrawals.get(row["withdraw_id"])
        return course is not None and any(fits(state) for state in course.within(window))

    return Claim(f"withdrawal {row} in {window}", holds)


def withdrawal_was_cancelled(withdrawal_id: int) -> Claim:
    def holds(record: Record) -> bool:
        course = record.withdrawals.get(withdrawal_id)
        return course is not None and course.latest is not None and course.latest.status == "cancelled"

    return Claim(f"withdrawal {withdrawal_id} was cancelled", holds, lasting=True)


def deposit_is(row: dict[str, Any], window: Window) -> Claim:
    """A deposit as CoinEx shows it."""

    def fits(state: DepositState | None) -> bool:
        credited = row["actual_amount"]
        return (
            state is not None
            and state.status == row["status"]
            and (number(credited, MONEY) if credited else 0) == state.credited
        )

    def holds(record: Record) -> bool:
        course = record.deposits.get(row["deposit_id"])
        return course is not None and any(fits(state) for state in course.within(window))

    return Claim(f"deposit {row} in {window}", holds)
