"""Connection: one WebSocket for as long as it lives: questions and their answers, pushes, a pulse."""

import asyncio
from collections.abc import Callable, Mapping

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from openbourse.client.coinex.codes import error_of
from openbourse.client.coinex.stream.messages import Answer, Push, read, request
from openbourse.client.errors import UnexpectedAnswer, Unreachable


class ConnectionLost(Unreachable):
    """The connection has ended, or does not answer."""


class Connection:
    """`deliver` is called for every push, between the answers around it."""

    def __init__(self, socket: ClientConnection, deliver: Callable[[Push], None], patience: float) -> None:
        """`patience`: how many seconds an answer may take."""
        self._socket = socket
        self._deliver = deliver
        self._patience = patience
        self._number = 0
        self._waiting: dict[int, tuple[asyncio.Future[Answer], Callable[[], None] | None]] = {}

    async def ask(
        self, method: str, params: Mapping[str, object], granted: Callable[[], None] | None = None
    ) -> Answer:
        """The answer; raises ApiError for a refusal, ConnectionLost when none comes.

        `granted` is called before any push that follows the answer is delivered.
        """
        self._number += 1
        number = self._number
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting[number] = (future, granted)
        try:
            async with asyncio.timeout(self._patience):
                await self._socket.send(request(number, method, params))
                return await future
        except (TimeoutError, ConnectionClosed) as error:
            raise ConnectionLost(f"no answer to {method}: {str(error) or 'time-out'}") from error
        finally:
            self._waiting.pop(number, None)

    async def listen(self) -> None:
        """Take in what comes until the connection ends; raises ConnectionLost then."""
        try:
            while True:
                self._take(await self._socket.recv())
        except (ConnectionClosed, UnexpectedAnswer) as error:
            lost = ConnectionLost(str(error))
            for future, _ in self._waiting.values():
                if not future.done():
                    future.set_exception(lost)
            raise lost from error

    def _take(self, frame: bytes | str) -> None:
        message = read(frame)
        if isinstance(message, Push):
            self._deliver(message)
        elif message is not None and message.id in self._waiting:
            future, granted = self._waiting[message.id]
            if future.done():
                return
            if message.code:
                future.set_exception(error_of(message.code, message.message))
                return
            if granted is not None:
                granted()
            future.set_result(message)
