"""Rate limits: token buckets per account and group, and one per source address.

reference/coinex/conventions.md §7. There is no clock in here: `now` is monotone milliseconds.
"""

import ipaddress
from collections.abc import Hashable
from enum import Enum
from typing import Final, Generic, NamedTuple, TypeVar

IP_RATE: Final = 400
MAX_BUCKETS: Final = 100_000
MAX_COST: Final = 100


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
    headers: tuple[tuple[bytes, bytes], ...]


K = TypeVar("K", bound=Hashable)


class Buckets(Generic[K]):
    """Token buckets of one size: `rate` tokens, refilled at `rate` per second.

    Memory is bounded. Buckets live in two generations: one that is used moves to the young one, and
    the old one is dropped as a whole when nothing in it can still be short of tokens.
    """

    def __init__(self, rate: int, most: int = MAX_BUCKETS) -> None:
        if rate < 1:
            raise ValueError("a rate limit is at least 1 a second")
        self.rate = rate
        self._full = rate * 1000  # thousandths of a token: the refill of a millisecond is whole
        self._generation_ms = 1000 + 1000 * -(-MAX_COST // rate)
        self._most = most // 2
        self._young: dict[K, tuple[int, int]] = {}
        self._old: dict[K, tuple[int, int]] = {}
        self._turned = 0

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    def take(self, key: K, cost: int, now: int) -> tuple[bool, int]:
        """Did the request pass, and how many tokens are left?

        It passes while there is one token, and takes `cost`: a batch may overdraw (§7.2).
        """
        if now - self._turned > self._generation_ms or len(self._young) >= self._most:
            self._turn(now)
        bucket = self._young.get(key) or self._old.pop(key, None)
        if bucket is None:
            tokens = self._full
        else:
            tokens, since = bucket
            tokens = min(self._full, tokens + self.rate * max(0, now - since))
            now = max(now, since)
        allowed = tokens >= 1000
        if allowed:
            tokens -= 1000 * min(cost, MAX_COST)
        self._young[key] = (tokens, now)
        return allowed, max(0, tokens // 1000)

    def _turn(self, now: int) -> None:
        self._old = self._young if now - self._turned <= 2 * self._generation_ms else {}
        self._young = {}
        self._turned = now


class RateLimiter:
    """All limits of a venue; `enabled` false lets everything pass, without headers."""

    def __init__(self, enabled: bool = True, ip_rate: int = IP_RATE) -> None:
        self._enabled = enabled
        self._groups = {group: Buckets[int](group.rate) for group in Group}
        self._addresses = Buckets[str](ip_rate)
        self._limit_headers = {group: (b"x-ratelimit-limit", b"%d" % group.rate) for group in Group}

    def admit(self, account: int, group: Group, cost: int, now: int) -> Verdict:
        """Take `cost` from the account's quota in `group`; a refusal (4213) takes nothing."""
        if not self._enabled:
            return Verdict(allowed=True, headers=())
        allowed, left = self._groups[group].take(account, cost, now)
        return Verdict(allowed, (self._limit_headers[group], (b"x-ratelimit-remaining", b"%d" % left)))

    def admit_address(self, address: str, now: int) -> bool:
        """The limit per source address; beyond it the answer is HTTP 429 (§3.4)."""
        if not self._enabled:
            return True
        return self._addresses.take(_source(address), 1, now)[0]


def _source(address: str) -> str:
    """Whoever has an IPv6 address has a /64 full of them: they count as one source."""
    if ":" not in address:
        return address
    try:
        whole = ipaddress.IPv6Address(address.partition("%")[0])
    except ValueError:
        return address
    if whole.ipv4_mapped is not None:
        return str(whole.ipv4_mapped)
    return str(ipaddress.IPv6Address(int(whole) >> 64 << 64))
