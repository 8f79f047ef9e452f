"""A sweep over all accounts of a running exchange, in slices that the traders do not notice.

The sum of all accounts is wanted as of one moment, though users trade between two slices. So a sweep keeps
what the users that it has passed own together, and follows the announced changes of these: at its end it has
the exact sum of that moment. A change of an account that no event announced is what it is looking for.
"""

from collections.abc import Generator, Iterator
from typing import Final

from openbourse.core.events import Applied, BalanceChanged, OrderChanged, WithdrawalChanged
from openbourse.core.exchange import Exchange
from openbourse.core.user import User
from openbourse.core.withdrawals import holds
from openbourse.venue.finding import SUM, Finding, user_account

ORDERS_AT_ONCE: Final = 500

Place = tuple[str, str]  # wallet and asset of a user


class Sweep:
    """One sweep: `slices` does a piece of work at each step; `follow` must see all that is applied
    between.
    """

    def __init__(self, exchange: Exchange) -> None:
        self.findings: list[Finding] = []
        self.users = 0
        self._state = exchange.state
        self._passed: set[int] = set()
        self._sums: dict[str, int] = {}
        self._current = 0
        self._touched: set[int] = set()  # orders of the current user that changed since they were counted
        self._withdrawals: dict[int, set[int]] = {}
        for withdrawal in self._state.withdrawals.values():
            self._withdrawals.setdefault(withdrawal.user, set()).add(withdrawal.withdrawal_id)

    def follow(self, batch: list[Applied]) -> None:
        """Take note of what was applied since the last slice."""
        for applied in batch:
            for event in applied.events:
                kind = type(event)
                if kind is BalanceChanged:
                    assert isinstance(event, BalanceChanged)
                    if event.user in self._passed:
                        self._sums[event.asset] = self._sums.get(event.asset, 0) + event.change
                elif kind is OrderChanged:
                    assert isinstance(event, OrderChanged)
                    if event.order.request.user == self._current:
                        self._touched.add(event.order.order_id)
                elif kind is WithdrawalChanged:
                    assert isinstance(event, WithdrawalChanged)
                    moved = event.withdrawal
                    self._withdrawals.setdefault(moved.user, set()).add(moved.withdrawal_id)

    def slices(self) -> Iterator[None]:
        """Each step takes well below a millisecond, but for users with very many assets."""
        for user in list(self._state.users.values()):
            self._current = user.user
            self._touched.clear()
            held = yield from self._held_by_orders(user)
            self._pass(user, held)
            yield
        self._current = 0
        self._compare_sums()

    def _held_by_orders(self, user: User) -> Generator[None, None, dict[Place, int]]:
        """What the orders of a user hold, though they change between two slices."""
        counted: dict[int, tuple[Place, int]] = {}
        numbers = list(user.orders)
        for start in range(0, len(numbers), ORDERS_AT_ONCE):
            if start:
                yield
            for number in numbers[start : start + ORDERS_AT_ONCE]:
                self._count(user, number, counted)
        for number in self._touched:
            self._count(user, number, counted)
        held: dict[Place, int] = {}
        for place, amount in counted.values():
            held[place] = held.get(place, 0) + amount
        return held

    def _count(self, user: User, number: int, counted: dict[int, tuple[Place, int]]) -> None:
        order = user.orders.get(number)
        if order is None:
            counted.pop(number, None)
        else:
            counted[number] = ((order.wallet, order.pays.asset), order.held)

    def _pass(self, user: User, held: dict[Place, int]) -> None:
        """Judge a user's accounts and add them to the sums, at one moment."""
        for number in self._withdrawals.get(user.user, ()):
            withdrawal = self._state.withdrawals.get(number)
            if withdrawal is not None:
                for asset, amount in holds(withdrawal):
                    held["spot", asset] = held.get(("spot", asset), 0) + amount
        for wallet, accounts in self._state.ledger.wallets[user.user].items():
            for asset, account in accounts.items():
                name = user_account(user.user, wallet)
                reserved = held.pop((wallet, asset), 0)
                if account.frozen != reserved:
                    self.findings.append(
                        Finding(asset, name, "frozen for orders and withdrawals", reserved, account.frozen)
                    )
                for what, amount in (("available", account.available), ("frozen", account.frozen)):
                    if amount < 0:
                        self.findings.append(Finding(asset, name, what, 0, amount))
                self._sums[asset] = self._sums.get(asset, 0) + account.available + account.frozen
        for (wallet, asset), amount in held.items():
            name = user_account(user.user, wallet)
            self.findings.append(Finding(asset, name, "frozen, without an account,", amount, 0))
        self._passed.add(user.user)
        self.users += 1

    def _compare_sums(self) -> None:
        """Users who came during the sweep have not been passed; all they own came by announced changes."""
        for user in list(self._state.users.values())[self.users :]:
            self._pass(user, self._exact_holdings(user))
        sums = dict(self._sums)
        for accounts in self._state.ledger.system.values():
            for asset, account in accounts.items():
                sums[asset] = sums.get(asset, 0) + account.available
        for asset, total in sums.items():
            if total:
                self.findings.append(Finding(asset, "all accounts", SUM, 0, total))

    def _exact_holdings(self, user: User) -> dict[Place, int]:
        held: dict[Place, int] = {}
        for order in user.orders.values():
            place = (order.wallet, order.pays.asset)
            held[place] = held.get(place, 0) + order.held
        return held
