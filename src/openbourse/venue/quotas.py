"""Quotas: how much accounts may still ask, counted in one place for the whole venue.

Gateways are many, an account is one: whichever of them a request comes through, its tokens are taken here.
"""

import time
from collections.abc import Callable
from typing import NamedTuple

from openbourse.venue.token_buckets import Buckets


class Taken(NamedTuple):
    """Did the request pass, and how many tokens are left?"""

    allowed: bool
    left: int


class Quotas:
    """Token buckets by the name of their quota; protocols name them and say their rates."""

    def __init__(self, monotonic: Callable[[], int] | None = None) -> None:
        """`monotonic` counts milliseconds."""
        self._monotonic = monotonic or _monotonic_ms
        self._quotas: dict[str, Buckets[int]] = {}

    async def take(self, quota: str, rate: int, account: int, cost: int = 1) -> Taken:
        """Take `cost` tokens of an account's quota of `rate` a second; a refusal takes nothing."""
        buckets = self._quotas.get(quota)
        if buckets is None:
            buckets = self._quotas[quota] = Buckets(rate)
        return Taken(*buckets.take(account, cost, self._monotonic()))


def _monotonic_ms() -> int:
    return time.monotonic_ns() // 1_000_000
