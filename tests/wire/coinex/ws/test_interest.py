import random

from hypothesis import given
from hypothesis import strategies as st

from openbourse.wire.coinex.ws.interest import EVERYTHING, NOTHING, Interest

NAMES = ["A", "B", "C", "D"]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["add", "remove", "drop"]), st.integers(0, 3), st.lists(st.sampled_from(NAMES))
    ),
    max_size=30,
)


@given(STEPS)
def test_it_is_a_set_of_names_for_each_subscriber(steps: list[tuple[str, int, list[str]]]) -> None:
    interest: Interest[int] = Interest()
    # The naive model: what each wants of the four names and of one that is listed later.
    model: dict[int, set[str]] = {who: set() for who in range(4)}
    for verb, who, names in steps:
        if verb == "add":
            interest.add(who, names)
            model[who] |= set(names) if names else {*NAMES, "later"}
        elif verb == "remove":
            interest.remove(who, names)
            model[who] -= set(names) if names else {*NAMES, "later"}
        else:
            interest.drop(who)
            model[who].clear()
        for name in (*NAMES, "later"):
            expected = sorted(who for who, wanted in model.items() if name in wanted)
            found = interest.takers(name)
            assert sorted(found) == expected
            assert interest.is_wanted(name) == bool(expected)
        grouped = {who: selection for selection, members in interest.groups() for who in members}
        assert all(grouped.get(who, NOTHING) == interest.selection(who) for who in model)


def test_nothing_is_left_of_subscribers_that_have_gone() -> None:
    interest: Interest[int] = Interest()
    chance = random.Random(1)
    for who in range(200):
        interest.add(who, chance.sample(NAMES, chance.randrange(5)))
    for who in range(200):
        interest.drop(who)
    assert not interest
    assert not any(vars(interest).values())


def test_naming_markets_beside_everything_keeps_everything() -> None:
    interest: Interest[int] = Interest()
    interest.add(1, [])
    interest.add(1, ["A"])
    assert interest.selection(1) == EVERYTHING
