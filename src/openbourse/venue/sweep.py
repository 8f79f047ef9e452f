"""A sweep over all accounts of a running exchange, in slices that the traders do not notice.

The sum of all accounts is wanted as of one moment, though users trade between two slices. So a sweep keeps
what the users that it has passed own together, and follows the announced changes of these: at its end it has
the exact sum of that moment. A change of an account that no event announced is what it is looking for.
"""

from collections.abc import Generator, Iterable, Iterator
from itertools import islice
from typing import Final

from openbourse.core.events import Applied, BalanceChanged, OrderChanged, WithdrawalChanged
from openbourse.core.exchange import Exchange
from openbourse.core.ledger import Account
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
        users = self._state.users
        while self.users < len(users):  # some may come meanwhile
            for user in list(islice(users.values(), self.users, None)):
                self._current = user.user
                self._touched.clear()
                held = yield from self._held_by_orders(user)
                self._pass(user, held)
                yield
        self._current = 0
        self._compare_sums()

    def _held_by_orders(self, user: User) -> Generator[None, None, dict[Place, int]]:
        """What the orders of a user hold, though they change between two slices."""
        held = HeldByOrders(user)
        numbers = iter(list(user.orders))
        while some := list(islice(numbers, ORDERS_AT_ONCE)):
            held.count(some)
            if len(some) == ORDERS_AT_ONCE:
                yield
        while self._touched:
            held.count([self._touched.pop() for _ in range(min(len(self._touched), ORDERS_AT_ONCE))])
            if self._touched:
                yield
        return held.places()

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
        sums = dict(self._sums)
        for accounts in self._state.ledger.system.values():
            for asset, account in accounts.items():
                sums[asset] = sums.get(asset, 0) + account.available
        for asset, total in sums.items():
            if total:
                self.findings.append(Finding(asset, "all accounts", SUM, 0, total))


class HeldByOrders:
    """What the orders of a user hold together. An order that has changed since is counted again."""

    def __init__(self, user: User) -> None:
        self._orders = user.orders
        self._sums: dict[Account, int] = {}
        # Two, since what holds no container is nothing to the collector of cycles: it pauses for every tuple.
        self._amounts: dict[int, int] = {}
        self._accounts: dict[int, Account] = {}

    def count(self, numbers: Iterable[int]) -> None:
        """Those that are over hold nothing."""
        sums = self._sums
        for number in numbers:
            if number in self._amounts:
                sums[self._accounts.pop(number)] -= self._amounts.pop(number)
            order = self._orders.get(number)
            if order is not None:
                amount = order.held
                self._amounts[number], self._accounts[number] = amount, order.pays
                sums[order.pays] = sums.get(order.pays, 0) + amount

    def places(self) -> dict[Place, int]:
        """The sums by place."""
        return {(account.wallet, account.asset): amount for account, amount in self._sums.items()}
