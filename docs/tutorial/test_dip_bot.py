"""What the tutorial is about: the same three bad days for both bots."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from decimal import Decimal
from typing import Any

import ccxt
import pytest
from dip_bot import DipBot, NaiveBot

from openbourse.testing import Sandbox, SandboxUser

# pytest-asyncio runs what is marked, whatever its mode.
pytestmark = pytest.mark.asyncio

BTC = "BTC/USDT"
BOTS = pytest.mark.parametrize("kind", [NaiveBot, DipBot])


@asynccontextmanager
async def running(kind: type[NaiveBot], sandbox: Sandbox, user: SandboxUser) -> AsyncIterator[Any]:
    """A bot at work, which has seen the first price. `bot.task` is over when it has died."""
    exchange = sandbox.ccxt_pro(user, timeout=30_000)
    bot: Any = kind(exchange, BTC, quantity=0.01)
    bot.task = asyncio.create_task(bot.run())
    try:
        await until(lambda: bot.reference > 0)
        yield bot
    finally:
        bot.task.cancel()
        with suppress(asyncio.CancelledError, ccxt.BaseError):
            await bot.task
        await exchange.close()


async def until(happened: Callable[[], bool], seconds: float = 30.0) -> None:
    """Wait for something that the bot is expected to do."""
    async with asyncio.timeout(seconds):
        while not happened():  # noqa: ASYNC110 - it happens in another thread
            await asyncio.sleep(0.02)


def prepared(sandbox: Sandbox) -> SandboxUser:
    sandbox.quote(BTC, 60_000)
    return sandbox.user("bot", USDT=100_000)


@BOTS
async def test_a_dip_is_bought(sandbox: Sandbox, kind: type[NaiveBot]) -> None:
    user = prepared(sandbox)
    async with running(kind, sandbox, user) as bot:
        sandbox.quote(BTC, 59_000)
        await until(lambda: bot.bought == 1)
    assert sum(trade.quantity for trade in sandbox.trades(user, BTC)) == Decimal("0.01")


async def bought_when_the_answer_got_lost(sandbox: Sandbox, kind: type[NaiveBot]) -> Decimal:
    """The order is carried out, but the bot is never told."""
    user = prepared(sandbox)
    async with running(kind, sandbox, user) as bot:
        bot.exchange.timeout = 2_000  # milliseconds of patience with the order
        sandbox.faults.add("lost_after", route="POST /v2/spot/order", count=1, seconds=30)
        sandbox.quote(BTC, 59_000)
        await until(lambda: len(sandbox.faults.injected("lost_after")) == 1)
        bot.exchange.timeout = 30_000
        await until(lambda: bot.bought == 1)
    return sum((trade.quantity for trade in sandbox.trades(user, BTC)), Decimal(0))


async def test_a_lost_answer_makes_the_naive_bot_buy_twice(sandbox: Sandbox) -> None:
    assert await bought_when_the_answer_got_lost(sandbox, NaiveBot) == Decimal("0.02")


async def test_a_lost_answer_is_looked_up(sandbox: Sandbox) -> None:
    assert await bought_when_the_answer_got_lost(sandbox, DipBot) == Decimal("0.01")


async def bought_in_a_crash(sandbox: Sandbox, kind: type[NaiveBot]) -> int:
    """A third is lost within a moment."""
    user = prepared(sandbox)
    async with running(kind, sandbox, user) as bot:
        sandbox.quote(BTC, 40_000)
        await until(lambda: bot.bought >= 30 or getattr(bot, "halted", False))
        sandbox.quote(BTC, 39_000)
        await asyncio.sleep(0.5)
        return int(bot.bought)


async def test_the_naive_bot_catches_the_falling_knife(sandbox: Sandbox) -> None:
    assert await bought_in_a_crash(sandbox, NaiveBot) >= 30


async def test_a_crash_stops_all_buying(sandbox: Sandbox) -> None:
    assert await bought_in_a_crash(sandbox, DipBot) == 0


async def test_a_disconnect_kills_the_naive_bot(sandbox: Sandbox) -> None:
    async with running(NaiveBot, sandbox, prepared(sandbox)) as bot:
        sandbox.faults.add("disconnect", count=1)
        await until(bot.task.done)
        assert isinstance(bot.task.exception(), ccxt.NetworkError)


async def test_after_a_disconnect_it_goes_on(sandbox: Sandbox) -> None:
    user = prepared(sandbox)
    async with running(DipBot, sandbox, user) as bot:
        sandbox.faults.add("disconnect", count=1)
        await until(lambda: bot.reconnects >= 1)
        sandbox.quote(BTC, 59_000)
        await until(lambda: bot.bought == 1)
    assert len(sandbox.trades(user, BTC)) == 1
