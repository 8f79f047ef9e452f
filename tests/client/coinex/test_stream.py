"""Streams against a venue that goes wrong in every way that its fault desk knows."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Callable, Iterator
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from openbourse.client import errors
from openbourse.client.coinex import AsyncStream, Gap, Patience, Subscription
from openbourse.client.coinex.stream import keeper
from openbourse.client.coinex.stream.channels import CHANNELS
from openbourse.client.coinex.stream.messages import Push
from openbourse.sandbox.faults.rules import PushFault
from openbourse.testing import SandboxUser
from tests.client.coinex.world import BTC, World
from tests.client.strict import compare

LIMIT = 30.0
_DEPTH_FAULTS: tuple[PushFault, ...] = ("drop", "duplicate", "reorder", "wrong_checksum")
QUICK = Patience(ping_every=0.2, answer=25.0, first=0.02, longest=0.2)


@pytest.fixture(autouse=True)
def no_faults_afterwards(world: World) -> Iterator[None]:
    yield
    world.sandbox.faults.clear()


@pytest.fixture
def carol(world: World) -> SandboxUser:
    return world.sandbox.user("carol", USDT=100_000, BTC=1)


@pytest.fixture
async def stream(world: World, carol: SandboxUser) -> AsyncIterator[AsyncStream]:
    async with AsyncStream(world.sandbox.url, carol.api_key, carol.secret, patience=QUICK) as stream:
        yield stream


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(LIMIT):
        while not condition():  # noqa: ASYNC110 - what is waited for happens on another thread
            await asyncio.sleep(0.01)


async def following(subscription: Subscription[Any]) -> Any:
    """The next item, whatever it is."""
    async with asyncio.timeout(LIMIT):
        return await anext(subscription)


async def soon(subscription: Subscription[Any]) -> Any:
    """The next item if one comes within two ticks, else None."""
    try:
        async with asyncio.timeout(0.4):
            return await anext(subscription)
    except TimeoutError:
        return None


async def traded(subscription: Subscription[Any], amount: str, seen: set[int]) -> None:
    """A deal of that amount comes, and until then none that was seen before, and no gap."""
    while True:
        update = await following(subscription)
        numbers = {deal.deal_id for deal in update.deal_list}
        assert not numbers & seen
        seen |= numbers
        if Decimal(amount) in [deal.amount for deal in update.deal_list]:
            return


async def reconnected(world: World, stream: AsyncStream) -> None:
    before = stream.reconnects
    async with asyncio.timeout(LIMIT):
        while stream.reconnects == before:
            # It may have struck a connection of the test before, which the venue still has.
            world.sandbox.faults.add("disconnect", count=1)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(3):
                    await until(lambda: stream.reconnects > before)


def trade(world: World, user: SandboxUser, amount: str = "0.001") -> None:
    world.sandbox.place(user, BTC, "buy", amount)


async def test_every_channel_tells_all_that_is_pushed(
    world: World, carol: SandboxUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    pushed: dict[str, Any] = {}

    def kept(self: Any, push: Push) -> None:
        pushed[push.channel] = push.data

    monkeypatch.setattr("openbourse.client.coinex.stream.registry.Registry.deliver", kept)
    async with AsyncStream(world.sandbox.url, carol.api_key, carol.secret, patience=QUICK) as stream:
        wanted: list[Subscription[Any]] = [stream.tickers(BTC), stream.bbo(BTC), stream.index()]
        wanted += [stream.deals(BTC), stream.depth(BTC), stream.orders(BTC), stream.stop_orders()]
        wanted += [stream.user_deals(BTC), stream.balances("USDT"), stream.notices()]
        for subscription in wanted:
            await subscription.__aenter__()
        trade(world, carol)
        await stop_of(world, carol)
        # Nobody plans maintenance, so nothing is noticed.
        await until(lambda: set(pushed) >= set(CHANNELS) - {"notice"})
    for name, data in pushed.items():
        raw = msgspec.json.decode(data)
        items = [item for _, item in CHANNELS[name].read(data)]
        lists = [value for key, value in raw.items() if key in ("state_list", "balance_list")]
        for item, part in zip(items, lists[0] if lists else [raw], strict=True):
            compare(item, part, name)


async def stop_of(world: World, user: SandboxUser) -> int:
    async with world.sandbox.coinex_async(user) as client:
        placed = await client.spot.place_stop_order(
            market=BTC, side="buy", type="limit", amount="0.001", price=1000, trigger_price=90_000
        )
        return placed.stop_id


async def test_public_channels(world: World, stream: AsyncStream, carol: SandboxUser) -> None:
    async with stream.tickers(BTC) as tickers, stream.bbo(BTC) as bbo, stream.deals(BTC) as deals:
        ticker = await following(tickers)
        assert (ticker.market, ticker.last) == (BTC, world.client.spot.tickers(market=[BTC])[0].last)
        best = await following(bbo)
        assert best.best_bid_price < best.best_ask_price
        recent = await following(deals)
        assert len(recent.deal_list) >= 2
        trade(world, carol, "0.002")
        await traded(deals, "0.002", {deal.deal_id for deal in recent.deal_list})


async def test_private_channels(world: World, stream: AsyncStream, carol: SandboxUser) -> None:
    async with (
        stream.orders(BTC) as orders,
        stream.user_deals() as deals,
        stream.balances("BTC") as balances,
        stream.stop_orders() as stops,
    ):
        world.sandbox.place(carol, BTC, "buy", "0.003", client_id="mine")
        order = await following(orders)
        assert (order.event, order.order.client_id, order.order.side) == ("finish", "mine", "buy")
        deal = await following(deals)
        assert (deal.order_id, deal.amount) == (order.order.order_id, Decimal("0.003"))
        assert (await following(balances)).available == world.sandbox.available(carol, "BTC")
        number = await stop_of(world, carol)
        stop = await following(stops)
        assert (stop.event, stop.stop.stop_id) == ("put", number)


async def test_readers_share_a_connection_and_get_what_they_asked_for(
    world: World, stream: AsyncStream
) -> None:
    async with stream.bbo(BTC) as one, stream.bbo() as everything:
        markets: set[str] = set()
        while len(markets) < 3:
            markets.add((await following(everything)).market)
        assert (await following(one)).market == BTC
        await everything.close()
        while one._items:
            await following(one)
        world.sandbox.quote(BTC, 61_000)
        assert (await following(one)).best_bid_price == Decimal("60969.5")
        world.sandbox.quote(BTC, 60_000)
        with pytest.raises(StopAsyncIteration):
            while True:
                await following(everything)


async def test_a_book_is_always_the_exchanges(world: World, stream: AsyncStream) -> None:
    async with stream.book(BTC, limit=5) as books:
        for price in (60_100, 60_200, 60_150):
            world.sandbox.quote(BTC, price)
            bid, ask = world.sandbox.best(BTC)
            view = await following(books)
            while (view.best_bid[0], view.best_ask[0]) != (bid, ask):
                view = await following(books)
            depth = world.client.spot.depth(market=BTC, limit=5).depth
            assert (list(view.bids), list(view.asks)) == (depth.bids, depth.asks)
        assert stream.resyncs == 0
        world.sandbox.quote(BTC, 60_000)


@pytest.mark.parametrize("kind", ["wrong_checksum", "drop", "reorder"])
async def test_a_book_that_does_not_fit_begins_anew(world: World, stream: AsyncStream, kind: Any) -> None:
    async with stream.book(BTC) as books:
        assert (await following(books)).best_bid is not None
        world.sandbox.faults.add(kind, channel=f"depth.update/{BTC}", count=1)
        async with asyncio.timeout(LIMIT):
            for price in itertools.count(62_000, 100):
                world.sandbox.quote(BTC, price)
                await asyncio.sleep(0.25)  # most changes get a push of their own then
                if stream.resyncs:
                    break
        bid = world.sandbox.best(BTC)[0]
        while (await following(books)).best_bid[0] != bid:
            pass
        assert world.sandbox.faults.injected(kind)
        world.sandbox.quote(BTC, 60_000)


async def test_a_book_of_which_nothing_is_heard_begins_anew(world: World, carol: SandboxUser) -> None:
    silent = Patience(ping_every=0.05, book=0.2)
    async with AsyncStream(world.sandbox.url, patience=silent) as stream, stream.book(BTC) as books:
        await following(books)
        await until(lambda: stream.resyncs >= 1)
        assert (await following(books)).best_bid is not None


async def test_a_book_through_a_storm(world: World, stream: AsyncStream) -> None:
    faults, views, view = world.sandbox.faults, 0, None
    prices = itertools.count(60_000, 10)
    async with stream.book(BTC) as books, asyncio.timeout(2 * LIMIT):
        for kind in _DEPTH_FAULTS:
            faults.add(kind, channel=f"depth.update/{BTC}", probability=0.3)
        while stream.resyncs < 2 or views < 3:
            world.sandbox.quote(BTC, next(prices), levels=15)
            view = await soon(books)
            if view is not None:
                bids, asks = [at for at, _ in view.bids], [at for at, _ in view.asks]
                assert bids == sorted(bids, reverse=True)
                assert asks == sorted(asks)
                assert bids[0] < asks[0]
                views += 1
        faults.clear()
        while view is None or (view.best_bid[0], view.best_ask[0]) != world.sandbox.best(BTC):
            world.sandbox.quote(BTC, next(prices))
            view = await soon(books)
    world.sandbox.quote(BTC, 60_000)


async def test_a_lost_connection_is_made_again(world: World, stream: AsyncStream, carol: SandboxUser) -> None:
    async with (
        stream.orders() as orders,
        stream.book(BTC) as books,
        stream.deals(BTC) as deals,
        stream.bbo(BTC) as bbo,
    ):
        assert (await following(books)).market == BTC
        seen = {deal.deal_id for deal in (await following(deals)).deal_list}
        await following(bbo)
        await reconnected(world, stream)
        assert await following(orders) == Gap("reconnected")
        assert await following(bbo) == Gap("reconnected")
        assert (await following(bbo)).market == BTC
        assert (await following(books)).best_bid is not None
        world.sandbox.place(carol, BTC, "buy", "0.004", client_id="again")
        assert (await following(orders)).order.client_id == "again"
        # Recent deals reach back: there is no gap, and none comes twice.
        await traded(deals, "0.004", seen)


async def test_what_was_missed_between_two_connections_is_there_afterwards(
    world: World, stream: AsyncStream, carol: SandboxUser
) -> None:
    async with stream.deals(BTC) as deals:
        seen = {deal.deal_id for deal in (await following(deals)).deal_list}
        world.sandbox.faults.add("maintenance")
        world.sandbox.faults.add("disconnect", count=1)
        trade(world, carol, "0.005")
        world.sandbox.faults.clear()
        await traded(deals, "0.005", seen)


async def test_a_connection_that_says_nothing_is_given_up(world: World, carol: SandboxUser) -> None:
    patience = Patience(ping_every=0.05, answer=8.0, first=0.02, longest=0.2)
    url, key, secret = world.sandbox.url, carol.api_key, carol.secret
    async with AsyncStream(url, key, secret, patience=patience) as stream, stream.orders() as orders:
        connection = stream._registry.connection
        assert connection is not None
        connection._patience = 0.3
        world.sandbox.faults.add("stall", channel="answer", count=1, seconds=3600)
        assert await following(orders) == Gap("reconnected")
        assert stream.reconnects >= 1


async def test_refusals(world: World, stream: AsyncStream, carol: SandboxUser) -> None:
    with pytest.raises(errors.InvalidParameter):
        await stream.tickers("NOPEUSDT").__aenter__()
    with pytest.raises(errors.InvalidParameter):
        async for _ in stream.book(BTC, limit=7):
            pass
    async with stream.book(BTC) as books:
        with pytest.raises(ValueError, match="one depth of a market"):
            await stream.depth(BTC, limit=50).__aenter__()
        await following(books)
    async with stream.depth(BTC, limit=50) as depth:
        assert (await following(depth)).is_full
    async with AsyncStream(world.sandbox.url, patience=QUICK) as nobody:
        with pytest.raises(ValueError, match="need a key"):
            await nobody.orders().__aenter__()
    with pytest.raises(RuntimeError, match="not open"):
        await nobody.tickers().__aenter__()
    with pytest.raises(errors.InvalidSignature):
        await AsyncStream(world.sandbox.url, carol.api_key, "wrong", patience=QUICK).__aenter__()
    with pytest.raises(errors.Unreachable):
        await AsyncStream("ws://127.0.0.1:1", patience=QUICK).__aenter__()


async def test_a_key_that_is_refused_later_ends_the_stream(world: World) -> None:
    key = world.key_of_desk()
    async with AsyncStream(world.sandbox.url, key.access_id, key.secret_key, patience=QUICK) as stream:
        async with stream.orders() as orders:
            world.client.sub_accounts.delete_key(api_id=key.api_id)
            with pytest.raises(errors.InvalidSignature):
                while True:
                    await following(orders)
        with pytest.raises(errors.InvalidSignature):
            await stream.orders().__aenter__()


async def test_closing_ends_what_waits(world: World) -> None:
    stream = AsyncStream(world.sandbox.url, patience=QUICK)
    async with stream:
        tickers = stream.tickers(BTC)
        await following(tickers)
        waiting = asyncio.create_task(anext(tickers))
        await asyncio.sleep(0)
    with pytest.raises(StopAsyncIteration):
        await waiting


async def test_whatever_ends_the_work_ends_the_readers(
    world: World, stream: AsyncStream, monkeypatch: pytest.MonkeyPatch
) -> None:
    def connect(*_: object, **__: object) -> None:
        raise ImportError("connecting through a SOCKS proxy requires python-socks")

    async with stream.tickers(BTC) as tickers:
        await following(tickers)
        monkeypatch.setattr(keeper, "connect", connect)
        world.sandbox.faults.add("disconnect", count=1)
        with pytest.raises(errors.Unreachable, match="python-socks"):
            while True:
                await following(tickers)
    with pytest.raises(errors.Unreachable, match="python-socks"):
        await AsyncStream(world.sandbox.url, patience=QUICK).__aenter__()
