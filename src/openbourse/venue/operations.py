"""Operations: what the operator does, on the command line or in a sandbox's set-up.

Everything that concerns money or books is a command like any other; these functions add what belongs
to it in the accounts and the asset catalogue.
"""

import secrets

from openbourse.accounts.records import KeyRecord, Protocol, User
from openbourse.core.commands import (
    DefineMarket,
    Deposit,
    MarketSpec,
    MarketStatus,
    OpenUser,
    SetFeeDiscount,
    SetFeeRates,
    SetFeeToken,
    SetMarketStatus,
)
from openbourse.core.events import Repeated
from openbourse.venue.venue import Venue, accepted
from openbourse.wallet.catalogue import AssetSpec


class Operations:
    """The operator's desk of a venue."""

    def __init__(self, venue: Venue) -> None:
        self._venue = venue

    async def open_missing_users(self) -> None:
        """Make every user of the accounts known to the core: a crash may have come between the two."""
        for user in self._venue.accounts.users():
            if self._venue.exchange.user_terms(user.id) is None:
                accepted(await self._venue.submit(OpenUser(self._venue.now(), user.id)))

    async def add_user(self, name: str) -> User:
        """A new main account; raises AccountsError for a bad or taken name."""
        user = self._venue.accounts.create_user(name, now=self._venue.now())
        accepted(await self._venue.submit(OpenUser(self._venue.now(), user.id)))
        return user

    def add_key(
        self,
        user: User,
        protocol: Protocol,
        *,
        trade_allowed: bool = True,
        withdraw_allowed: bool = False,
        allow_list: list[str] | None = None,
        never_expires: bool = False,
        remark: str = "",
    ) -> KeyRecord:
        """A new API key; show its secret now, it is never shown again. Raises AccountsError."""
        return self._venue.accounts.create_key(
            user.id,
            protocol=protocol,
            now=self._venue.now(),
            trade_allowed=trade_allowed,
            withdraw_allowed=withdraw_allowed,
            allow_list=allow_list or [],
            never_expires=never_expires,
            remark=remark,
        )

    def add_asset(self, spec: AssetSpec) -> None:
        """Put an asset into the catalogue, or change its entry."""
        self._venue.assets.put(spec)

    async def add_market(self, spec: MarketSpec, status: MarketStatus = "open") -> None:
        """Define a market, or change its rules. Its assets are put into the catalogue if they are not there.

        Raises Refusal.
        """
        accepted(await self._venue.submit(DefineMarket(self._venue.now(), spec, status)))
        for asset in (spec.base, spec.quote):
            if self._venue.assets.get(asset) is None:
                self._venue.assets.put(AssetSpec(asset, asset))

    async def set_market_status(self, market: str, status: MarketStatus) -> None:
        accepted(await self._venue.submit(SetMarketStatus(self._venue.now(), market, status)))

    async def deposit(self, user: User, asset: str, amount: int, key: str = "") -> bool:
        """Credit money that has arrived in custody; with an equal `key` it happens once.

        False when the key was used before, so that nothing happened now. Raises Refusal, and ValueError for
        an unknown asset.
        """
        if self._venue.assets.get(asset) is None:
            raise ValueError(f"there is no asset {asset}")
        key = key or f"operator-{secrets.token_hex(8)}"
        events = accepted(await self._venue.submit(Deposit(self._venue.now(), key, user.id, asset, amount)))
        return not isinstance(events[0], Repeated)

    async def set_fee_rates(self, user: User, maker_rate: int | None, taker_rate: int | None) -> None:
        accepted(await self._venue.submit(SetFeeRates(self._venue.now(), user.id, maker_rate, taker_rate)))

    async def set_fee_discount(self, user: User, *, enabled: bool) -> None:
        accepted(await self._venue.submit(SetFeeDiscount(self._venue.now(), user.id, enabled)))

    async def set_fee_token(self, asset: str, discount: int) -> None:
        accepted(await self._venue.submit(SetFeeToken(self._venue.now(), asset, discount)))
