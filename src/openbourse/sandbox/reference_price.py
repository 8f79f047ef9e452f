"""Reference prices: what the house bots hold things to be worth, as a seeded random walk.

One price for each asset in the numeraire; a market's reference is the ratio of two of them, so that all
markets agree with one another. Integers only: the same seed and the same times give the same prices on
every machine.
"""

from collections.abc import Mapping
from math import isqrt
from random import Random
from typing import Final, NamedTuple

from openbourse.core.units import UNIT
from openbourse.sandbox.recorded_prices import Recording
from openbourse.sandbox.turbulence import LOOK_MS, Turbulence

STEP_MS: Final = 250
# After a longer pause, of a computer that slept, the walk goes on for a minute's steps only.
MAX_STEPS: Final = 60 * 1000 // STEP_MS
_PPM: Final = 1_000_000
# Three numbers of 21 bits have together a standard deviation of 2^20.
_BITS: Final = 21
_MASK: Final = 2**_BITS - 1
_DEVIATION: Final = 2 ** (_BITS - 1)


class Walk(NamedTuple):
    """How an asset's price moves in one step.

    Standard deviations in 10^-6 of the price, of what moves all assets (`common`) and of its own; the way
    back to the anchor in 10^-6 of the distance.
    """

    common: int
    own: int
    reversion: int


# About 60 to 120 % a year, with a half-life of a day; a stable coin hardly moves.
WALKS: Final = {
    "BTC": Walk(40, 35, 2),
    "ETH": Walk(50, 45, 2),
    "LTC": Walk(45, 60, 2),
    "CET": Walk(30, 90, 2),
    "USDC": Walk(0, 3, 20),
}
_OTHER: Final = Walk(40, 50, 2)


class _Drift(NamedTuple):
    """A push that is under way: `per_step` (10^-12 of the price) in each of `steps` steps to come."""

    per_step: int
    steps: int


class ReferencePrices:
    """The prices at `now` (Unix ms) are the anchors until they are resumed or advanced."""

    def __init__(self, anchors: Mapping[str, int], numeraire: str, rng: Random, now: int) -> None:
        self._anchors = dict(anchors)
        self._prices = dict(anchors)
        self._numeraire = numeraire
        self._rng = rng
        self._turbulence = Turbulence(sorted(anchors), rng)
        self._since_look = 0
        self._time = now
        self._volatility: dict[str, int] = {}
        self._drifts: dict[str, _Drift] = {}
        self._recordings: dict[str, tuple[Recording, int]] = {}

    def follow(self, asset: str, recording: Recording) -> None:
        """From now on an asset's price is what was recorded, from its beginning on."""
        self._recordings[asset] = (recording, self._time)
        self._prices[asset] = recording.at(0)

    def agitate(self, asset: str, volatility: int) -> None:
        """Let an asset's price move by so many per cent of what it usually does."""
        self._volatility[asset] = volatility

    def drift(self, asset: str, ppm: int, duration: int) -> None:
        """Move a price by `ppm` (10^-6 of it) in the coming `duration` (ms), for good."""
        steps = max(1, duration // STEP_MS)
        self._drifts[asset] = _Drift(ppm * _PPM // steps, steps)

    def resume(self, asset: str, price: int) -> None:
        """Go on from a price that the market knows, rather than from the anchor."""
        self._prices[asset] = max(1, price)

    def of(self, base: str, quote: str) -> int:
        """The price of `base` in `quote`, in 10^-12."""
        return self._price(base) * UNIT // self._price(quote)

    def turbulence(self, asset: str) -> int:
        """How far a price moves now, in 10^-6 of what is usual; as usual for one that was recorded."""
        return _PPM if asset in self._recordings else self._turbulence.of(asset)

    def advance(self, now: int, stride: int = 1) -> None:
        """Move on to `now`; times in the past change nothing.

        `stride` takes so many steps at once, a square number: faster, and another path.
        """
        steps = (now - self._time) // STEP_MS
        if steps <= 0:
            return
        self._time += steps * STEP_MS
        strides, steps = divmod(min(steps, MAX_STEPS), stride)
        for _ in range(strides):
            self._step(stride)
        for _ in range(steps):
            self._step(1)
        for asset, (recording, begin) in self._recordings.items():
            self._prices[asset] = recording.at(self._time - begin)

    def _price(self, asset: str) -> int:
        return UNIT if asset == self._numeraire else self._prices[asset]

    def _step(self, width: int) -> None:
        """So many steps in one; a random walk goes as far as the root of its steps."""
        self._since_look += width * STEP_MS
        if self._since_look >= LOOK_MS:
            self._since_look -= LOOK_MS
            self._turbulence.look()
        root = isqrt(width)
        common = self._shock()
        for asset, price in self._prices.items():
            walk = WALKS.get(asset, _OTHER)
            shock = common * walk.common + self._shock() * walk.own
            shock = shock * root * self._turbulence.of(asset) // _PPM
            shock = shock * self._volatility.get(asset, 100) // 100
            pull = (self._anchors[asset] - price) * walk.reversion * width // _PPM
            self._prices[asset] = max(1, price + price * shock // (_PPM * _DEVIATION) + pull)
            self._push(asset, width)

    def _push(self, asset: str, width: int) -> None:
        """Some steps of a drift; the anchor goes along, or the price would come back."""
        drift = self._drifts.get(asset)
        if drift is None:
            return
        width = min(width, drift.steps)
        for prices in (self._prices, self._anchors):
            moved = prices[asset] * drift.per_step * width // (_PPM * _PPM)
            prices[asset] = max(1, prices[asset] + moved)
        if drift.steps > width:
            self._drifts[asset] = drift._replace(steps=drift.steps - width)
        else:
            del self._drifts[asset]

    def _shock(self) -> int:
        """A nearly normal random number with mean 0 and the standard deviation `_DEVIATION`."""
        bits = self._rng.getrandbits(3 * _BITS)
        total = (bits & _MASK) + (bits >> _BITS & _MASK) + (bits >> 2 * _BITS)
        return total - 3 * _DEVIATION
