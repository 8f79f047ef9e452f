"""The directory: what is listed on a venue and on what terms. Looking things up in it never waits."""

from typing import Protocol

from openbourse.core.commands import MarketSpec, MarketStatus
from openbourse.venue.listing import Kind
from openbourse.venue.venue import Venue
from openbourse.wallet.catalogue import AssetSpec


class Directory(Protocol):
    """Markets, assets, chains and their numbers."""

    def market_names(self) -> list[str]:
        """All markets, in the order in which they were defined."""

    def market_spec(self, name: str) -> MarketSpec | None:
        """The rules of a market, None for an unknown one."""

    def market_status(self, name: str) -> MarketStatus:
        """The status of a market that there is."""

    @property
    def withdrawals_enabled(self) -> bool:
        """May anything be withdrawn at all?"""

    def asset(self, name: str) -> AssetSpec | None: ...

    def assets(self) -> list[AssetSpec]:
        """Every asset, by name."""

    def is_connected(self, chain: str) -> bool:
        """Has the venue a connection to this chain?"""

    def number(self, kind: Kind, name: str) -> int | None:
        """The listing number of a market or an asset, None if it was not given one yet."""

    def numbered(self, kind: Kind, number: int) -> str | None:
        """The market or asset that has this listing number."""


class VenueDirectory:
    """The directory of a venue in this process. See Directory."""

    def __init__(self, venue: Venue) -> None:
        self._venue = venue

    def market_names(self) -> list[str]:
        return self._venue.exchange.market_names()

    def market_spec(self, name: str) -> MarketSpec | None:
        return self._venue.exchange.market_spec(name)

    def market_status(self, name: str) -> MarketStatus:
        return self._venue.exchange.market_status(name)

    @property
    def withdrawals_enabled(self) -> bool:
        return self._venue.exchange.withdrawals_enabled

    def asset(self, name: str) -> AssetSpec | None:
        return self._venue.assets.get(name)

    def assets(self) -> list[AssetSpec]:
        return self._venue.assets.all()

    def is_connected(self, chain: str) -> bool:
        return self._venue.wallet.chains.get(chain) is not None

    def number(self, kind: Kind, name: str) -> int | None:
        return self._venue.listing.known(kind, name)

    def numbered(self, kind: Kind, number: int) -> str | None:
        return self._venue.listing.name(kind, number)
