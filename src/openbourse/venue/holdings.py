"""Holdings: what an account has, what it pays, what it prefers, and moving its own money about."""

import asyncio
import secrets

import msgspec

from openbourse.accounts.records import User
from openbourse.core.commands import SetFeeDiscount, Transfer
from openbourse.venue.sub_accounts import check_granted
from openbourse.venue.valuation import Valuation
from openbourse.venue.venue import Venue, accepted


class FeeRates(msgspec.Struct, frozen=True):
    """Rates (10^-12) of an account's own; None where those of the market apply."""

    maker: int | None = None
    taker: int | None = None


class Holdings:
    """The account desk of a venue."""

    def __init__(self, venue: Venue) -> None:
        self._venue = venue
        self._valuation = Valuation(venue)

    async def balances(self, user: int, wallet: str) -> dict[str, tuple[int, int]]:
        """(available, frozen) of every asset that was ever in a wallet, money."""
        return self._venue.exchange.balances(user, wallet)

    async def worth(self, users: list[int]) -> list[int]:
        """Dollars (10^-24) of everything that each of these users has, frozen or not."""
        return [self._valuation.of_user(user) for user in users]

    async def fee_rates(self, user: int) -> FeeRates:
        """What a user pays on orders placed now."""
        terms = self._venue.exchange.user_terms(user)
        return FeeRates() if terms is None else FeeRates(terms.maker_rate, terms.taker_rate)

    async def set_fee_discount(self, user: User, *, enabled: bool) -> None:
        """Pay fees in the house token where possible, or do not. Raises Refusal."""
        accepted(await self._venue.submit(SetFeeDiscount(self._venue.now(), user.id, enabled)))

    async def transfer(self, user: User, source: str, target: str, asset: str, amount: int) -> None:
        """Move money between two wallets of a user. Raises Refusal, and NotGrantedError for a sub-account.

        The futures wallet is an account like any other: what lies in it can be seen and moved back, whether
        contracts are traded or not.
        """
        if "futures" in (source, target):
            check_granted(user, "futures")
        if source.startswith("margin:") or target.startswith("margin:"):
            check_granted(user, "margin")
        key = f"own-{secrets.token_hex(12)}"
        command = Transfer(self._venue.now(), key, user.id, source, user.id, target, asset, amount)
        accepted(await self._venue.submit(command))

    async def preference(self, user: int, name: str, default: str) -> str:
        """A small choice of a user about the account."""
        return self._venue.accounts.preferences.get(user, name, default)

    async def set_preference(self, user: int, name: str, value: str) -> None:
        """Durable when it returns."""
        await asyncio.to_thread(self._venue.accounts.preferences.set, user, name, value)
