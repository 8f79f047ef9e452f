"""What the regimes do to a market in which the house trades, on a clock that is stepped."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from openbourse.core.commands import OrderRequest, Side
from openbourse.core.refusal import Refusal
from openbourse.core.units import UNIT
from openbourse.sandbox.house import House
from openbourse.sandbox.past import live_through
from openbourse.sandbox.regimes import CONDITIONS, REGIMES, Climate, Regime, RegimeError, Regimes
from openbourse.sandbox.setup import set_up
from openbourse.sandbox.virtual_clock import VirtualClock
from openbourse.venue.trading import Trading
from openbourse.venue.venue import Venue
from tests.sandbox.venues import START, running

MARKET = "BTCUSDT"


class World:
    """A venue with its house, two minutes after the start."""

    def __init__(self, venue: Venue, clock: VirtualClock) -> None:
        self.venue = venue
        self.clock = clock
        self.regimes = Regimes(venue)
        self.house = House(venue, 1, clock.sleep, self.regimes)

    async def live(self, seconds: int) -> None:
        await live_through(self.venue, self.clock, self.house, seconds)

    @property
    def price(self) -> int:
        """What is asked, or bid: in a storm a side may be empty for a moment."""
        levels = self.venue.exchange.levels
        return (levels(MARKET, "sell", 1) or levels(MARKET, "buy", 1))[0][0]

    def depth(self, side: Side) -> int:
        return sum(quantity for _, quantity in self.venue.exchange.levels(MARKET, side, 0))

    @property
    def spread(self) -> int:
        levels = self.venue.exchange.levels
        return levels(MARKET, "sell", 1)[0][0] - levels(MARKET, "buy", 1)[0][0]


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    clock = VirtualClock(START, 0)
    async with running(tmp_path, clock=clock) as venue:
        await set_up(venue)
        world = World(venue, clock)
        await world.live(120)
        yield world


def test_every_regime_has_its_conditions() -> None:
    assert set(CONDITIONS) == set(REGIMES)


@pytest.mark.parametrize(
    ("regime", "low", "high"), [("crash", 70, 85), ("pump", 120, 140), ("calm", 98, 102)]
)
async def test_prices_fall_rise_and_stay(world: World, regime: Regime, low: int, high: int) -> None:
    before = world.price
    await world.regimes.order(MARKET, regime)
    await world.live(240)
    assert low < world.price * 100 / before < high
    await world.regimes.order(MARKET, "normal")
    after = world.price
    await world.live(240)
    assert 97 < world.price * 100 / after < 103


async def test_a_thin_book_is_thin_and_wide(world: World) -> None:
    before = world.depth("buy") + world.depth("sell"), world.spread
    await world.regimes.order(MARKET, "thin")
    await world.live(300)
    assert (world.depth("buy") + world.depth("sell")) * 5 < before[0]
    assert world.spread > 2 * before[1]


async def test_a_one_sided_book_has_nobody_who_buys(world: World) -> None:
    await world.regimes.order(MARKET, "one_sided")
    await world.live(120)
    assert world.depth("buy") == 0
    assert world.depth("sell") > 0


async def test_a_halted_market_takes_no_orders(world: World) -> None:
    order = OrderRequest(1, "spot", MARKET, "buy", "limit", UNIT // 100, 30_000 * UNIT)
    trading = Trading(world.venue)
    await world.regimes.order(MARKET, "halted")
    with pytest.raises(Refusal):
        await trading.place(order)
    await world.live(60)
    await world.regimes.order(MARKET, "normal")
    assert (await trading.place(order)).status == "open"


async def test_a_climate_stays_in_every_regime(world: World) -> None:
    world.regimes.settle(MARKET, Climate(depth=50, spread=200))
    await world.regimes.order(MARKET, "thin")
    conditions = world.regimes.conditions(MARKET)
    assert (conditions.depth, conditions.spread) == (2, 1000)
    assert world.regimes.changed(MARKET)
    assert not world.regimes.changed(MARKET)


async def test_a_climate_lets_no_crash_begin_again(world: World) -> None:
    await world.regimes.order(MARKET, "crash")
    assert world.regimes.turned(MARKET)
    world.regimes.settle(MARKET, Climate(depth=50))
    assert world.regimes.changed(MARKET)
    assert not world.regimes.turned(MARKET)


async def test_markets_that_are_not_there(world: World) -> None:
    with pytest.raises(RegimeError, match="no market XYZ; there are BTCUSDT"):
        await world.regimes.order("XYZ", "calm")
    with pytest.raises(RegimeError, match="no market"):
        world.regimes.settle("XYZ", Climate())
