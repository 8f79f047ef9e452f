"""Setting a sandbox up: markets, users with funds and keys. Doing it again changes nothing."""

import asyncio
from typing import NamedTuple

from openbourse.accounts.records import KeyRecord, Protocol, User
from openbourse.core.commands import MarketSpec
from openbourse.core.units import MONEY_UNIT, UNIT
from openbourse.sandbox import catalogue
from openbourse.venue.operations import Operations
from openbourse.venue.venue import Venue


class SandboxOnlyError(Exception):
    """Something of the sandbox was about to be used in a production venue."""


def require_sandbox(venue: Venue) -> None:
    """Raises SandboxOnlyError."""
    if venue.options.mode != "sandbox":
        raise SandboxOnlyError("the sandbox cannot be used in a production venue")


class Trader(NamedTuple):
    """A user of the demo with a key for each protocol."""

    user: User
    keys: dict[Protocol, KeyRecord]


async def set_up(venue: Venue) -> list[Trader]:
    """Make what is missing of assets, markets, fee token and traders; raises SandboxOnlyError."""
    await set_up_markets(venue)
    operations = Operations(venue)
    return [await _trader(venue, operations, name) for name in catalogue.TRADERS]


async def set_up_markets(venue: Venue) -> None:
    """Make what is missing of assets, markets and fee token; raises SandboxOnlyError."""
    require_sandbox(venue)
    operations = Operations(venue)
    for asset in catalogue.ASSETS:
        if venue.assets.get(asset.name) is None:
            operations.add_asset(asset)
    for market in catalogue.MARKETS:
        if venue.exchange.market_spec(market.name) is None:
            await operations.add_market(market)
    await operations.set_fee_token(catalogue.FEE_TOKEN, catalogue.FEE_DISCOUNT)


async def _trader(venue: Venue, operations: Operations, name: str) -> Trader:
    user = await ensure_user(venue, name, catalogue.TRADER_FUNDS)
    keys: dict[Protocol, KeyRecord] = {}
    protocols: tuple[Protocol, ...] = ("coinex", "coinw")
    for protocol in protocols:
        # In a sandbox a secret may be shown again: the money is not real.
        known = [key for key in venue.accounts.keys_of(user.id) if key.protocol == protocol]
        keys[protocol] = (
            known[0]
            if known
            else operations.add_key(user, protocol, withdraw_allowed=True, never_expires=True, remark="demo")
        )
    return Trader(user, keys)


async def ensure_user(venue: Venue, name: str, funds: dict[str, int]) -> User:
    """The user of that name, made if missing, who has got `funds` (money by asset) once."""
    require_sandbox(venue)
    operations = Operations(venue)
    user = venue.accounts.user_by_name(name) or await operations.add_user(name)
    await asyncio.gather(
        *(
            operations.deposit(user, asset, amount, key=f"sandbox/{name}/{asset}")
            for asset, amount in funds.items()
        )
    )
    return user


async def ensure_house_user(venue: Venue, role: str, market: MarketSpec) -> User:
    """The account of a house bot: richly funded in both assets of its market, and trading without fees."""
    funds = {asset: house_funds(asset) for asset in (market.base, market.quote)}
    user = await ensure_user(venue, f"house-{role}-{market.name}", funds)
    await Operations(venue).set_fee_rates(user, 0, 0)
    return user


def house_funds(asset: str) -> int:
    """The money of `asset` that a house bot begins with, in whole units."""
    price = UNIT if asset == catalogue.NUMERAIRE else catalogue.ANCHORS[asset]
    return catalogue.HOUSE_FUNDS * UNIT // price // MONEY_UNIT * MONEY_UNIT
