"""One WebSocket of a run: answers in their order, pushes by their streams."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, Final

import aiohttp
import msgspec
from aiohttp import WSMsgType

from openbourse.sandbox.recording.comparison import without_times
from openbourse.sandbox.recording.proxy import inflated
from openbourse.sandbox.recording.wires import SOCKET
from openbourse.wire.recorded import Push

# How many states of one stream are remembered: a recorded one has to be among them.
_STATES: Final = 2_000
_MAX_WAITING: Final = 100_000
_NO_FAREWELL: Final = 1006


class Streams:
    """What pushes add up to: items one by one, and the states that a client went through."""

    def __init__(self) -> None:
        self.items: dict[str, deque[Any]] = {}
        self.states: dict[str, deque[Any]] = {}
        self._folded: dict[str, Any] = {}

    def take(self, push: Push) -> None:
        """One more push."""
        for stream, item in push.items:
            if push.kind == "each":
                self.items.setdefault(stream, deque(maxlen=_MAX_WAITING)).append(item)
            else:
                self._folded[stream] = SOCKET.folded(stream, self._folded.get(stream), item)
                states = self.states.setdefault(stream, deque(maxlen=_STATES))
                states.append(without_times(self._folded[stream], SOCKET.fields))


class Conversation:
    """Reads everything that the venue says, from `open` on."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.streams = Streams()
        self.answers: deque[Any] = deque(maxlen=_MAX_WAITING)
        self.code = 0
        self._socket = socket
        self._news = asyncio.Event()
        self._reader = asyncio.create_task(self._read())

    async def send(self, message: str | bytes) -> None:
        """Does nothing when the venue has hung up: whoever waits for an answer will notice."""
        if not self._socket.closed:
            await (
                self._socket.send_str(message)
                if isinstance(message, str)
                else self._socket.send_bytes(message)
            )

    async def until(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Wait until it holds; False when the time was too short, or the venue has hung up before."""
        try:
            async with asyncio.timeout(seconds):
                while not condition():
                    if self.code:
                        return False
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            return False
        return True

    async def close(self, code: int = 1000) -> None:
        """Hang up."""
        await self._socket.close(code=code)
        self._reader.cancel()
        await asyncio.wait([self._reader])

    async def _read(self) -> None:
        while True:
            message = await self._socket.receive()
            if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                self.code = self._socket.close_code or _NO_FAREWELL
                self._news.set()
                return
            data = message.data.encode() if message.type is WSMsgType.TEXT else inflated(message.data)
            try:
                decoded = msgspec.json.decode(data)
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError):
                decoded = data.decode(errors="replace")
            push = SOCKET.pushed(decoded)
            if push is None:
                self.answers.append(decoded)
            else:
                self.streams.take(push)
            self._news.set()
