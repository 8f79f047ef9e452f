"""Rate limits: token buckets per account and group, and one per source address.

reference/coinex/conventions.md §7. Accounts are limited by the venue, which counts their requests in one
place; addresses here. There is no clock in here: `now` is monotone milliseconds.
"""

from enum import Enum
from typing import Final, NamedTuple

from openbourse.venue.quotas import Quotas
from openbourse.venue.token_buckets import Buckets
from openbourse.wire.http.sources import source_of

IP_RATE: Final = 400

Headers = tuple[tuple[bytes, bytes], ...]


class Group(Enum):
    """The groups of endpoints that share a quota, and their requests per second (§7.4)."""

    SPOT_PLACE = ("place & edit spot orders", 30)
    SPOT_CANCEL = ("cancel spot orders", 60)
    SPOT_BATCH_CANCEL = ("batch cancel spot orders", 40)
    SPOT_QUERY = ("query spot orders", 50)
    SPOT_HISTORY = ("query spot order history", 10)
    ACCOUNT_MODIFY = ("modify spot accounts", 10)
    ACCOUNT_QUERY = ("query spot accounts", 10)
    ACCOUNT_HISTORY = ("query spot account history", 10)
    FUTURES_PLACE = ("place & edit futures orders & adjust position", 20)
    FUTURES_CANCEL = ("cancel futures orders", 40)
    FUTURES_BATCH_CANCEL = ("batch cancel futures orders", 20)
    FUTURES_QUERY = ("futures query order", 50)
    FUTURES_HISTORY = ("futures order history query", 10)
    FUTURES_ACCOUNT = ("futures account query", 10)
    REFERRAL = ("referral", 10)

    def __init__(self, title: str, rate: int) -> None:
        self.title = title
        self.rate = rate


class Verdict(NamedTuple):
    """May the request pass, and what the answer's headers say (§7.3)."""

    allowed: bool
    headers: Headers


NO_LIMIT: Final = Verdict(allowed=True, headers=())


class RateLimiter:
    """All limits of a venue; `enabled` false lets everything pass, without headers."""

    def __init__(self, quotas: Quotas, enabled: bool = True, ip_rate: int = IP_RATE) -> None:
        self.enabled = enabled
        self._quotas = quotas
        self._addresses = Buckets[str](ip_rate)
        self._limit_headers = {group: (b"x-ratelimit-limit", b"%d" % group.rate) for group in Group}

    async def admit(self, account: int, group: Group, cost: int) -> Verdict:
        """Take `cost` from the account's quota in `group`; a refusal (4213) takes nothing."""
        if not self.enabled:
            return NO_LIMIT
        allowed, left = await self._quotas.take(group.title, group.rate, account, cost)
        return Verdict(allowed, (self._limit_headers[group], (b"x-ratelimit-remaining", b"%d" % left)))

    def admit_address(self, address: str, now: int) -> bool:
        """The limit per source address; beyond it the answer is HTTP 429 (§3.4)."""
        if not self.enabled:
            return True
        return self._addresses.take(source_of(address), 1, now)[0]
