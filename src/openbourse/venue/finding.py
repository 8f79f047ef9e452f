"""What the conservation watch has found."""

from typing import NamedTuple


class Finding(NamedTuple):
    """Something in the money of an asset that cannot be.

    `account` is whose, `what` is wrong: it is `found` and must be what is `expected` (money in 10^-24,
    quantities in 10^-12). `sound_at` is the newest command after which it is known to have been right, 0 if
    that is not known.
    """

    asset: str
    account: str
    what: str
    expected: int
    found: int
    sound_at: int = 0

    @property
    def text(self) -> str:
        """A sentence for the operator."""
        since = f", sound after command {self.sound_at}" if self.sound_at else ""
        return f"{self.account}: {self.what} {self.found}, must be {self.expected}{since}"


SUM = "sum"


def user_account(user: int, wallet: str) -> str:
    """The name of a user's account in findings."""
    return f"user {user}, wallet {wallet}"
