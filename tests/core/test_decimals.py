"""Decimal text to scaled integers: the quick way gives what the thorough way gives."""

from decimal import Context, Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openbourse.core.decimals import money_text, parse_decimal, plain, read_scaled, scaled, unit_text

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


@settings(deadline=None, max_examples=500)
@given(st.integers(-(10**40), 10**40), st.sampled_from([0, 1, 12, 24]))
def test_plain_text_says_the_number_and_nothing_else(value: int, decimals: int) -> None:
    text = plain(value, decimals)
    assert Decimal(text) == Decimal(value).scaleb(-decimals, Context(prec=60))
    assert "e" not in text.lower()
    assert text == text.rstrip("0").rstrip(".") if "." in text else not text.startswith("00")
    assert (unit_text(value), money_text(value)) == (plain(value, 12), plain(value, 24))
