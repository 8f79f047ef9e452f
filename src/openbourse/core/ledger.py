"""The ledger: double entry in exact integers.

Every change of a balance is a posting between two accounts, so that all accounts of an asset sum to
zero at any time. Users' accounts are never negative; what an order or a withdrawal holds of one is
its `frozen` part. The venue's own accounts stand in `SYSTEM_ACCOUNTS`: custody is negative by what
the venue owes to everybody; trades pass through settlement, which is empty between commands.
"""

from typing import Final

# The wallet that orders are placed from, and that money arrives in.
SPOT: Final = "spot"

CUSTODY: Final = "custody"
FEES: Final = "fees"
ADJUSTMENTS: Final = "adjustments"
SETTLEMENT: Final = "settlement"
SYSTEM_ACCOUNTS: Final = (CUSTODY, FEES, ADJUSTMENTS, SETTLEMENT)


class Account:
    """Money of one asset in one wallet of a user, or of the venue (user 0, the wallet is its name)."""

    def __init__(self, user: int, wallet: str, asset: str) -> None:
        self.user = user
        self.wallet = wallet
        self.asset = asset
        self.available: int = 0
        self.frozen: int = 0

    def freeze(self, amount: int) -> None:
        """Hold `amount` of what is available; a negative one is given back."""
        self.available -= amount
        self.frozen += amount
        assert self.available >= 0
        assert self.frozen >= 0

    def release(self, amount: int) -> None:
        """Give `amount` of what is held back."""
        assert 0 <= amount <= self.frozen
        self.frozen -= amount
        self.available += amount

    def spend(self, amount: int, target: "Account") -> None:
        """Post `amount` of what is held here to another account."""
        assert 0 <= amount <= self.frozen
        self.frozen -= amount
        target.available += amount

    def pay(self, amount: int, target: "Account") -> None:
        """Post `amount` of what is available here to another account."""
        assert self.user == 0 or 0 <= amount <= self.available
        self.available -= amount
        target.available += amount


# The accounts of one user by wallet and asset.
Wallets = dict[str, dict[str, Account]]


def account_in(wallets: Wallets, user: int, wallet: str, asset: str) -> Account:
    """The account of a user, made if it is not there."""
    accounts = wallets.get(wallet)
    if accounts is None:
        accounts = wallets[wallet] = {}
    account = accounts.get(asset)
    if account is None:
        account = accounts[asset] = Account(user, wallet, asset)
    return account


class Ledger:
    """All accounts, made when they are first touched and never removed."""

    def __init__(self) -> None:
        self.wallets: dict[int, Wallets] = {}
        self.system: dict[str, dict[str, Account]] = {name: {} for name in SYSTEM_ACCOUNTS}
        # Every trade needs these two.
        self._settlement = self.system[SETTLEMENT]
        self._fees = self.system[FEES]

    def open(self, user: int) -> Wallets:
        """Where the accounts of a new user will be."""
        wallets: Wallets = {}
        self.wallets[user] = wallets
        return wallets

    def account(self, user: int, wallet: str, asset: str) -> Account:
        """The account of a user; the user must be known."""
        return account_in(self.wallets[user], user, wallet, asset)

    def available(self, user: int, wallet: str, asset: str) -> int:
        """What a user could spend; makes no account."""
        accounts = self.wallets[user].get(wallet)
        if accounts is None or asset not in accounts:
            return 0
        return accounts[asset].available

    def system_account(self, name: str, asset: str) -> Account:
        return self._system_account(self.system[name], name, asset)

    def settlement(self, asset: str) -> Account:
        return self._system_account(self._settlement, SETTLEMENT, asset)

    def fees(self, asset: str) -> Account:
        return self._system_account(self._fees, FEES, asset)

    def _system_account(self, accounts: dict[str, Account], name: str, asset: str) -> Account:
        account = accounts.get(asset)
        if account is None:
            account = accounts[asset] = Account(0, name, asset)
        return account

    def sums(self) -> dict[str, int]:
        """Per asset the sum over all accounts: all zero unless something is badly wrong."""
        sums: dict[str, int] = {}
        for wallets in self.wallets.values():
            for accounts in wallets.values():
                for account in accounts.values():
                    held = account.available + account.frozen
                    sums[account.asset] = sums.get(account.asset, 0) + held
        for accounts in self.system.values():
            for account in accounts.values():
                sums[account.asset] = sums.get(account.asset, 0) + account.available
        return sums
