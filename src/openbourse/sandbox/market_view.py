"""What a house bot sees of its market when it decides."""

from dataclasses import dataclass

from openbourse.core.commands import MarketSpec
from openbourse.core.events import OrderState
from openbourse.core.units import UNIT, UNIT_DECIMALS


@dataclass(frozen=True, slots=True)
class MarketView:
    """One moment of a market, through the eyes of one bot.

    `reference` is the reference price, `lot` the quantity worth a thousand of the numeraire; best prices
    are 0 on an empty side. `base` and `quote` are the bot's money, frozen included; `orders` its own.
    `past` has the middle prices of late, oldest first.
    """

    spec: MarketSpec
    reference: int
    lot: int
    best_bid: int
    best_ask: int
    base: int
    quote: int
    orders: list[OrderState]
    past: tuple[int, ...] = ()

    @property
    def tick(self) -> int:
        """The smallest difference of prices."""
        return int(10 ** (UNIT_DECIMALS - self.spec.quote_precision))

    @property
    def middle(self) -> int:
        """Half-way between the best prices; 0 when a side is empty."""
        return (self.best_bid + self.best_ask) // 2 if self.best_bid and self.best_ask else 0

    def quantity(self, wanted: int) -> int:
        """`wanted` as a quantity that an order may have: on the market's step, not below its minimum."""
        step = int(10 ** (UNIT_DECIMALS - self.spec.base_precision))
        return max(self.spec.min_amount, wanted - wanted % step)

    def imbalance(self) -> int:
        """How far the bot holds more base than quote, by value: -10^6 (only quote) to 10^6 (only base)."""
        base_value = self.base // UNIT * self.reference
        both = base_value + self.quote
        return 0 if both == 0 else (base_value - self.quote) * 1_000_000 // both
