"""Asking the history from the event loop, without holding the loop up."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from openbourse.history.history import History
from openbourse.history.writer import HistoryUnavailableError, HistoryWriter

T = TypeVar("T")


class HistoryReader:
    """Runs queries in a few threads; at most `waiting` at a time, running and waiting together."""

    def __init__(self, history: History, writer: HistoryWriter, threads: int = 2, waiting: int = 512) -> None:
        self._history = history
        self._writer = writer
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="history-reader")
        self._waiting = waiting
        self._asked = 0

    async def ask(self, query: Callable[[Connection], T], sequence: int) -> T:
        """The answer of `query` over everything up to command `sequence`, and maybe more.

        Give it the core's sequence at the time of asking, and every client sees its own orders.
        Raises HistoryUnavailableError when too many ask, the history is far behind, or the database
        fails.
        """
        if self._asked >= self._waiting:
            raise HistoryUnavailableError("too many queries are waiting")
        self._asked += 1
        try:
            await self._writer.reached(sequence)
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, self._run, query)
        except SQLAlchemyError as error:
            raise HistoryUnavailableError(f"history cannot be read: {type(error).__name__}") from error
        finally:
            self._asked -= 1

    def close(self) -> None:
        self._threads.shutdown(wait=True)

    def _run(self, query: Callable[[Connection], T]) -> T:
        with self._history.engine.connect() as connection:
            return query(connection)
