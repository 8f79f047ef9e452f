"""Operations: what the operator does, on the command line or in a sandbox's set-up.

Everything that concerns money or books is a command like any other; these functions add what belongs
to it in the accounts and the asset catalogue.
"""

import secrets

from msgspec.structs import replace

from openbourse.accounts.fee_tiers import FeeTier
from openbourse.accounts.records import KeyRecord, Protocol, User
from openbourse.core.commands import (
    DefineMarket,
    Deposit,
    MarketSpec,
    MarketStatus,
    OpenUser,
    SetFeeDiscount,
    SetFeeToken,
    SetMarketStatus,
)
from openbourse.core.events import Repeated
from openbourse.venue.fee_tiers import FeeDesk
from openbourse.venue.sub_accounts import opening
from openbourse.venue.venue import Venue, accepted
from openbourse.wallet.catalogue import AssetSpec


class Operations:
    """The operator's desk of a venue."""

    def __init__(self, venue: Venue) -> None:
        self._venue = venue
        self._fees = FeeDesk(venue)

    async def open_missing_users(self) -> None:
        """Make the users of the accounts known to the core as they are: a crash may have come between."""
        for user in self._venue.accounts.users():
            commands = opening(self._venue, user)
            if commands:
                for events in await self._venue.submit_all(commands):
                    accepted(events)
        await self._fees.settle()

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
        self._venue.assets.put(replace(spec, changed_at=self._venue.now()))

    async def add_market(self, spec: MarketSpec, status: MarketStatus = "open") -> None:
        """Define a market, or change its rules. Its assets are put into the catalogue if they are not there.

        Raises Refusal.
        """
        accepted(await self._venue.submit(DefineMarket(self._venue.now(), spec, status)))
        for asset in (spec.base, spec.quote):
            if self._venue.assets.get(asset) is None:
                self.add_asset(AssetSpec(asset, asset))

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
        """Own rates for an account and its sub-accounts; it leaves its fee tier."""
        await self._fees.set_own_rates(user, maker_rate, taker_rate)

    async def define_fee_tier(self, tier: FeeTier) -> None:
        """Add a fee tier, or change it for all its members. ValueError for bad rates."""
        await self._fees.define_tier(tier)

    async def assign_fee_tier(self, user: User, tier: str) -> None:
        """Put a main account, with its sub-accounts, into a tier, or out of any for an empty name."""
        await self._fees.assign(user, tier)

    async def set_fee_discount(self, user: User, *, enabled: bool) -> None:
        accepted(await self._venue.submit(SetFeeDiscount(self._venue.now(), user.id, enabled)))

    async def set_fee_token(self, asset: str, discount: int) -> None:
        accepted(await self._venue.submit(SetFeeToken(self._venue.now(), asset, discount)))
