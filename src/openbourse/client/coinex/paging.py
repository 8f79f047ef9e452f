"""All rows of a list, page by page."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import ParamSpec, TypeVar

from openbourse.client.coinex.answers import Page

P = ParamSpec("P")
T = TypeVar("T")


def all_rows(method: Callable[P, Page[T]], *args: P.args, **kwargs: P.kwargs) -> Iterator[T]:
    """Every row that a method with pages gives: `all_rows(client.spot.user_deals, market="BTCUSDT")`.

    `limit` is the size of a page. Lists begin with the newest: what is added meanwhile lets rows come twice.
    """
    number = 1
    while True:
        kwargs["page"] = number
        page = method(*args, **kwargs)
        yield from page
        if not page.has_next:
            return
        number += 1


async def all_rows_async(
    method: Callable[P, Awaitable[Page[T]]], *args: P.args, **kwargs: P.kwargs
) -> AsyncIterator[T]:
    """The same of an async client, for `async for`."""
    number = 1
    while True:
        kwargs["page"] = number
        page = await method(*args, **kwargs)
        for row in page:
            yield row
        if not page.has_next:
            return
        number += 1
