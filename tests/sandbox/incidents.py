"""A production venue with something to look into."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from openbourse.core.commands import OrderRequest, PlaceOrder, Side
from openbourse.core.units import MONEY_UNIT, UNIT
from openbourse.sandbox import catalogue
from openbourse.venue.operations import Operations
from openbourse.venue.options import VenueOptions
from openbourse.venue.venue import Venue

MARKET = "BTCUSDT"


@contextlib.asynccontextmanager
async def furnished(path: Path) -> AsyncIterator[Venue]:
    """A venue with a market and two rich users who have keys."""
    venue = Venue.open(VenueOptions(path, mode="production"))
    await venue.start()
    try:
        operations = Operations(venue)
        for asset in catalogue.ASSETS:
            operations.add_asset(asset)
        await operations.add_market(next(market for market in catalogue.MARKETS if market.name == MARKET))
        for name in ("alice", "bob"):
            user = await operations.add_user(name)
            operations.add_key(user, "coinex", withdraw_allowed=True)
            for asset_name in ("BTC", "USDT"):
                await operations.deposit(user, asset_name, 10**6 * MONEY_UNIT, key=f"{name}/{asset_name}")
        yield venue
    finally:
        await venue.stop()


async def trade(venue: Venue, rounds: int = 30) -> None:
    """Both quote, and meet now and then; in the end somebody new comes."""
    sides: tuple[tuple[str, Side], ...] = (("alice", "buy"), ("bob", "sell"))
    for number in range(rounds):
        for name, side in sides:
            user = venue.accounts.user_by_name(name)
            assert user is not None
            distance = (number % 7 - 1) * 10
            price = (50_000 - distance if side == "buy" else 50_000 + distance) * UNIT
            order = OrderRequest(user.id, "spot", MARKET, side, "limit", UNIT * (number + 1) // 100, price)
            await venue.submit(PlaceOrder(venue.now(), order))
    await Operations(venue).add_user("late")
