"""Pages of a list, newest first."""

from collections.abc import Callable, Mapping
from typing import Any, Final, Generic, TypeVar

import msgspec
from sqlalchemy import Connection, Row, Select, func, select

T = TypeVar("T")

MAX_LIMIT: Final = 1000

# No list is this long, and databases refuse larger offsets than 2^63.
_END: Final = 2**53


class Page(msgspec.Struct, Generic[T], frozen=True):
    """One page; `has_next` says whether at least one more row comes after it."""

    rows: list[T]
    has_next: bool


def read_page(
    connection: Connection,
    query: Select[Any],
    make: Callable[[Row[Any]], T],
    page: int,
    limit: int,
    values: Mapping[str, Any] | None = None,
) -> Page[T]:
    """The `page`-th (from 1) `limit` (1 to 1000) rows of an ordered query; ValueError when out of range.

    `values` are those of its parameters.
    """
    skipped = check_page(page, limit)
    if skipped >= _END:
        return Page([], False)
    rows = connection.execute(query.offset(skipped).limit(limit + 1), values).all()
    return Page([make(row) for row in rows[:limit]], len(rows) > limit)


class CountedPage(Page[T], Generic[T], frozen=True):
    """A page that also knows how many rows match in all."""

    total: int


def read_counted_page(
    connection: Connection, query: Select[Any], make: Callable[[Row[Any]], T], page: int, limit: int
) -> CountedPage[T]:
    """As `read_page`, with a count of all rows of the query."""
    found = read_page(connection, query, make, page, limit)
    counted = select(func.count()).select_from(query.order_by(None).subquery())
    return CountedPage(found.rows, found.has_next, int(connection.execute(counted).scalar_one()))


def check_page(page: int, limit: int) -> int:
    """How many rows come before this page."""
    check_limit(limit)
    if page < 1:
        raise ValueError("page must be at least 1")
    return (page - 1) * limit


def check_limit(limit: int) -> None:
    if not 1 <= limit <= MAX_LIMIT:
        raise ValueError(f"limit must be from 1 to {MAX_LIMIT}")
