"""What a house bot sees of its market when it decides."""

from typing import Final, NamedTuple

from openbourse.core.commands import MarketSpec
from openbourse.core.events import OrderState
from openbourse.core.units import UNIT_DECIMALS

PPM: Final = 1_000_000


class Look(NamedTuple):
    """What everybody sees.

    `reference` is the reference price, `lot` the quantity that bots of this market think in; best prices are
    0 on an empty side. `turbulence` is how far prices move now, in 10^-6 of what is usual.
    """

    reference: int
    lot: int
    best_bid: int
    best_ask: int
    turbulence: int = PPM

    @property
    def middle(self) -> int:
        """Half-way between the best prices; 0 when a side is empty."""
        return (self.best_bid + self.best_ask) // 2 if self.best_bid and self.best_ask else 0


class MarketView(NamedTuple):
    """One moment of a market, through the eyes of one bot.

    `base` is its money of the base asset, frozen included, `home` what it began with; `orders` are its own.
    `past` has the middle prices of late, oldest first.
    """

    spec: MarketSpec
    look: Look
    base: int
    home: int
    orders: list[OrderState]
    past: tuple[int, ...] = ()

    @property
    def tick(self) -> int:
        """The smallest difference of prices."""
        return int(10 ** (UNIT_DECIMALS - self.spec.quote_precision))

    def quantity(self, wanted: int) -> int:
        """`wanted` as a quantity that an order may have: on the market's step, not below its minimum."""
        step = int(10 ** (UNIT_DECIMALS - self.spec.base_precision))
        return max(self.spec.min_amount, wanted - wanted % step)

    def inventory(self) -> int:
        """What the bot has bought (or sold, if negative), in 10^-6 of what it began with, up to as much."""
        return max(-PPM, min(PPM, (self.base - self.home) * PPM // self.home))

    def excitement(self, lowest: int, highest: int) -> int:
        """The turbulence in per cent, within bounds: how much bots make of it."""
        return max(lowest, min(highest, self.look.turbulence * 100 // PPM))
