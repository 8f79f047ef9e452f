"""Valuation: what accounts are worth in US dollars, by the last prices of the venue's own markets.

A dollar coin counts as a dollar. Another asset is worth its last price in a dollar coin, else its last
price in an asset that has one (reference/coinex/account-assets.md A2 and B6 ask for a value and name no
source of prices). What never traded against either is worth nothing: it has no price.
"""

from typing import Final

from openbourse.core.units import UNIT
from openbourse.venue.venue import Venue

DOLLARS: Final = ("USD", "USDT", "USDC")
WALLETS: Final = ("spot", "futures")


class Valuation:
    """Values of a venue's accounts, always of this moment."""

    def __init__(self, venue: Venue) -> None:
        self._exchange = venue.exchange
        self._quotes: dict[str, dict[str, str]] = {}
        self._known = 0

    def of_user(self, user: int) -> int:
        """Dollars (10^-24) of everything that a user has, frozen or not."""
        return sum(
            self.of(asset, available + frozen)
            for wallet in WALLETS
            for asset, (available, frozen) in self._exchange.balances(user, wallet).items()
        )

    def of(self, asset: str, amount: int) -> int:
        """Dollars (10^-24) of an amount (10^-24) of an asset, rounded down."""
        price = self._in_dollars(asset)
        if price:
            return amount * price // UNIT
        for quote, market in self._markets_of(asset).items():
            step = self._exchange.last_price(market) * self._in_dollars(quote)
            if step:
                return amount * step // (UNIT * UNIT)
        return 0

    def _in_dollars(self, asset: str) -> int:
        """The price (10^-12) in a dollar coin, 0 for none."""
        if asset in DOLLARS:
            return UNIT
        markets = self._markets_of(asset)
        prices = (self._exchange.last_price(markets[coin]) for coin in DOLLARS if coin in markets)
        return next((price for price in prices if price), 0)

    def _markets_of(self, asset: str) -> dict[str, str]:
        """The markets of a base asset by quote. Markets come and never go, nor change their assets."""
        names = self._exchange.market_names()
        for name in names[self._known :]:
            spec = self._exchange.market_spec(name)
            assert spec is not None
            self._quotes.setdefault(spec.base, {})[spec.quote] = name
        self._known = len(names)
        return self._quotes.get(asset, {})
