"""The numbers of the core: integers in two fixed decimal scales.

Prices, quantities and rates count in 10^-12 (`UNIT`); money, which is the product of a price and a
quantity, counts in 10^-24 (`MONEY_UNIT`). Because one scale is the square of the other, `price *
quantity` is money and `quantity * rate` is a money amount of the base asset, both exact and without
any conversion. A fee on a notional, `notional * rate / UNIT`, is exact as well, since a market's
precisions are limited so that the division leaves no rest (see `MAX_MARKET_DECIMALS`).
"""

from typing import Final

UNIT_DECIMALS: Final = 12
MONEY_DECIMALS: Final = 24
UNIT: Final = 10**12
MONEY_UNIT: Final = 10**24

# Rates (fees, discounts, bands) may have at most this many decimals.
RATE_DECIMALS: Final = 6
RATE_STEP: Final = 10**6

# base precision + quote precision of a market: with six decimals of a rate the sum stays within 24.
MAX_MARKET_DECIMALS: Final = 18

# A bound on every submitted number, far above any real one: 10^15 whole units.
MAX_AMOUNT: Final = 10**15 * UNIT
MAX_MONEY: Final = 10**15 * MONEY_UNIT

# Fees paid in the fee token are truncated to this many decimals (reference/coinex/spot.md §4.6).
FEE_TOKEN_STEP: Final = 10**16
