"""What a stream asks the exchange for, and what it no longer wants."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, cast

import pytest
from msgspec import Raw

from openbourse.client import errors
from openbourse.client.coinex import Gap
from openbourse.client.coinex.stream import channels
from openbourse.client.coinex.stream.connection import Connection, ConnectionLost
from openbourse.client.coinex.stream.flows import Books, Plain
from openbourse.client.coinex.stream.messages import Push
from openbourse.client.coinex.stream.registry import Registry
from openbourse.client.coinex.stream.subscription import Subscription


class Exchange:
    """Stands for a connection; `refuses` are names that it does not know."""

    def __init__(self, *refuses: str) -> None:
        self.asked: list[tuple[str, Any]] = []
        self.lost = False
        self._refuses = set(refuses)

    async def ask(
        self, method: str, params: Mapping[str, Any], granted: Callable[[], None] | None = None
    ) -> None:
        if self.lost:
            raise ConnectionLost("gone")
        (entries,) = params.values()
        self.asked.append((method, entries))
        if method.endswith(".subscribe") and self._refuses & set(map(str, entries)):
            raise errors.InvalidParameter(20001, "invalid argument")
        if granted is not None:
            granted()


def connected(exchange: Exchange) -> Registry:
    registry = Registry(100, signed=True)
    registry.open = True
    registry.connection = cast("Connection", exchange)
    return registry


def bbo(registry: Registry, *markets: str) -> Subscription[Any]:
    return registry.subscription(channels.BBO, markets, Plain())


async def test_only_what_nobody_else_wants_is_given_up() -> None:
    exchange = Exchange()
    registry = connected(exchange)
    async with bbo(registry, "A", "B"):
        async with bbo(registry, "B", "C"):
            pass
        async with bbo(registry):
            pass
        async with bbo(registry, "A"):
            pass
    assert exchange.asked == [
        ("bbo.subscribe", ["A", "B"]),
        ("bbo.subscribe", ["B", "C"]),
        ("bbo.unsubscribe", ["C"]),
        ("bbo.subscribe", []),
        ("bbo.unsubscribe", []),
        ("bbo.subscribe", ["A", "B"]),
        ("bbo.subscribe", ["A"]),
        ("bbo.unsubscribe", ["A", "B"]),
    ]


async def test_depth_is_given_up_by_name() -> None:
    exchange = Exchange()
    registry = connected(exchange)
    entry = ["A", 20, "0", False]
    async with registry.subscription(channels.DEPTH, [entry], Books("A", lambda misses: None)):
        pass
    assert exchange.asked == [("depth.subscribe", [entry]), ("depth.unsubscribe", ["A"])]


async def test_a_new_connection_is_asked_for_everything_at_once() -> None:
    registry = connected(Exchange())
    async with bbo(registry, "A") as one, bbo(registry, "B") as other:
        again = Exchange()
        registry.connection = None
        await registry.begin(cast("Connection", again))
        assert again.asked == [("bbo.subscribe", ["A", "B"])]
        assert await anext(one) == await anext(other) == Gap("reconnected")


async def test_a_market_that_is_gone_ends_only_those_who_wanted_it() -> None:
    registry = connected(Exchange())
    async with bbo(registry, "A") as one, bbo(registry, "GONE") as other:
        again = Exchange("GONE")
        await registry.begin(cast("Connection", again))
        assert again.asked[1:] == [("bbo.subscribe", ["A"]), ("bbo.subscribe", ["GONE"])]
        assert await anext(one) == Gap("reconnected")
        with pytest.raises(errors.InvalidParameter):
            await anext(other)


async def test_what_is_wanted_while_there_is_no_connection_comes_with_the_next() -> None:
    exchange = Exchange()
    exchange.lost = True
    registry = connected(exchange)
    subscription = bbo(registry, "A")
    subscription.granted = asyncio.get_running_loop().create_future()
    await registry._open(subscription)
    assert not subscription.granted.done()
    again = Exchange()
    await registry.begin(cast("Connection", again))
    assert subscription.granted.done()
    async with subscription:
        assert again.asked == [("bbo.subscribe", ["A"])]
        assert not subscription._items


async def test_a_push_that_cannot_be_read_ends_its_readers() -> None:
    registry = connected(Exchange())
    async with bbo(registry) as subscription:
        registry.deliver(Push("unheard-of", Raw(b"{}")))
        registry.deliver(Push("bbo", Raw(b'{"market":7}')))
        with pytest.raises(errors.UnexpectedAnswer, match="a push of bbo"):
            await anext(subscription)


class SlowExchange(Exchange):
    """Answers when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.was_asked = asyncio.Event()
        self.answers = asyncio.Event()

    async def ask(
        self, method: str, params: Mapping[str, Any], granted: Callable[[], None] | None = None
    ) -> None:
        self.was_asked.set()
        await self.answers.wait()
        await super().ask(method, params, granted)


async def given_up(entering: "asyncio.Task[Any]") -> None:
    entering.cancel()
    with pytest.raises(asyncio.CancelledError):
        await entering


async def test_a_reader_who_gives_up_before_the_answer_is_not_asked_for_again() -> None:
    slow = SlowExchange()
    registry = connected(slow)
    impatient = bbo(registry, "A")
    entering = asyncio.create_task(impatient.__aenter__())
    await slow.was_asked.wait()
    await given_up(entering)
    slow.answers.set()
    again = Exchange()
    async with bbo(registry, "B"):
        await registry.begin(cast("Connection", again))
        assert again.asked == [("bbo.subscribe", ["B"])]
        async with impatient:
            assert again.asked[1:] == [("bbo.subscribe", ["A"])]


async def test_a_reader_may_give_up_while_a_new_connection_asks_for_it() -> None:
    registry = Registry(100, signed=True)
    registry.open = True
    waiting = bbo(registry, "A")
    entering = asyncio.create_task(waiting.__aenter__())
    await asyncio.sleep(0)
    slow = SlowExchange()
    beginning = asyncio.create_task(registry.begin(cast("Connection", slow)))
    await slow.was_asked.wait()
    late = bbo(registry, "B")
    entering_late = asyncio.create_task(late.__aenter__())
    await asyncio.sleep(0)
    await given_up(entering_late)
    late.was_granted()  # as the answer for all says, when it was asked for among them
    slow.answers.set()
    await beginning
    await entering
    assert slow.asked == [("bbo.subscribe", ["A"])]
    await waiting.close()


async def test_a_reader_who_gives_up_while_there_is_no_connection_is_forgotten() -> None:
    registry = Registry(100, signed=True)
    registry.open = True
    entering = asyncio.create_task(bbo(registry, "A").__aenter__())
    await asyncio.sleep(0)
    await given_up(entering)
    exchange = Exchange()
    await registry.begin(cast("Connection", exchange))
    assert exchange.asked == []
