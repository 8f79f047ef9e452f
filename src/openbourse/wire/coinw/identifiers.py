"""The numbers of pairs and currencies, and all spellings that clients use (reference/coinw/legacy.md §5).

`symbol` is a pair in some actions and a currency in others, and the two count separately.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from openbourse.core.commands import MarketSpec
from openbourse.venue.front import Front
from openbourse.venue.listing import Kind
from openbourse.wallet.catalogue import AssetSpec
from openbourse.wire.coinw.errors import wrong

# The real venue's: clients have them in their sources. The operator may assign others.
PAIRS: Final[Mapping[tuple[str, str], int]] = MappingProxyType({("BTC", "USDT"): 78, ("ETH", "USDT"): 79})
CURRENCIES: Final[Mapping[str, int]] = MappingProxyType({"BTC": 50, "ETH": 16, "USDT": 33})

_NUMBER: Final = re.compile(r"[0-9]{1,10}", re.ASCII)
_PAIR: Final = re.compile(r"([A-Za-z0-9]{1,32})[_/-]([A-Za-z0-9]{1,32})", re.ASCII)


class Identifiers:
    """Finds the markets and assets of a venue by what clients call them."""

    def __init__(self, venue: Front) -> None:
        self._venue = venue
        self._directory = venue.directory

    async def pairs(self) -> list[tuple[int, MarketSpec]]:
        """All pairs with their numbers, ascending; those without one are given one."""
        specs = [self._spec(name) for name in self._directory.market_names()]
        return sorted([(await self.pair_number(spec), spec) for spec in specs])

    async def currencies(self) -> list[tuple[int, AssetSpec]]:
        """All currencies with their numbers, ascending; those without one are given one."""
        numbered = [(await self.currency_number(spec.name), spec) for spec in self._directory.assets()]
        return sorted(numbered, key=lambda pair: pair[0])

    async def pair_number(self, spec: MarketSpec) -> int:
        return await self._number("market", spec.name, PAIRS.get((spec.base, spec.quote), 0))

    async def currency_number(self, asset: str) -> int:
        return await self._number("asset", asset, CURRENCIES.get(asset, 0))

    async def pair(self, text: str) -> MarketSpec:
        """The pair called `78`, `BTC_USDT`, `BTC/USDT`, `BTC-USDT` or `btc_usdt`; raises 10003."""
        if _NUMBER.fullmatch(text):
            name = await self._named("market", int(text))
            if name is not None and self._directory.market_spec(name) is not None:
                return self._spec(name)
        elif (match := _PAIR.fullmatch(text)) is not None:
            base, quote = match[1].upper(), match[2].upper()
            for name in self._directory.market_names():
                spec = self._spec(name)
                if (spec.base.upper(), spec.quote.upper()) == (base, quote):
                    return spec
        raise wrong("symbol is no pair")

    async def currency(self, text: str) -> AssetSpec:
        """The currency called `50`, `BTC` or `btc`; raises 10003."""
        if _NUMBER.fullmatch(text):
            name = await self._named("asset", int(text))
            asset = self._directory.asset(name) if name is not None else None
            if asset is not None:
                return asset
        else:
            for asset in self._directory.assets():
                if asset.name.upper() == text.upper():
                    return asset
        raise wrong("symbol is no currency")

    async def _named(self, kind: Kind, number: int) -> str | None:
        name = self._directory.numbered(kind, number)
        if name is None:
            # Something may have been listed since the numbers were last given.
            await self.pairs()
            await self.currencies()
            name = self._directory.numbered(kind, number)
        return name

    async def _number(self, kind: Kind, name: str, preferred: int) -> int:
        known = self._directory.number(kind, name)
        return await self._venue.give_number(kind, name, preferred) if known is None else known

    def _spec(self, name: str) -> MarketSpec:
        spec = self._directory.market_spec(name)
        assert spec is not None, "a market that is listed has rules"
        return spec
