"""Turbulence: how much prices move now, against how much they move in the long run.

Real markets are calm for hours and wild for others. Here the variance of a price is a product of several
switches, each either high (3/2) or low (1/2), that are thrown anew now and then: the quick ones after
minutes, the slow ones after days (a Markov-switching multifractal, after Calvet and Fisher). That gives fat
tails at short horizons, thinner ones at long horizons, and a volatility that is remembered for days. Some
switches are the whole market's, some an asset's own. Integers only.
"""

from collections.abc import Iterable
from math import isqrt
from random import Random
from typing import Final

# How long a switch stays on average before it is thrown again, in looks of 16 seconds.
COMMON: Final = (24, 220, 2_000, 18_000)
OWN: Final = (8, 72, 660, 6_000)
LOOK_MS: Final = 16_000

_SWITCHES: Final = len(COMMON) + len(OWN)
_PPM: Final = 1_000_000
# By how many of the switches are high: the root of the product. Its square is 1 on average.
_FACTORS: Final = tuple(isqrt(_PPM**2 * 3**high // 2**_SWITCHES) for high in range(_SWITCHES + 1))


class Turbulence:
    """The turbulence of several assets; equal dice give equal weather."""

    def __init__(self, assets: Iterable[str], rng: Random) -> None:
        self._rng = rng
        self._common = _Switches(COMMON, rng)
        self._own = {asset: _Switches(OWN, rng) for asset in assets}

    def look(self) -> None:
        """Another sixteen seconds are over."""
        for switches in (self._common, *self._own.values()):
            switches.throw(self._rng)

    def of(self, asset: str) -> int:
        """How far the price of `asset` moves now, in 10^-6 of what is usual."""
        own = self._own.get(asset)
        return _PPM if own is None else _FACTORS[self._common.high + own.high]


class _Switches:
    """`high` is how many of them are."""

    def __init__(self, periods: tuple[int, ...], rng: Random) -> None:
        self._periods = periods
        self._states = [rng.getrandbits(1) for _ in periods]
        self.high = sum(self._states)

    def throw(self, rng: Random) -> None:
        for number, period in enumerate(self._periods):
            if not rng.randrange(period):
                self._states[number] = rng.getrandbits(1)
                self.high = sum(self._states)
