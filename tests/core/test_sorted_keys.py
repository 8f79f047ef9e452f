"""Sorted keys against a sorted list, in sizes that split and merge blocks."""

from hypothesis import given, settings
from hypothesis import strategies as st

from openbourse.core.sorted_keys import SortedKeys
from tests.core.dice import Dice


def check(keys: SortedKeys, model: set[int]) -> None:
    expected = sorted(model, reverse=True)
    assert list(keys.descending()) == expected
    for count in (0, 1, 20, 300, len(model), len(model) + 1):
        assert keys.greatest(count) == expected[:count]
    assert bool(keys) == bool(model)
    if model:
        assert keys.last() == max(model)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(-20, 20)))
def test_few_keys(changes: list[int]) -> None:
    keys, model = SortedKeys(), set[int]()
    for key in changes:
        if key in model:
            keys.remove(key)
            model.remove(key)
        else:
            keys.add(key)
            model.add(key)
        check(keys, model)


def test_many_keys_come_and_go() -> None:
    dice = Dice(1)
    keys, model = SortedKeys(), set[int]()
    for goal in (6_000, 100, 3_000, 0):
        while len(model) != goal:
            key = dice.between(-50_000, 50_000)
            if len(model) < goal and key not in model:
                keys.add(key)
                model.add(key)
            elif len(model) > goal:
                gone = max(model) if dice.random() < 0.2 else dice.choice(sorted(model)[:50])
                keys.remove(gone)
                model.remove(gone)
            if len(model) % 100 == 0:
                check(keys, model)
    check(keys, model)


def test_keys_in_order() -> None:
    """Markets that only rise, and only fall, fill blocks at one end."""
    for step in (1, -1):
        keys = SortedKeys()
        for number in range(5_000):
            keys.add(step * number)
        assert list(keys.descending()) == sorted(range(0, step * 5_000, step), reverse=True)
        for number in range(5_000):
            keys.remove(step * number)
        assert not keys
