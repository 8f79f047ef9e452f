"""Registry: the subscriptions of a stream, and what of them the exchange has to be asked for."""

import asyncio
import contextlib
import logging
from collections.abc import Iterable
from typing import Any, Final, TypeVar

from openbourse.client.coinex.stream import channels
from openbourse.client.coinex.stream.channels import CHANNELS, Channel
from openbourse.client.coinex.stream.connection import Connection
from openbourse.client.coinex.stream.flows import Books, Flow
from openbourse.client.coinex.stream.messages import Push
from openbourse.client.coinex.stream.subscription import Subscription
from openbourse.client.errors import ApiError, ClientError, InvalidRequest, UnexpectedAnswer, Unreachable

O = TypeVar("O")  # noqa: E741 - what goes out

_log: Final = logging.getLogger(__name__)
_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 10.0


class Registry:
    """`connection` is None while there is none; `failure` is why there will be none any more."""

    def __init__(self, queue: int, *, signed: bool) -> None:
        """`queue` bounds what waits for each reader; `signed`: are there private channels?"""
        self.connection: Connection | None = None
        self.failure: ClientError | None = None
        self.open = False
        self.resyncs = 0
        self._queue = queue
        self._signed = signed
        self._subscriptions: dict[Subscription[Any], None] = {}
        self._changing = asyncio.Lock()
        self._chores: set[asyncio.Task[None]] = set()

    def subscription(
        self, channel: Channel[Any], entries: Iterable[Any], flow: Flow[Any, O]
    ) -> Subscription[O]:
        """A new one, which is asked for when its reader enters it."""
        return Subscription(channel, list(entries), flow, self._queue, self._open, self._close, self._abandon)

    async def begin(self, connection: Connection) -> None:
        """Subscribe to all that is wanted, on a new connection."""
        async with self._changing:
            for channel in CHANNELS.values():
                if wanted := self._readers(channel):
                    await self._request(connection, wanted)
            self.connection = connection

    async def close(self, failure: ClientError | None) -> None:
        """End all subscriptions, with an error if there is one, and take no more."""
        self.open, self.failure = False, failure
        for subscription in list(self._subscriptions):
            self._drop(subscription, failure)
        chores = list(self._chores)
        for chore in chores:
            chore.cancel()
        await asyncio.gather(*chores, return_exceptions=True)

    def _readers(self, channel: Channel[Any]) -> list[Subscription[Any]]:
        return [each for each in self._subscriptions if each.channel is channel]

    async def _open(self, subscription: Subscription[Any]) -> None:
        """Ask for it now, or as soon as there is a connection again."""
        self._check(subscription)
        self._subscriptions[subscription] = None
        try:
            async with self._changing:
                # A new connection may have asked for it meanwhile.
                waiting = subscription.granted is not None and not subscription.granted.done()
                if self.connection is not None and waiting:
                    await self._ask_for(subscription, self.connection)
        except BaseException:
            # Its reader has given up before there was an answer: no connection is to be asked for it.
            self._abandon(subscription)
            raise

    def _abandon(self, subscription: Subscription[Any]) -> None:
        self._subscriptions.pop(subscription, None)

    async def _ask_for(self, subscription: Subscription[Any], connection: Connection) -> None:
        try:
            await self._request(connection, [subscription])
        except ApiError as error:
            self._drop(subscription, error)
        except Unreachable:
            pass  # the next connection asks for it

    def _check(self, subscription: Subscription[Any]) -> None:
        if self.failure is not None:
            raise self.failure
        if not self.open:
            raise RuntimeError("the stream is not open")
        if subscription.channel.private and not self._signed:
            raise ValueError("private channels need a key: give the stream `key` and `secret`")
        if subscription.channel is channels.DEPTH:
            (entry,) = subscription.entries
            for other in self._readers(channels.DEPTH):
                if other.entries[0][0] == entry[0] and other.entries[0] != entry:
                    raise ValueError("a stream shows one depth of a market: use another stream for another")

    async def _request(self, connection: Connection, wanted: list[Subscription[Any]]) -> None:
        """Subscribe for several readers at once, or for each alone if one of them wants what there is not."""

        def granted() -> None:
            for subscription in wanted:
                subscription.was_granted()

        channel = wanted[0].channel
        try:
            await connection.ask(f"{channel.name}.subscribe", {channel.list_name: _merged(wanted)}, granted)
        except InvalidRequest as error:
            if len(wanted) == 1:
                self._drop(wanted[0], error)
                return
            for subscription in wanted:
                await self._request(connection, [subscription])

    async def _close(self, subscription: Subscription[Any]) -> None:
        """Unsubscribe from what nobody else wants."""
        if self._subscriptions.pop(subscription, 0) == 0:
            return
        channel, entries = subscription.channel, subscription.entries
        async with self._changing:
            others = self._readers(channel)
            left = _merged(others)
            connection = self.connection
            if connection is None or (others and not left):
                return
            gone = [entry for entry in entries if entry not in left]
            if channel is channels.DEPTH:
                gone = [entry[0] for entry in gone]
            with contextlib.suppress(ClientError):
                if gone or not entries:
                    await connection.ask(f"{channel.name}.unsubscribe", {channel.list_name: gone})
                if others and not entries:
                    await connection.ask(f"{channel.name}.subscribe", {channel.list_name: left})

    def _drop(self, subscription: Subscription[Any], error: Exception | None) -> None:
        self._subscriptions.pop(subscription, None)
        subscription.end(error)

    def deliver(self, push: Push) -> None:
        """Give a push to those who want it."""
        channel = CHANNELS.get(push.channel)
        wanted = [] if channel is None else self._readers(channel)
        if channel is None or not wanted:
            return
        try:
            items = channel.read(push.data)
        except UnexpectedAnswer as error:
            for subscription in wanted:
                self._drop(subscription, error)
            return
        for topic, item in items:
            for subscription in wanted:
                if subscription.wants(topic):
                    subscription.push(item)

    def resync(self, subscription: Subscription[Any], misses: int) -> None:
        """Let the book of a market begin anew, the later the more often it did not fit."""
        pause = 0.0 if misses <= 1 else min(_PAUSE * 2**misses, _LONGEST_PAUSE)
        chore = asyncio.create_task(self._begin_anew(subscription, pause))
        self._chores.add(chore)
        chore.add_done_callback(self._chores.discard)

    def revive(self, silence: float) -> None:
        """Let those books begin anew that nothing was heard of for so many seconds."""
        now = asyncio.get_running_loop().time()
        for subscription in self._readers(channels.DEPTH):
            flow = subscription.flow
            if isinstance(flow, Books) and now - flow.heard_at > silence:
                flow.heard_at = now
                self.resync(subscription, 1)

    async def _begin_anew(self, subscription: Subscription[Any], pause: float) -> None:
        """A repeated subscription is answered with the whole window."""
        self.resyncs += 1
        _log.info("the book of %s is not the exchange's", subscription.entries[0][0])
        await asyncio.sleep(pause)
        async with self._changing:
            if self.connection is not None and subscription in self._subscriptions:
                with contextlib.suppress(ClientError):
                    given = {"market_list": subscription.entries}
                    await self.connection.ask("depth.subscribe", given)


def _merged(subscriptions: list[Subscription[Any]]) -> list[Any]:
    """What all of them want together; nothing named means everything."""
    if not all(subscription.entries for subscription in subscriptions):
        return []
    found: list[Any] = []
    for subscription in subscriptions:
        found += [entry for entry in subscription.entries if entry not in found]
    return found
