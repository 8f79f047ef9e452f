"""One simulated computer: its clock, its chance, and the boundaries at which its power may go.

Whoever does something that a power cut could come before or after says so with `boundary`. When the power
goes, the disk is copied as it is at that very moment; whatever the program still does after it, until the
loop notices, is a ghost's doing that nobody ever sees.
"""

import contextlib
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from typing import NamedTuple
from unittest import mock

from tests.core.dice import Dice

BEGINNING_MS = 1_800_000_000_000
# A look at the stopwatch costs time itself: code that works "for a millisecond" works for some looks.
_LOOK_SECONDS = 0.0003


class SimulatedCrash(Exception):  # noqa: N818 - it is no error
    """The process is gone."""


class PowerCut(NamedTuple):
    """The power goes at the `number`-th boundary of this kind."""

    kind: str
    number: int


class Machine:
    """`moment` is the time of the world in seconds; `offset` is by how many ms this computer's clock is off.

    `on_death` is called at the moment of the power cut.
    """

    def __init__(
        self, moment: float, cut: PowerCut | None, on_death: Callable[[], None] | None = None
    ) -> None:
        self.moment = moment
        self.offset = 0
        self.alive = True
        self.passed: Counter[str] = Counter()
        self._cut = cut
        self._on_death = on_death
        self._looks = 0.0

    @property
    def cut_kind(self) -> str:
        """At which kind of boundary its power was to go."""
        return "" if self._cut is None else self._cut.kind

    def boundary(self, kind: str) -> None:
        """Something is about to begin, or has just ended."""
        if not self.alive:
            return
        self.passed[kind] += 1
        if self._cut == (kind, self.passed[kind]):
            self.die()

    def die(self) -> None:
        """The power is gone."""
        if self.alive:
            self.alive = False
            if self._on_death is not None:
                self._on_death()

    def world_ms(self) -> int:
        """What a good clock shows, in Unix ms."""
        return BEGINNING_MS + int(self.moment * 1000)

    def now(self) -> int:
        """What this computer's clock shows, in Unix ms."""
        return self.world_ms() + self.offset

    def stopwatch(self) -> float:
        self._looks += _LOOK_SECONDS
        return self.moment + self._looks

    @contextlib.contextmanager
    def ruling(self, dice: Dice) -> Iterator[None]:
        """Everything in this process sees this computer's time, and chance that comes from the dice."""

        def some_bytes(size: int = 32) -> bytes:
            return bytes(dice.between(0, 255) for _ in range(size))

        replaced: dict[str, Callable[..., object]] = {
            "time.time_ns": lambda: self.now() * 1_000_000,
            "time.time": lambda: self.now() / 1000,
            "time.monotonic_ns": lambda: int(self.moment * 1e9),
            "time.monotonic": lambda: self.moment,
            "time.perf_counter": self.stopwatch,
            "secrets.token_bytes": some_bytes,
            "secrets.token_hex": lambda size=32: some_bytes(size).hex(),
            "uuid.uuid4": lambda: uuid.UUID(bytes=some_bytes(16), version=4),
        }
        with contextlib.ExitStack() as stack:
            for name, replacement in replaced.items():
                stack.enter_context(mock.patch(name, replacement))
            yield
