"""Depth against a plain dictionary, merged the slow way."""

import zlib
from fractions import Fraction
from math import ceil, floor

from hypothesis import given
from hypothesis import strategies as st

from openbourse.core.commands import Side
from openbourse.core.decimals import parse_decimal, plain, scaled
from openbourse.core.units import UNIT_DECIMALS
from openbourse.market_data.depth import MOST_NEWS, BookSide, DepthBook

# Price, quantity, and whether somebody looks after it.
CHANGES = st.lists(st.tuples(st.integers(1, 60), st.integers(0, 5), st.booleans()), max_size=80)


def naive_top(levels: dict[int, int], side: Side, limit: int, interval: int) -> list[tuple[int, int]]:
    merged: dict[int, int] = {}
    for price, quantity in levels.items():
        if interval:
            steps = Fraction(price, interval)
            rounded = (floor(steps) if side == "buy" else ceil(steps)) * interval
        else:
            rounded = price
        merged[rounded] = merged.get(rounded, 0) + quantity
    return sorted(merged.items(), reverse=side == "buy")[:limit]


@given(CHANGES, st.sampled_from(("buy", "sell")), st.integers(1, 50), st.sampled_from((0, 1, 3, 10, 100)))
def test_levels_and_merging_equal_the_naive_book(
    changes: list[tuple[int, int, bool]], side: Side, limit: int, interval: int
) -> None:
    book, naive = BookSide(side), dict[int, int]()
    for price, quantity, looked_at in changes:
        book.set(price, quantity)
        naive[price] = quantity
        if not quantity:
            del naive[price]
        if looked_at:
            assert [book.best()] == (naive_top(naive, side, 1, 0) or [(0, 0)])
    assert book.top(limit, interval) == naive_top(naive, side, limit, interval)
    assert len(book) == len(naive)
    assert [book.best()] == (naive_top(naive, side, 1, 0) or [(0, 0)])


def test_what_nobody_looks_at_does_not_pile_up() -> None:
    book = BookSide("sell")
    for price in range(1, 3 * MOST_NEWS + 2):
        book.set(price, price)
        book.set(price + 1, 0)
        assert len(book.news) < MOST_NEWS
    assert book.best() == (1, 1)
    assert len(book) == 3 * MOST_NEWS + 1
    assert book.top(MOST_NEWS * 4) == [(price, price) for price in range(1, 3 * MOST_NEWS + 2)]


def number(text: str) -> int:
    return scaled(parse_decimal(text), UNIT_DECIMALS)


def filled(bids: str, asks: str) -> DepthBook:
    """A book from `price:quantity` lists as the reference writes them."""
    book = DepthBook()
    sides: tuple[tuple[Side, str], ...] = (("buy", bids), ("sell", asks))
    for side, text in sides:
        for price, quantity in zip(text.split(":")[::2], text.split(":")[1::2], strict=True):
            book.set_level(side, number(price), number(quantity), 7)
    return book


def text_of(book: DepthBook, limit: int, interval: str = "0") -> str:
    depth = book.top(limit, number(interval))
    return ":".join(plain(value, UNIT_DECIMALS) for level in depth.bids + depth.asks for value in level)


def test_the_books_of_the_reference_have_their_checksums() -> None:
    """reference/coinex/websocket.md §9.3 and spot.md §5 `depth`."""
    book = filled("62999.1:0.3:63000.5:0.45:63000:1.05", "63010:2:63001.2:0.2:63002:0.75")
    assert zlib.crc32(text_of(book, 5).encode()) == 4283540909
    book.set_level("sell", number("63001.2"), 0, 8)
    book.set_level("buy", number("63000.7"), number("0.1"), 8)
    book.set_level("buy", number("63000"), number("0.9"), 9)
    assert zlib.crc32(text_of(book, 5).encode()) == 3600340876
    window = filled("10:1:9.9:2:9.8:3:9.7:4:9.6:5", "10.1:1:10.2:2:10.3:3:10.4:4:10.5:5")
    window.set_level("buy", number("10.05"), number("0.5"), 8)
    assert zlib.crc32(text_of(window, 5).encode()) == 1994414500
    http = filled("59990.5:0.31:59990:1.2045", "60010:0.0012:60020.5:0.5:60031:2")
    assert zlib.crc32(text_of(http, 50).encode()) == 2176114997


def test_merging_comes_before_cutting() -> None:
    book = filled("99.9:1:99.1:2:98.4:4:90:8", "100.1:1:100.9:2:101:4:110:8")
    assert text_of(book, 2, "1") == "99:3:98:4:101:7:110:8"
    assert text_of(book, 5, "1000") == "0:15:1000:15"


def test_the_same_answer_is_given_until_something_changes() -> None:
    book = filled("10:1", "11:1")
    first = book.top(5)
    assert book.top(5) is first
    assert book.top(5, number("0.1")) is not first
    book.set_last(number("10.5"), 42)
    second = book.top(5)
    assert (second.last, second.updated_at) == (number("10.5"), 42)
    assert second.version > first.version
    book.set_level("buy", number("10"), 0, 41)
    third = book.top(5)
    assert (third.bids, third.updated_at) == ([], 42)
    assert third.version > second.version


def test_kept_answers_are_bounded() -> None:
    book = filled("10:1", "11:1")
    for interval in range(1, 1000):
        assert book.top(5, interval).bids
    assert len(book._answers) <= 128
