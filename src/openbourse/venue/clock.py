"""The venue's clock: where the time of commands comes from."""

import time
from typing import Protocol


class Clock(Protocol):
    def now(self) -> int:
        """The time in Unix milliseconds; never less than it was before."""


class SystemClock:
    """The computer's clock, holding still while that one is set back.

    `not_before` is the time of the newest command of the log: after a restart time goes on from there.
    """

    def __init__(self, not_before: int = 0) -> None:
        self._latest = not_before

    def now(self) -> int:
        """See Clock.now."""
        self._latest = max(self._latest, time.time_ns() // 1_000_000)
        return self._latest
