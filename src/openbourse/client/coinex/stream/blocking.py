"""Stream: an AsyncStream on a thread of its own, for programs that are not asynchronous."""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine
from typing import Any, Concatenate, Generic, ParamSpec, Self, TypeVar, overload

from openbourse.client.coinex.stream.async_stream import AsyncStream
from openbourse.client.coinex.stream.patience import Patience
from openbourse.client.coinex.stream.subscription import Subscription
from openbourse.client.errors import StreamClosed

P = ParamSpec("P")
T = TypeVar("T")
R = TypeVar("R")


class BlockingSubscription(Generic[T]):
    """`with stream.orders() as orders: for order in orders: ...`; see Subscription. For one thread."""

    def __init__(self, subscription: Subscription[T], run: Callable[[Coroutine[Any, Any, Any]], Any]) -> None:
        self._subscription = subscription
        self._run = run

    def __enter__(self) -> Self:
        self._run(self._subscription.__aenter__())
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """See Subscription.close."""
        with contextlib.suppress(StreamClosed):  # it has ended with its stream
            self._run(self._subscription.close())

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> T:
        return self.next()

    def next(self, timeout: float | None = None) -> T:
        """The next item; TimeoutError when none comes in so many seconds, StopIteration at the end."""

        async def wait() -> T:
            async with asyncio.timeout(timeout):
                return await anext(self._subscription)

        try:
            item: T = self._run(wait())
        except (StopAsyncIteration, StreamClosed):
            raise StopIteration from None
        return item


class Channel(Generic[P, T]):
    """A method of AsyncStream that makes subscriptions, for programs that block."""

    def __init__(self, subscribe: Callable[Concatenate[AsyncStream, P], Subscription[T]]) -> None:
        self._subscribe = subscribe
        self.__doc__ = subscribe.__doc__

    @overload
    def __get__(self, stream: None, owner: type[Any]) -> Self: ...
    @overload
    def __get__(self, stream: "Stream", owner: type[Any]) -> Callable[P, BlockingSubscription[T]]: ...
    def __get__(
        self, stream: "Stream | None", owner: type[Any]
    ) -> "Self | Callable[P, BlockingSubscription[T]]":
        """The method of one stream."""
        if stream is None:
            return self

        def method(*args: P.args, **kwargs: P.kwargs) -> BlockingSubscription[T]:
            return BlockingSubscription(self._subscribe(stream.inner, *args, **kwargs), stream.run)

        return method


class Stream:
    """As `AsyncStream`, without asyncio: `with Stream(url, key, secret) as stream: ...`.

    Subscriptions are iterated in the thread that wants them, each in one.
    """

    tickers = Channel(AsyncStream.tickers)
    bbo = Channel(AsyncStream.bbo)
    index = Channel(AsyncStream.index)
    deals = Channel(AsyncStream.deals)
    depth = Channel(AsyncStream.depth)
    book = Channel(AsyncStream.book)
    orders = Channel(AsyncStream.orders)
    stop_orders = Channel(AsyncStream.stop_orders)
    user_deals = Channel(AsyncStream.user_deals)
    balances = Channel(AsyncStream.balances)
    notices = Channel(AsyncStream.notices)

    def __init__(
        self,
        url: str,
        key: str = "",
        secret: str = "",
        *,
        now: Callable[[], int] | None = None,
        patience: Patience | None = None,
        queue: int = 10_000,
    ) -> None:
        """See AsyncStream."""
        self.inner = AsyncStream(url, key, secret, now=now, patience=patience, queue=queue)
        self._closing = threading.Lock()
        self._open = False
        self._loop: asyncio.AbstractEventLoop
        self._thread: threading.Thread

    @property
    def reconnects(self) -> int:
        """How often the connection was lost and made again."""
        return self.inner.reconnects

    @property
    def resyncs(self) -> int:
        """How often a book had to begin anew."""
        return self.inner.resyncs

    def __enter__(self) -> Self:
        """See AsyncStream."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="coinex-stream", daemon=True)
        self._thread.start()
        self._open = True
        try:
            self.run(self.inner.__aenter__())
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """End the connection and all subscriptions, also those that other threads wait for."""
        with self._closing:
            was_open, self._open = self._open, False
        if not was_open:
            return
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _end(self) -> None:
        await self.inner.close()
        # Whoever waits has been told; what was begun in the last moment shall not wait for ever.
        others = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*others, return_exceptions=True)

    def run(self, work: Coroutine[Any, Any, R]) -> R:
        """The result of a coroutine on the stream's thread; raises StreamClosed when there is none."""
        with self._closing:
            if not self._open:
                work.close()
                raise StreamClosed("the stream is closed, or not open yet")
            future = asyncio.run_coroutine_threadsafe(work, self._loop)
        return future.result()
