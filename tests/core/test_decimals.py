"""Decimal text to scaled integers: the quick way gives what the thorough way gives."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openbourse.core.decimals import parse_decimal, plain, read_scaled, scaled

TEXTS = st.one_of(
    st.from_regex(r"\A[0-9]{0,20}\.?[0-9]{0,20}\Z"),
    st.from_regex(r"\A[+-]?[0-9]{1,3}(\.[0-9]*)?([eE][+-]?[0-9]{1,2})?\Z"),
    st.text(max_size=8),
    st.sampled_from(
        ["", ".", "1.", ".5", "00012.500", "1_0", "\u0661", "\u00b2", "1.2.3", " 1", "1\n", "nan"]
    ),
)


def outcome(make: object) -> object:
    assert callable(make)
    try:
        return make()
    except ValueError:
        return ValueError


@settings(deadline=None, max_examples=500)
@given(TEXTS, st.sampled_from([12, 24]), st.sampled_from([None, 0, 2, 8, 12, 30]))
def test_both_ways_agree(text: str, decimals: int, keep: int | None) -> None:
    quick = outcome(lambda: read_scaled(text, decimals, keep))
    assert quick == outcome(lambda: scaled(parse_decimal(text), decimals, keep))


@pytest.mark.parametrize("text", ["0", "1", "0.1", "123456789.123456789012", "0.000000000001"])
def test_there_and_back(text: str) -> None:
    assert plain(read_scaled(text, 12), 12) == text
