"""Users and their keys, as the rest of the house sees them: immutable, and mute about secrets."""

from dataclasses import dataclass, field
from typing import Literal

from openbourse.accounts.allow_list import AllowList
from openbourse.accounts.hmac_key import HmacKey

Protocol = Literal["coinex", "coinw"]
UserStatus = Literal["active", "frozen"]
Permission = Literal["futures", "margin", "amm", "api"]
ALL_PERMISSIONS: tuple[Permission, ...] = ("futures", "margin", "amm", "api")


@dataclass(frozen=True, slots=True)
class User:
    """A main account (`parent` 0) or a sub-account of one.

    Whether a user may trade is the core's business; `frozen` here means that none of the keys works.
    `permissions` limit sub-accounts: what beside spot they may use, and whether they may have keys.
    `public_id` is what strangers may know them by. `created_at` is in Unix ms. `suspended` is a sub-account
    whose main account is frozen; it is not kept but derived.
    """

    id: int
    name: str
    public_id: str
    parent: int
    permissions: tuple[Permission, ...]
    status: UserStatus
    remark: str
    created_at: int
    suspended: bool = False

    @property
    def admitted(self) -> bool:
        """May anybody come in with a key of this account?"""
        return self.status == "active" and not self.suspended


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """An API key. `key_id` is its public text, `expires_at` in Unix ms, 0 for never.

    `secret` and `hmac` serve to verify signatures; show the secret at creation and never again.
    """

    id: int
    owner: User
    key_id: str
    protocol: Protocol
    trade_allowed: bool
    withdraw_allowed: bool
    allow_list: AllowList
    created_at: int
    expires_at: int
    remark: str
    revoked: bool
    secret: str = field(repr=False)
    hmac: HmacKey = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "hmac", HmacKey(self.secret.encode()))

    @property
    def user(self) -> int:
        """The number of the owner."""
        return self.owner.id

    def expired(self, now: int) -> bool:
        """Is the key past its time at `now` (Unix ms)?"""
        return 0 < self.expires_at <= now
