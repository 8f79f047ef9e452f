"""Increments against the truth: every limit and merge interval, levels coming and going (ws §9).

An independent client keeps a book from the pushes alone, checks the checksum after each, and compares
with the depth as the HTTP side computes it, at every tick.
"""

import itertools
import random
from decimal import Decimal

import pytest

from openbourse.core import commands as c
from openbourse.core.commands import Side
from openbourse.core.units import UNIT
from openbourse.market_data.depth import Level
from openbourse.wire.coinex.numbers import decimal
from tests.wire.coinex.ws.book_keeper import BookKeeper
from tests.wire.coinex.ws.world import Client, World

SIDES: tuple[Side, Side] = ("buy", "sell")
LIMITS = (5, 10, 20, 50)
INTERVALS = ("0", *(f"{Decimal(1).scaleb(power):f}" for power in range(-12, 4)))
# Middle price and step: wide merges need prices far apart to have several levels left.
SCALES = ((100, "0.01"), (100, "0.1"), (100_000, "10"), (200_000, "500"))


class Watched:
    """One client of increments and the book it keeps."""

    def __init__(self, world: World, limit: int, interval: str) -> None:
        self.limit = limit
        self.interval = int(Decimal(interval) * UNIT)
        self.client: Client = world.client()
        self.keeper = BookKeeper()
        (push,) = self.client.depth("BTCUSDT", limit, interval, always_full=False)
        self.keeper.take(push["data"])

    def read(self) -> None:
        for push in self.client.take("depth.update"):
            self.keeper.take(push)

    def expected(self, world: World) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
        depth = world.data.depth("BTCUSDT", self.limit, self.interval)
        return _texts(depth.bids), _texts(depth.asks)


def _texts(levels: list[Level]) -> list[tuple[str, str]]:
    return [(decimal(price), decimal(quantity)) for price, quantity in levels]


class Crowd:
    """Orders around a price that wanders, so that windows slide; now and then a side is swept away."""

    def __init__(self, world: World, seed: int, middle: int, step: str) -> None:
        self.world = world
        self.chance = random.Random(seed)
        self.middle = Decimal(middle)
        self.step = Decimal(step)
        self.resting: list[int] = []

    def act(self) -> None:
        chance = self.chance
        dice = chance.random()
        if dice < 0.002:
            self.world.now += 1
            side = chance.choice(SIDES)
            self.world.do(c.CancelOrders(self.world.now, 1, "spot", "BTCUSDT", side))
        elif dice < 0.45 and self.resting:
            order = self.resting.pop(chance.randrange(len(self.resting)))
            if self.world.exchange.order(order, 1) is not None:
                self.world.cancel(1, order)
        else:
            self.middle += self.step * chance.randrange(-2, 3)
            side = chance.choice(SIDES)
            away = chance.randrange(-2, 60) * self.step
            price = max(self.step, self.middle - away if side == "buy" else self.middle + away)
            amount = Decimal(chance.randrange(1, 400)) / 100
            self.resting.append(self.world.place(1, side, str(amount), str(price)))


@pytest.mark.parametrize(("middle", "step"), SCALES)
def test_books_from_increments_are_the_books(middle: int, step: str) -> None:
    world = World()
    crowd = Crowd(world, 4, middle, step)
    for _ in range(200):
        crowd.act()
    windows = [Watched(world, limit, interval) for limit, interval in itertools.product(LIMITS, INTERVALS)]
    for _ in range(150):
        for _ in range(crowd.chance.randrange(6)):
            crowd.act()
        world.tick()
        for window in windows:
            window.read()
            assert window.keeper.book() == window.expected(world), (window.limit, window.interval)
    steps = sum(window.keeper.steps for window in windows)
    assert steps >= 3_000
    # Levels came into and went out of the windows in their thousands, not only once or twice.
    assert sum(window.keeper.removed for window in windows) > 3_000
    assert sum(window.keeper.entered for window in windows) > 3_000


def test_late_comers_and_slow_readers_hold_the_same_book() -> None:
    """Subscriptions at any moment between ticks, and readers that stall at random."""
    world = World()
    crowd = Crowd(world, 5, 100, "0.01")
    chance = random.Random(6)
    windows: list[Watched] = []
    for round_number in range(600):
        for _ in range(chance.randrange(4)):
            crowd.act()
        if round_number % 20 == 0:
            windows.append(Watched(world, 10, "0.1"))
        for _ in range(chance.randrange(3)):
            crowd.act()
        for window in windows:
            window.client.session.paused = chance.random() < 0.2
        world.tick()
        for window in windows:
            window.read()
            if not window.client.session.paused:
                assert window.keeper.book() == window.expected(world)
    assert sum(window.keeper.steps for window in windows) > 3_000
