"""Fee terms of accounts: tiers and rates of their own, for a main account and its sub-accounts alike.

The operator's decision is stored first, then made known to the core by commands. A crash in between is
made good by `settle` at the next start.
"""

from openbourse.accounts.fee_tiers import FeeTier
from openbourse.accounts.records import User
from openbourse.core.commands import AnyCommand, SetFeeRates
from openbourse.core.units import RATE_STEP, UNIT
from openbourse.venue.venue import Venue, accepted


class FeeDesk:
    """Who pays what, as the operator decides."""

    def __init__(self, venue: Venue) -> None:
        self._venue = venue
        self._tiers = venue.accounts.fee_tiers

    async def define_tier(self, tier: FeeTier) -> None:
        """Add a tier, or change what its members pay from now on. ValueError for rates no market may have."""
        for rate in (tier.maker_rate, tier.taker_rate):
            if abs(rate) >= UNIT or rate % RATE_STEP:
                raise ValueError("a rate is less than 1 and has at most six decimals")
        if tier.taker_rate < 0:
            raise ValueError("the taker fee of a tier cannot be negative")
        self._tiers.put(tier)
        await self.settle()

    async def assign(self, user: User, tier: str) -> None:
        """Put a main account into a tier; an empty name gives it the markets' rates again."""
        self._tiers.assign(user.id, tier)
        if tier:
            await self.settle()
        else:
            await self._set(user, None, None)

    async def set_own_rates(self, user: User, maker_rate: int | None, taker_rate: int | None) -> None:
        """Rates for this account alone; it leaves its tier. None stands for the markets' rates."""
        await self._set(user, maker_rate, taker_rate)  # first: rates that are refused leave the tier alone
        self._tiers.assign(user.id, "")

    async def settle(self) -> None:
        """Tell the core of every member what its tier pays, where it does not know."""
        for user_id, tier in self._tiers.members().items():
            user = self._venue.accounts.user(user_id)
            await self._set(user, tier.maker_rate, tier.taker_rate)

    async def _set(self, user: User, maker_rate: int | None, taker_rate: int | None) -> None:
        now = self._venue.now()
        changes: list[AnyCommand] = [
            SetFeeRates(now, each.id, maker_rate, taker_rate)
            for each in (user, *self._venue.accounts.users(user.id))
            if not self._pays(each, maker_rate, taker_rate)
        ]
        if changes:
            for events in await self._venue.submit_all(changes):
                accepted(events)

    def _pays(self, user: User, maker_rate: int | None, taker_rate: int | None) -> bool:
        """Does the core say so already? Whom it does not know yet, it will be told of with these rates."""
        terms = self._venue.exchange.user_terms(user.id)
        return terms is None or (terms.maker_rate, terms.taker_rate) == (maker_rate, taker_rate)
