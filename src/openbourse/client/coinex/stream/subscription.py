"""Subscription: what one reader of a stream gets, in order, within bounds."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Generic, Self, TypeVar

from openbourse.client.coinex.stream.channels import Channel
from openbourse.client.coinex.stream.flows import Flow, Gap

T = TypeVar("T")


class Subscription(Generic[T]):
    """`async with stream.orders() as orders: async for order in orders: ...`

    Entering it returns when the exchange has granted it, and raises `ApiError` when it does not. Iterating
    without entering does the same at the first step. Iteration ends when the subscription or the stream is
    closed, and raises `ClientError` when the stream cannot go on.
    """

    def __init__(
        self,
        channel: Channel[Any],
        entries: list[Any],
        flow: Flow[Any, T],
        limit: int,
        open_: Callable[["Subscription[Any]"], Awaitable[None]],
        close: Callable[["Subscription[Any]"], Awaitable[None]],
        abandon: Callable[["Subscription[Any]"], None],
    ) -> None:
        """`entries` are those of the channel's list, none for all; at most `limit` items wait."""
        self.channel = channel
        self.entries = entries
        self.granted: asyncio.Future[None] | None = None
        self._topics = {entry[0] if isinstance(entry, list) else entry for entry in entries}
        self.flow = flow
        self._limit = 1 if flow.newest_only else limit
        self._items: deque[T] = deque()
        self._news = asyncio.Event()
        self._over = False
        self._error: Exception | None = None
        self._open = open_
        self._close = close
        self._abandon = abandon

    # -- the reader's side ---------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        try:
            await self._enter()
        except asyncio.CancelledError:
            # Nobody leaves what nobody has entered: a stream without a connection would keep it.
            self._abandon(self)
            self.granted = None
            raise
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Want no more; the exchange is told if nobody else wants it."""
        if not self._over:
            self.end()
            await self._close(self)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        await self._enter()
        while not self._items:
            if self._error is not None:
                raise self._error
            if self._over:
                raise StopAsyncIteration
            self._news.clear()
            await self._news.wait()
        return self._items.popleft()

    async def _enter(self) -> None:
        if self.granted is None:
            self.granted = asyncio.get_running_loop().create_future()
            try:
                await self._open(self)
            except BaseException:
                self.granted = None
                raise
        await asyncio.shield(self.granted)

    # -- the stream's side ---------------------------------------------------------------------------

    def wants(self, topic: str) -> bool:
        """Is this market or currency asked for? Notices are about none."""
        return not self._topics or not topic or topic in self._topics

    def push(self, item: Any) -> None:
        """An item of the channel came."""
        self._put(self.flow.pushed(item))

    def was_granted(self) -> None:
        """The exchange has granted it, for the first time or on a new connection."""
        if self.granted is None:
            return  # its reader has given up while a new connection asked for it among others
        if self.granted.done():
            if self.flow.newest_only:
                self._items.clear()  # what was so on the old connection
            self._put(self.flow.reconnected())
        else:
            self.granted.set_result(None)

    def end(self, error: Exception | None = None) -> None:
        """Nothing will come any more."""
        self._over, self._error = True, error
        if self.granted is not None and not self.granted.done():
            if error is None:
                self.granted.set_result(None)
            else:
                self.granted.set_exception(error)
        self._news.set()

    def _put(self, items: Iterable[T]) -> None:
        for item in items:
            if len(self._items) >= self._limit:
                self._items.clear()
                if not self.flow.newest_only:
                    # The reader has to look at the whole anyway. Flows of every item have gaps among them.
                    self._items.append(Gap("overflow"))  # type: ignore[arg-type]
            self._items.append(item)
        self._news.set()
