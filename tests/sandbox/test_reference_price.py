from random import Random

import pytest

from openbourse.core.units import UNIT
from openbourse.sandbox.reference_price import MAX_STEPS, STEP_MS, ReferencePrices

ANCHORS = {"BTC": 60_000 * UNIT, "ETH": 3_000 * UNIT, "USDC": UNIT}
NOW = 1_000_000


def prices(seed: int = 1) -> ReferencePrices:
    return ReferencePrices(ANCHORS, "USDT", Random(seed), NOW)


def test_they_start_at_their_anchors_and_agree_with_one_another() -> None:
    start = prices()
    assert start.of("BTC", "USDT") == 60_000 * UNIT
    assert start.of("ETH", "BTC") == UNIT // 20
    assert start.of("BTC", "USDC") == 60_000 * UNIT


def test_the_same_seed_and_times_give_the_same_prices() -> None:
    one, same, other = prices(1), prices(1), prices(2)
    for each in (one, other):
        each.advance(NOW + 100 * STEP_MS)
    for step in range(1, 101):
        same.advance(NOW + step * STEP_MS)
    assert one.of("BTC", "USDT") == same.of("BTC", "USDT") != other.of("BTC", "USDT")


def test_less_than_a_step_and_the_past_change_nothing() -> None:
    walk = prices()
    walk.advance(NOW + STEP_MS - 1)
    walk.advance(NOW - STEP_MS)
    assert walk.of("BTC", "USDT") == 60_000 * UNIT
    walk.advance(NOW + STEP_MS)
    assert walk.of("BTC", "USDT") != 60_000 * UNIT


def test_a_long_pause_is_cut_short() -> None:
    paused, walked = prices(), prices()
    paused.advance(NOW + 10**12)
    walked.advance(NOW + MAX_STEPS * STEP_MS)
    assert paused.of("ETH", "USDT") == walked.of("ETH", "USDT")
    paused.advance(NOW + 10**12 + STEP_MS - 1)
    assert paused.of("ETH", "USDT") == walked.of("ETH", "USDT")


@pytest.mark.parametrize(("asset", "minute_ppm"), [("BTC", 823), ("ETH", 1042), ("USDC", 46)])
def test_a_minute_moves_them_about_as_much_as_declared(asset: str, minute_ppm: int) -> None:
    """The root mean square of many minutes, against sqrt(240) times the deviation of a step."""
    squares = 0
    for seed in range(400):
        walk = prices(seed)
        walk.advance(NOW + 60_000)
        squares += (walk.of(asset, "USDT") * 1_000_000 // ANCHORS[asset] - 1_000_000) ** 2
    assert minute_ppm * 0.8 < (squares / 400) ** 0.5 < minute_ppm * 1.2


def test_they_come_back_to_their_anchors() -> None:
    """10,000 steps of 20 in a million leave exp(-0.2) of the distance, 0.0819 of 0.1."""
    walk = prices()
    walk.resume("USDC", UNIT * 11 // 10)
    for step in range(100, 10_001, 100):
        walk.advance(NOW + step * STEP_MS)
    assert UNIT * 79 // 1000 < walk.of("USDC", "USDT") - UNIT < UNIT * 85 // 1000
