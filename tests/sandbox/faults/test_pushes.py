"""Each fault of WebSockets, seen by a client made of bytes."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any
from unittest.mock import Mock
from urllib.parse import urlparse

import msgspec
import pytest

from openbourse.sandbox.faults.desk import FaultDesk
from openbourse.sandbox.faults.pushes import FaultyConnection, _message, _split
from openbourse.sandbox.faults.rules import Rule
from openbourse.testing import Sandbox
from openbourse.wire.coinex.ws.messages import frame
from tests.waiting import SECONDS
from tests.wire.coinex.ws.raw_client import ClosedError, RawClient, RefusedError

BTC = "BTC/USDT"


@pytest.fixture(scope="module")
def shared() -> Iterator[Sandbox]:
    with Sandbox.running() as running:
        running.quote(BTC, 50_000)
        yield running


@pytest.fixture
def venue(shared: Sandbox) -> Iterator[Sandbox]:
    yield shared
    shared.faults.clear()


def port(venue: Sandbox) -> int:
    number = urlparse(venue.url).port
    assert number is not None
    return number


@pytest.fixture
async def depth(venue: Sandbox) -> AsyncIterator[RawClient]:
    """A client that has subscribed to depth and read the first book."""
    client = await RawClient.connect(port(venue))
    await client.ask("depth.subscribe", {"market_list": [["BTCUSDT", 5, "0", False]]})
    assert (await push(client))["data"]["is_full"]
    yield client
    client.writer.close()


async def push(client: RawClient, seconds: float = SECONDS) -> dict[str, Any]:
    """The next push."""
    async with asyncio.timeout(seconds):
        while True:
            message = await client.read()
            if message.get("method"):
                return dict(message)


async def bid(venue: Sandbox, price: int) -> None:
    house = venue.user("somebody", USDT=100_000)
    await asyncio.to_thread(venue.place, house, BTC, "buy", "0.01", price)


def best_bid(message: dict[str, Any]) -> float:
    return max(float(price) for price, amount in message["data"]["depth"]["bids"] if float(amount))


async def test_undisturbed(venue: Sandbox, depth: RawClient) -> None:
    await bid(venue, 49_976)
    assert best_bid(await push(depth)) == 49_976
    assert venue.faults.injected() == []


async def test_dropped(venue: Sandbox, depth: RawClient) -> None:
    venue.faults.add("drop", channel="depth.update", count=1)
    await bid(venue, 49_977)
    with pytest.raises(TimeoutError):
        await push(depth, 0.6)
    await bid(venue, 49_978)
    assert best_bid(await push(depth)) == 49_978


async def test_duplicated(venue: Sandbox, depth: RawClient) -> None:
    venue.faults.add("duplicate", channel="depth.update/BTCUSDT", count=1)
    await bid(venue, 49_979)
    assert await push(depth) == await push(depth)


async def test_reordered(venue: Sandbox, depth: RawClient) -> None:
    venue.faults.add("reorder", channel="depth.update", count=1)
    await bid(venue, 49_980)
    with pytest.raises(TimeoutError):
        await push(depth, 0.6)
    await bid(venue, 49_981)
    assert [best_bid(await push(depth)), best_bid(await push(depth))] == [49_981, 49_980]


async def test_a_wrong_checksum(venue: Sandbox, depth: RawClient) -> None:
    venue.faults.add("wrong_checksum", channel="depth.update", count=1)
    watcher = await RawClient.connect(port(venue))
    await watcher.ask("depth.subscribe", {"market_list": [["BTCUSDT", 5, "0", False]]})
    wrong = await push(watcher)
    await bid(venue, 49_982)
    right = await push(watcher)
    assert wrong["data"]["depth"]["checksum"] != right["data"]["depth"]["checksum"]
    assert [fault.kind for fault in venue.faults.injected("wrong_checksum")] == ["wrong_checksum"]
    watcher.writer.close()


async def test_a_stall_is_silent_and_the_connection_stays(venue: Sandbox, depth: RawClient) -> None:
    venue.faults.add("stall", count=1, seconds=1.0)
    await bid(venue, 49_983)
    with pytest.raises(TimeoutError):
        await push(depth, 0.7)
    again: dict[str, Any] = {}
    while not again:
        await bid(venue, 49_984)
        with contextlib.suppress(TimeoutError):
            again = await push(depth, 0.5)
    assert best_bid(again) == 49_984
    assert [fault.kind for fault in venue.faults.injected("stall")] == ["stall"]


async def test_withheld_depth_lets_everything_else_through(venue: Sandbox, depth: RawClient) -> None:
    venue.faults.add("withhold_depth", channel="depth.update", seconds=30, count=1)
    await bid(venue, 49_985)
    with pytest.raises(TimeoutError):
        await push(depth, 0.6)
    assert (await depth.ask("server.ping", {}))["data"] == {"result": "pong"}


async def test_late_pushes_keep_their_order(venue: Sandbox, depth: RawClient) -> None:
    venue.faults.add("push_latency", channel="depth.update", seconds=0.8, count=1)
    began = time.monotonic()
    await bid(venue, 49_986)
    assert best_bid(await push(depth)) == 49_986
    assert time.monotonic() - began >= 0.8
    await bid(venue, 49_987)
    assert best_bid(await push(depth)) == 49_987


async def test_a_disconnect_needs_no_push(venue: Sandbox, depth: RawClient) -> None:
    venue.faults.add("disconnect", count=1)
    with pytest.raises(ClosedError):
        await push(depth)
    (fault,) = venue.faults.injected("disconnect")
    again = await RawClient.connect(port(venue))
    again.writer.close()
    assert fault.kind == "disconnect"


async def test_a_disconnect_at_a_push(venue: Sandbox, depth: RawClient) -> None:
    venue.faults.add("disconnect", channel="depth.update", count=1)
    await bid(venue, 49_988)
    with pytest.raises(ClosedError):
        await push(depth)


async def test_maintenance_takes_no_connections(venue: Sandbox) -> None:
    venue.faults.add("maintenance")
    with pytest.raises(RefusedError) as refused:
        await RawClient.connect(port(venue))
    assert refused.value.status == 503


async def test_what_cannot_be_spoilt_is_not_struck(venue: Sandbox, depth: RawClient) -> None:
    before = len(venue.faults.injected())
    venue.faults.add("wrong_checksum", count=1)
    assert (await depth.ask("server.ping", {}))["data"] == {"result": "pong"}
    assert len(venue.faults.injected()) == before
    await bid(venue, 49_989)
    await push(depth)
    (fault,) = venue.faults.injected()[before:]
    assert (fault.kind, fault.where) == ("wrong_checksum", "depth.update/BTCUSDT")


def sent_through(desk: FaultDesk, *messages: dict[str, Any]) -> list[dict[str, Any]]:
    """What comes out of a connection, message by message."""
    socket = Mock()
    connection = FaultyConnection(socket, desk)
    for message in messages:
        connection.send(frame(msgspec.json.encode(message)))
    leaving = b"".join(call.args[0] for call in socket.send.call_args_list)
    return [_message(part) for part in _split(leaving)]


def pushed(number: int, method: str = "order.update") -> dict[str, Any]:
    return {"method": method, "data": {"event": "put", "order": {"order_id": number, "market": "BTCUSDT"}}}


async def test_a_push_behind_one_that_was_held_back_is_not_held_back_itself() -> None:
    desk = FaultDesk(lambda: 1)
    desk.add(Rule(kind="reorder", count=2))
    got = sent_through(desk, *map(pushed, range(1, 5)))
    assert [message["data"]["order"]["order_id"] for message in got] == [2, 1, 4, 3]
    assert len(desk.injected) == 2


async def test_what_was_dropped_or_withheld_is_not_struck_again() -> None:
    desk = FaultDesk(lambda: 1)
    desk.add(Rule(kind="drop", count=1))
    desk.add(Rule(kind="duplicate", count=1))
    desk.add(Rule(kind="stall", seconds=3600, channel="stop.update", count=1))
    got = sent_through(desk, pushed(1), pushed(2), pushed(3, "stop.update"))
    assert [message["data"]["order"]["order_id"] for message in got] == [2, 2]
    assert [fault.kind for fault in desk.injected] == ["drop", "duplicate", "stall"]


@pytest.mark.parametrize(
    ("method", "data"),
    [
        ("order.update", {"event": "put", "order": {"market": "BTCUSDT"}}),
        ("stop.update", {"event": "put", "stop": {"market": "BTCUSDT"}}),
        ("deals.update", {"market": "BTCUSDT", "deal_list": []}),
    ],
)
async def test_a_channel_may_name_the_market_of_all_that_have_one(method: str, data: dict[str, Any]) -> None:
    desk = FaultDesk(lambda: 1)
    desk.add(Rule(kind="drop", channel=f"{method}/ETHUSDT"))
    desk.add(Rule(kind="duplicate", channel=f"{method}/BTC*"))
    assert sent_through(desk, {"method": method, "data": data}) == [{"method": method, "data": data}] * 2


async def test_pushes_about_many_markets_go_by_their_name_alone() -> None:
    desk = FaultDesk(lambda: 1)
    desk.add(Rule(kind="drop", channel="state.update/*"))
    desk.add(Rule(kind="drop", channel="balance.update"))
    states = {"method": "state.update", "data": {"state_list": [{"market": "BTCUSDT"}]}}
    assert sent_through(desk, states, {"method": "balance.update", "data": {"balance_list": []}}) == []
