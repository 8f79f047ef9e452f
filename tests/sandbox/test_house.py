import asyncio
from pathlib import Path

import pytest

from openbourse.core.snapshot import state_hash
from openbourse.core.units import MONEY_UNIT, UNIT_DECIMALS
from openbourse.sandbox.catalogue import MARKETS, TRADER_FUNDS
from openbourse.sandbox.house import House
from openbourse.sandbox.setup import SandboxOnlyError, set_up
from openbourse.venue.venue import Venue
from tests.sandbox.venues import StepClock, running
from tests.waiting import until


def best(venue: Venue, market: str) -> tuple[int, int]:
    return (
        venue.exchange.levels(market, "buy", 1)[0][0],
        venue.exchange.levels(market, "sell", 1)[0][0],
    )


async def test_books_are_full_from_the_start(tmp_path: Path) -> None:
    async with running(tmp_path) as venue:
        await set_up(venue)
        async with House(venue, 1):
            for market in MARKETS:
                for side in ("buy", "sell"):
                    assert len(venue.exchange.levels(market.name, side, 0)) >= 20
                assert best(venue, market.name)[0] < best(venue, market.name)[1]


async def test_markets_trade_and_agree_with_one_another(tmp_path: Path) -> None:
    async with running(tmp_path) as venue:
        await set_up(venue)

        async def short_pause(_: float) -> None:
            await asyncio.sleep(0.01)

        async with House(venue, 1, short_pause):
            await until(lambda: all(venue.exchange.last_price(each.name) for each in MARKETS))
            middle = {market.name: sum(best(venue, market.name)) / 2 for market in MARKETS}
        assert middle["ETHBTC"] / 1e12 == pytest.approx(middle["ETHUSDT"] / middle["BTCUSDT"], rel=0.003)
        assert middle["BTCUSDC"] == pytest.approx(middle["BTCUSDT"], rel=0.003)


async def test_a_restart_cancels_the_old_quotes_and_goes_on_at_the_price(tmp_path: Path) -> None:
    async with running(tmp_path) as venue:
        await set_up(venue)
        async with House(venue, 1):
            pass
        old = [
            order.order_id for user in venue.accounts.users() for order in venue.exchange.open_orders(user.id)
        ]
    async with running(tmp_path) as venue:
        await set_up(venue)
        async with House(venue, 1):
            orders = [
                order.order_id
                for user in venue.accounts.users()
                for order in venue.exchange.open_orders(user.id)
            ]
            assert len(orders) >= 20 * 2 * len(MARKETS)
            assert set(orders).isdisjoint(old)


async def test_equal_seeds_and_clocks_give_equal_markets(tmp_path: Path) -> None:
    hashes = []
    for name, seed in (("one", 1), ("same", 1), ("other", 2)):
        async with running(tmp_path / name, clock=StepClock()) as venue:
            await set_up(venue)
            for _ in range(3):
                async with House(venue, seed):
                    pass
            hashes.append(state_hash(venue.exchange))
    assert hashes[0] == hashes[1] != hashes[2]


async def test_setting_up_again_changes_nothing(tmp_path: Path) -> None:
    async with running(tmp_path) as venue:
        first = await set_up(venue)
        assert first == await set_up(venue)
        for trader in first:
            balances = venue.exchange.balances(trader.user.id, "spot")
            assert {asset: amount for asset, (amount, _) in balances.items()} == TRADER_FUNDS
            for key in trader.keys.values():
                assert key.trade_allowed
                assert key.withdraw_allowed
                assert key.expires_at == 0
    assert TRADER_FUNDS["BTC"] == 10 * MONEY_UNIT


async def test_nothing_of_it_works_in_a_production_venue(tmp_path: Path) -> None:
    async with running(tmp_path, "production") as venue:
        before = state_hash(venue.exchange)
        with pytest.raises(SandboxOnlyError):
            await set_up(venue)
        with pytest.raises(SandboxOnlyError):
            House(venue, 1)
        assert state_hash(venue.exchange) == before
        assert venue.accounts.users() == []


async def test_the_index_is_what_the_bots_believe_in(tmp_path: Path) -> None:
    async with running(tmp_path) as venue:
        await set_up(venue)
        async with House(venue, 1):
            pass
        for market in MARKETS:
            price = _reference(venue, market.name)
            assert price % 10 ** (UNIT_DECIMALS - market.quote_precision) == 0
            bid, ask = best(venue, market.name)
            assert bid * 9 // 10 < price < ask * 11 // 10


def _reference(venue: Venue, market: str) -> int:
    index = venue.market_data.index(market, venue.now())
    return index.price if index is not None and index.sources[0].name == "reference" else 0
