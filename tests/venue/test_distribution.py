import pytest

from openbourse.venue.distribution import Distribution


def test_values_count_up_to_their_bound() -> None:
    values = Distribution((1, 2, 5))
    for value in (0, 1, 1.5, 2, 5, 6, 100):
        values.add(value)
    assert values.cumulated() == [("1", 2), ("2", 4), ("5", 5), ("+Inf", 7)]
    assert values.count == 7
    assert values.total == pytest.approx(115.5)
