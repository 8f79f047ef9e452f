"""Token buckets: what all rate limits are made of. No clock in here: `now` is monotone milliseconds."""

from collections.abc import Hashable
from typing import Final, Generic, TypeVar

MAX_BUCKETS: Final = 100_000
MAX_COST: Final = 100

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

        It passes while there is one token, and takes `cost`, which may overdraw the bucket.
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
