"""Flows: what becomes of a channel's items on their way to one subscriber, most of all after a reconnect."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Final, Generic, Literal, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from openbourse.client.coinex.stream.book import BookView, OrderBook
from openbourse.client.coinex.types import DealsUpdate, Depth

I = TypeVar("I")  # noqa: E741 - what comes in
O = TypeVar("O")  # noqa: E741 - what goes out

_REMEMBERED: Final = 2_000
_SNAPSHOT: Final = 100
# Seconds until a new beginning that did not come is asked for again.
_ASK_AGAIN: Final = 3.0


class Gap(Struct, frozen=True):
    """Something may be missing between the item before and the one after: read over HTTP what is so now.

    `reconnected`: the connection was lost and is there again. `overflow`: this subscriber was too slow.
    """

    reason: Literal["reconnected", "overflow"]


class Flow(Generic[I, O]):
    """`newest_only`: a subscriber that is slow misses nothing by getting only the last item."""

    newest_only = False

    def pushed(self, item: I) -> Iterable[O]:
        """What the subscriber gets of an item."""
        raise NotImplementedError

    def reconnected(self) -> Iterable[O]:
        """What the subscriber gets before the first item of a new connection."""
        raise NotImplementedError


class Plain(Flow[I, I | Gap]):
    """Everything, with a gap at each reconnect."""

    def pushed(self, item: I) -> Iterable[I | Gap]:
        """See Flow."""
        return (item,)

    def reconnected(self) -> Iterable[I | Gap]:
        """See Flow."""
        return (Gap("reconnected"),)


class Deals(Flow[DealsUpdate, DealsUpdate | Gap]):
    """Each deal once. A new connection begins with recent ones: a gap is where they do not reach back."""

    def __init__(self) -> None:
        self._seen: dict[str, OrderedDict[int, None]] = {}
        self._doubtful: set[str] = set()

    def pushed(self, item: DealsUpdate) -> Iterable[DealsUpdate | Gap]:
        """See Flow."""
        seen = self._seen.setdefault(item.market, OrderedDict())
        new = [deal for deal in item.deal_list if deal.deal_id not in seen]
        if item.market in self._doubtful:
            self._doubtful.discard(item.market)
            if len(new) == len(item.deal_list) and (seen or len(new) >= _SNAPSHOT):
                yield Gap("reconnected")
        for deal in reversed(new):
            seen[deal.deal_id] = None
        while len(seen) > _REMEMBERED:
            seen.popitem(last=False)
        if new:
            yield replace(item, deal_list=new)

    def reconnected(self) -> Iterable[DealsUpdate | Gap]:
        """See Flow."""
        self._doubtful.update(self._seen)
        return ()


class Books(Flow[Depth, BookView]):
    """The book after every push that fits; one that does not asks for a new beginning.

    `heard_at` is the event loop's time of the newest push, 0 before the first.
    """

    newest_only = True

    def __init__(self, market: str, resync: Callable[[int], None]) -> None:
        """`resync` is told how often in a row the book did not fit."""
        self.heard_at = 0.0
        self._book = OrderBook(market)
        self._resync = resync
        self._misses = 0
        self._asked_at = 0.0

    def pushed(self, item: Depth) -> Iterable[BookView]:
        """See Flow."""
        now = asyncio.get_running_loop().time()
        self._asked_at = self._asked_at or now
        self.heard_at = now
        fits = self._book.apply(item)
        if fits and self._book.view is not None:
            self._misses = 0
            yield self._book.view
        elif not fits or now - self._asked_at > _ASK_AGAIN:
            self._asked_at = now
            self._misses += 1
            self._resync(self._misses)

    def reconnected(self) -> Iterable[BookView]:
        """See Flow. What was known is worth nothing now; the new connection begins with the whole window."""
        self._book.view = None
        self._asked_at = 0.0
        return ()
