"""Walking through all pages of a query, checking each against what all of them should hold."""

from collections.abc import Callable
from typing import TypeVar

from openbourse.history.paging import Page

T = TypeVar("T")


def check_pages(ask: Callable[[int, int], Page[T]], expected: list[T], limits: tuple[int, ...]) -> None:
    """`ask(page, limit)` gives exactly `expected`, cut into pages, and an empty page after the last."""
    for limit in limits:
        number = 1
        while True:
            page = ask(number, limit)
            assert page.rows == expected[(number - 1) * limit : number * limit]
            assert page.has_next == (len(expected) > number * limit)
            if not page.has_next:
                break
            number += 1
        after = ask(number + 1, limit)
        assert (after.rows, after.has_next) == ([], False)
