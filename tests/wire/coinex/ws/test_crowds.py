import gc

from hypothesis import given
from hypothesis import strategies as st

from openbourse.wire.coinex.ws.crowds import Crowds, Followers

SETS = st.sets(st.integers(0, 7))


@given(st.lists(st.lists(SETS, max_size=12), max_size=4))
def test_everybody_gets_what_is_for_them_in_order_and_at_once(ticks: list[list[set[int]]]) -> None:
    crowds: Crowds[int] = Crowds()
    for tick in ticks:
        expected: dict[int, list[bytes]] = {}
        for number, members in enumerate(tick):
            frame = b"%d" % number
            crowds.deliver(crowds.of(members), frame)
            for member in members:
                expected.setdefault(member, []).append(frame)
        found: dict[int, list[bytes]] = {}
        parts = [(list(these), frames) for these, frames in crowds.take() if these]
        for these, frames in parts:
            for member in these:
                assert member not in found
                found[member] = frames
        assert found == expected
        # Who get the same are one part, whatever they follow else.
        assert len({tuple(frames) for _, frames in parts}) == len(parts)
    assert not list(crowds.take())


def test_equal_sets_are_one_crowd_as_long_as_somebody_speaks_of_it() -> None:
    crowds: Crowds[int] = Crowds()
    first, second = Followers(crowds), Followers(crowds)
    for member in range(3):
        first.add(member)
        second.add(2 - member)
    assert first.crowd is second.crowd is crowds.of({0, 1, 2})
    second.discard(1)
    second.discard(7)
    assert second.crowd is not first.crowd
    assert list(first.crowd.members) == [0, 1, 2]
    assert list(second.crowd.members) == [2, 0]
    second.add(1)
    assert second.crowd is first.crowd
    for member in range(3):
        first.discard(member)
        second.discard(member)
    assert not first
    assert not first.crowd.members
    crowd = crowds.of(range(5))
    assert crowd.among([7, 4, 1]) == [4, 1]
    assert crowds.without(crowd, [1, 7]) is crowds.without(crowd, {1}) is crowds.of({0, 2, 3, 4})
    assert crowds.without(crowd, []) is crowd
    assert not list(crowds.take())
    del first, second, crowd
    gc.collect()
    assert not len(vars(crowds)["_known"]), "nobody is remembered"
