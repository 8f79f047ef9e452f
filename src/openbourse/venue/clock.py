"""The venue's clock: what time it is elsewhere, whatever happens to the computer's clock."""

import time
from collections.abc import Callable
from functools import partial
from typing import Final, Protocol

import structlog

PATIENCE_SECONDS: Final = 60.0
# The computer's clock may depart so far at once from the one that nobody can set; more is a step.
TOLERANCE_MS: Final = 1_000
# Where the system has it, the clock that also counts the time for which the machine slept.
_SINCE_BOOT: Final[Callable[[], int]] = partial(
    time.clock_gettime_ns, getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
)

_log = structlog.get_logger(__name__)


class Clock(Protocol):
    def now(self) -> int:
        """The time in Unix milliseconds, as far as it can be known: a wrong one may be corrected backwards.

        For comparing with the time stamps of others; commands get theirs from `Sequencer.now`, which never
        goes back.
        """


class SystemClock:
    """The computer's clock, except that its steps are believed only when they have lasted.

    Time passes as on the clock since boot, which nobody can set. As long as the computer's clock agrees with
    that, it leads. A step means that it was wrong before or is wrong now: the venue goes on as if nothing had
    happened, warns, and follows when the new time has stood for `patience_seconds`. So neither a slip of the
    operator nor a bad time server takes the venue hours ahead, from where stamps cannot come back.
    """

    def __init__(
        self,
        patience_seconds: float = PATIENCE_SECONDS,
        *,
        wall: Callable[[], int] = time.time_ns,
        steady: Callable[[], int] | None = None,
    ) -> None:
        """`wall` and `steady` are the two clocks, in nanoseconds."""
        self.steps = 0
        self._patience = round(patience_seconds * 1000)
        self._wall = wall
        self._steady = steady or _SINCE_BOOT
        # By how much the computer's clock differs from the steady one (ms).
        self._offset = self._wall() // 1_000_000 - self._steady() // 1_000_000
        self._disputed: int | None = None  # the offset of a step that is not believed yet, since when
        self._since = 0

    @property
    def disagreement_seconds(self) -> float:
        """How far the computer's clock is ahead of ours (behind: below 0) since a step; 0 without one."""
        return 0.0 if self._disputed is None else (self._disputed - self._offset) / 1000

    def now(self) -> int:
        """See Clock.now."""
        steady = self._steady() // 1_000_000
        offset = self._wall() // 1_000_000 - steady
        if abs(offset - self._offset) > TOLERANCE_MS:
            self._doubt(offset, steady)
        else:
            self._offset = offset
            if self._disputed is not None:
                self._disputed = None
                _log.warning("clock_is_right_again")
        return steady + self._offset

    def _doubt(self, offset: int, steady: int) -> None:
        if self._disputed is None or abs(offset - self._disputed) > TOLERANCE_MS:
            self.steps += 1
            self._disputed, self._since = offset, steady
            _log.warning("clock_was_set", seconds=self.disagreement_seconds)
        if steady - self._since >= self._patience:
            _log.warning("clock_followed", seconds=self.disagreement_seconds)
            self._offset, self._disputed = offset, None
