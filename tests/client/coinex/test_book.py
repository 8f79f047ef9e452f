"""A book kept from pushes; the vectors are those of reference/coinex/websocket.md §9.3."""

import zlib
from decimal import Decimal

import msgspec
import pytest

from openbourse.client.coinex import OrderBook
from openbourse.client.coinex.stream.book import checksum
from openbourse.client.coinex.types import Depth

FULL = """{"market":"BTCUSDT","is_full":true,"depth":{
"asks":[["63001.2","0.2"],["63002","0.75"],["63010","2"]],"bids":[["63000.5","0.45"],["63000","1.05"],["62999.1","0.3"]],"last":"63000.5","updated_at":1760000000000,
"checksum":4283540909}}"""
STEP = """{"market":"BTCUSDT","is_full":false,"depth":{"asks":[["63001.2","0"]],"bids":[["63000.7","0.1"],
["63000","0.9"]],"last":"63001.2","updated_at":1760000000200,"checksum":3600340876}}"""


def push(text: str) -> Depth:
    return msgspec.json.decode(text, type=Depth)


def test_a_book_from_a_full_push_and_an_increment() -> None:
    book = OrderBook("BTCUSDT")
    assert book.apply(push(STEP)), "an increment of nothing says nothing"
    assert not book.apply(push(STEP.replace("false", "true")))
    assert book.apply(push(FULL))
    assert book.apply(push(STEP))
    assert book.view is not None
    assert book.view.best_bid == (Decimal("63000.7"), Decimal("0.1"))
    assert book.view.best_ask == (Decimal(63002), Decimal("0.75"))
    assert [str(price) for price, _ in book.view.bids] == ["63000.7", "63000.5", "63000", "62999.1"]
    assert (book.view.last, book.view.updated_at) == (Decimal("63001.2"), 1760000000200)


def test_a_push_that_does_not_fit_ends_the_book_until_the_next_full_one() -> None:
    book = OrderBook("BTCUSDT")
    assert book.apply(push(FULL))
    assert not book.apply(push(STEP.replace("3600340876", "3600340877")))
    assert book.view is None
    assert book.apply(push(STEP))
    assert book.view is None
    assert not book.apply(push(FULL.replace("0.45", "0.46")))
    assert book.apply(push(FULL))
    assert book.view is not None


@pytest.mark.parametrize(
    ("bids", "asks", "expected"),
    [
        ([], [("63002", "0.75"), ("63010", "2")], 1769136445),
        ([], [], 0),
        (
            [("10.05", "0.5"), ("10", "1"), ("9.9", "2"), ("9.8", "3"), ("9.7", "4")],
            [("10.1", "1"), ("10.2", "2"), ("10.3", "3"), ("10.4", "4"), ("10.5", "5")],
            1994414500,
        ),
    ],
)
def test_checksums(bids: list[tuple[str, str]], asks: list[tuple[str, str]], expected: int) -> None:
    def levels(side: list[tuple[str, str]]) -> list[tuple[Decimal, Decimal]]:
        return [(Decimal(price), Decimal(amount)) for price, amount in side]

    assert checksum(levels(bids), levels(asks)) == expected


def test_numbers_are_summed_as_they_are_written() -> None:
    text = "0.00000012:1.500:0.0000001:20"
    numbers = [Decimal(part) for part in text.split(":")]
    bids = [(numbers[0], numbers[1]), (numbers[2], numbers[3])]
    assert checksum(bids, []) == zlib.crc32(text.encode())
