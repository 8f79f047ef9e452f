"""Keeper: sees to it that there is a connection, and that it is alive."""

import asyncio
import logging
import random
from collections.abc import Coroutine
from typing import Any, Final

from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from openbourse.client.coinex.signer import Signer
from openbourse.client.coinex.stream.connection import Connection
from openbourse.client.coinex.stream.messages import MAX_MESSAGE
from openbourse.client.coinex.stream.patience import Patience
from openbourse.client.coinex.stream.registry import Registry
from openbourse.client.errors import AuthenticationError, ClientError, InvalidRequest, Unreachable
from openbourse.client.loopback import is_loopback

_log: Final = logging.getLogger(__name__)


class Keeper:
    """Connects, signs, lets the registry subscribe, and begins again when the connection is lost."""

    def __init__(self, url: str, signer: Signer, patience: Patience, registry: Registry) -> None:
        self.reconnects = 0
        self._url = url
        self._signer = signer
        self._patience = patience
        self._registry = registry
        self._connected = asyncio.Event()
        self._steady = False
        self._work: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Returns when the first connection is there; raises ClientError when it fails."""
        self._registry.open = True
        self._work = asyncio.create_task(self._run())
        connected = asyncio.create_task(self._connected.wait())
        try:
            await asyncio.wait({connected, self._work}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            connected.cancel()
        if self._registry.failure is not None:
            raise self._registry.failure

    async def stop(self) -> None:
        """End the connection and all that depends on it."""
        if self._work is not None:
            self._work.cancel()
            await asyncio.gather(self._work, return_exceptions=True)
        await self._registry.close(None)

    async def _run(self) -> None:
        """One connection after the other, until it makes no sense to try again."""
        pause = self._patience.first
        while True:
            self._steady = False
            try:
                await self._live()
            except ClientError as error:
                _log.info("connection to %s lost: %s", self._url, error)
                # Somebody waits for the first one; nobody can do anything about a key that is refused.
                if not self._connected.is_set() or isinstance(error, AuthenticationError | InvalidRequest):
                    await self._registry.close(error)
                    return
            except Exception as error:  # noqa: BLE001 - see below
                # Nobody looks at this task: its readers would wait for ever, and never know.
                _log.exception("the stream to %s cannot go on", self._url)
                failure = Unreachable(f"{self._url}: {error!r}")
                failure.__cause__ = error
                await self._registry.close(failure)
                return
            if self._steady:
                pause = self._patience.first
            await asyncio.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 - so that not all come at once
            pause = min(2 * pause, self._patience.longest)

    async def _live(self) -> None:
        """One connection from its beginning to its end; raises what ended it."""
        opening = connect(
            self._url,
            compression=None,
            ping_interval=None,  # not every server answers them; the protocol has a ping of its own
            max_size=MAX_MESSAGE,
            open_timeout=self._patience.answer,
            close_timeout=1.0,
            proxy=None if is_loopback(self._url) else True,
        )
        try:
            async with opening as socket:
                connection = Connection(socket, self._registry.deliver, self._patience.answer)
                await _first_of(connection.listen(), self._converse(connection))
        except (OSError, TimeoutError, WebSocketException) as error:
            raise Unreachable(f"{self._url}: {error}") from error
        finally:
            self._registry.connection = None

    async def _converse(self, connection: Connection) -> None:
        if self._signer.key:
            await self._sign(connection)
        if self._connected.is_set():
            self.reconnects += 1
        await self._registry.begin(connection)
        self._connected.set()
        self._steady = True
        while True:
            await asyncio.sleep(self._patience.ping_every)
            await connection.ask("server.ping", {})
            self._registry.revive(self._patience.book)

    async def _sign(self, connection: Connection) -> None:
        now = self._signer.now()
        signature = self._signer.signature(str(now).encode())
        given = {"access_id": self._signer.key, "signed_str": signature, "timestamp": now}
        await connection.ask("server.sign", given)


async def _first_of(*work: Coroutine[Any, Any, None]) -> None:
    """Run all until one of them ends, and raise what it raised."""
    tasks = [asyncio.create_task(each) for each in work]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
