"""Turbulence: as usual on average, wild now and then, and remembered."""

from random import Random

from openbourse.sandbox.turbulence import COMMON, OWN, Turbulence

PPM = 1_000_000
LOOKS = 20_000


def squares(seed: int, asset: str = "BTC") -> list[float]:
    """The variance, as a multiple of the usual one, at many looks: three and a half days."""
    turbulence = Turbulence(["BTC", "ETH"], Random(seed))
    found = []
    for _ in range(LOOKS):
        turbulence.look()
        found.append((turbulence.of(asset) / PPM) ** 2)
    return found


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


def test_over_many_markets_it_is_as_usual() -> None:
    variances = [Turbulence(["BTC"], Random(seed)).of("BTC") ** 2 / PPM**2 for seed in range(4_000)]
    assert 0.9 < mean(variances) < 1.1


def test_it_is_calm_for_long_and_wild_at_times() -> None:
    found = sorted(squares(1))
    assert found[len(found) // 2] < mean(found)
    assert found[-1] > 4 * mean(found)


def test_what_was_wild_is_rather_wild_an_hour_later() -> None:
    found = squares(2)
    average = mean(found)
    spread = mean([(value - average) ** 2 for value in found])
    near, far = [
        mean([(a - average) * (b - average) for a, b in zip(found, found[lag:], strict=False)]) / spread
        for lag in (8, 225)
    ]
    assert near > far > 0.05


def test_equal_dice_give_equal_weather_and_assets_differ() -> None:
    assert squares(3) == squares(3) != squares(4)
    assert squares(3, "BTC") != squares(3, "ETH")


def test_what_is_not_known_is_as_usual() -> None:
    assert Turbulence(["BTC"], Random(1)).of("DOGE") == PPM
    assert len(COMMON) == len(OWN)
