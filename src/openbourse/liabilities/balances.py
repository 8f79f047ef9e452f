"""What a snapshot says the venue owes: by user, and in all."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from openbourse.core.ledger import SETTLEMENT
from openbourse.liabilities.errors import ImbalanceError


class Owed(NamedTuple):
    """What one user is owed, by asset in 10^-24: available and frozen in all wallets; zeros are left out."""

    user: int
    amounts: dict[str, int]


def owed_to_users(accounts: Iterable[Any]) -> Iterator[Owed]:
    """From the rows of the table `accounts`, where those of a user stand together."""
    user, amounts = 0, dict[str, int]()
    for row_user, wallet, asset, available, frozen in accounts:
        if available < 0 or frozen < 0:
            raise ImbalanceError(f"user {row_user} has a negative balance of {asset} in the wallet {wallet}")
        if row_user != user:
            if amounts:
                yield Owed(user, amounts)
            user, amounts = row_user, {}
        if available or frozen:
            amounts[asset] = amounts.get(asset, 0) + available + frozen
    if amounts:
        yield Owed(user, amounts)


def owed_by_the_venue(system: Iterable[Any]) -> dict[str, int]:
    """By asset, from the rows of the table `system`: custody less what belongs to the venue itself.

    That is what double entry leaves to the users. Assets of which nothing is owed are left out.
    """
    owed: dict[str, int] = {}
    for name, asset, balance in system:
        if name == SETTLEMENT and balance:
            raise ImbalanceError(f"{balance} {asset} are left in settlement")
        owed[asset] = owed.get(asset, 0) - balance
    return {asset: amount for asset, amount in owed.items() if amount}


def check_totals(counted: dict[str, int], ledger: dict[str, int]) -> None:
    """Refuse trees that sum to anything but what the ledger says. Raises ImbalanceError."""
    for asset in sorted({*counted, *ledger}):
        found, expected = counted.get(asset, 0), ledger.get(asset, 0)
        if found != expected:
            raise ImbalanceError(
                f"the balances of users sum to {found} {asset} (in 10^-24), the venue's own accounts say "
                f"{expected}: nothing is published; `openbourse verify` tells what is wrong"
            )
