"""Waiting with ccxt.pro for what the venue does, as tests.waiting does for the rest."""

import asyncio
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any

from tests.waiting import SECONDS, until


async def same_as_fetched(watched: Callable[[], Any], fetch: Callable[[], Awaitable[Any]]) -> None:
    """Wait until what was watched is what is fetched; the last of both shows if that never happens."""
    end = asyncio.get_running_loop().time() + SECONDS
    fetched = await fetch()
    while watched() != fetched and asyncio.get_running_loop().time() < end:
        await asyncio.sleep(0.1)
        fetched = await fetch()
    assert watched() == fetched


class Answers:
    """What the venue answers to the requests of a ccxt.pro client that has not connected yet."""

    def __init__(self, exchange: Any) -> None:
        self._codes: dict[int, int] = {}
        self._asked: dict[str, list[int]] = {}
        watch, handle_message = exchange.watch, exchange.handle_message

        def asking(url: str, name: str, message: Any = None, *more: Any) -> Any:
            self._asked.setdefault(message["method"], []).append(message["id"])
            return watch(url, name, message, *more)

        def hearing(client: Any, message: Any) -> None:
            if message.get("id") is not None:
                self._codes[message["id"]] = message["code"]
            handle_message(client, message)

        exchange.watch, exchange.handle_message = asking, hearing

    def to(self, method: str) -> list[int]:
        """The codes of the answers to requests of a method, in the order of the requests."""
        return [self._codes[number] for number in self._asked.get(method, ()) if number in self._codes]


class Watching:
    """All that a `watch_...` of ccxt.pro gives, from the moment that the venue has confirmed `method`."""

    def __init__(self, exchange: Any, method: str, watch: Callable[[], Awaitable[Any]]) -> None:
        self.found: list[Any] = []
        self._watch = watch
        self._method = method
        self._answers = Answers(exchange)
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Watching":
        self._task = asyncio.create_task(self._collect())
        await self.until(lambda: self._answers.to(self._method) == [0])
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._task
        self._task.cancel()
        await asyncio.wait([self._task])

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until it holds, or fail as the watching failed."""
        assert self._task
        task = self._task
        await until(lambda: task.done() or holds())
        if task.done():
            task.result()

    async def _collect(self) -> None:
        while True:
            batch = await self._watch()
            # ccxt gives out its own growing list, or a dictionary that it goes on to change
            batch = batch if isinstance(batch, list) else [batch]
            self.found += [dict(each) for each in batch]
