"""What a reader is told after a reconnect, and when it is slow."""

import asyncio
import gzip
from typing import Any

import msgspec
import pytest

from openbourse.client import errors
from openbourse.client.coinex import Gap, Subscription
from openbourse.client.coinex.stream import channels, messages
from openbourse.client.coinex.stream.async_stream import socket_url
from openbourse.client.coinex.stream.flows import Books, Deals, Plain
from openbourse.client.coinex.types import BboUpdate, Deal, DealsUpdate, Depth
from tests.client.coinex.test_book import FULL, STEP


def deals(*numbers: int) -> DealsUpdate:
    """Newest first."""
    rows = [{"deal_id": n, "created_at": n, "side": "buy", "price": "1", "amount": "1"} for n in numbers]
    return msgspec.convert({"market": "BTCUSDT", "deal_list": rows}, DealsUpdate)


def ids(items: object) -> list[Any]:
    assert isinstance(items, list)
    return [item if isinstance(item, Gap) else [deal.deal_id for deal in item.deal_list] for item in items]


def test_each_deal_comes_once() -> None:
    flow = Deals()
    assert ids(list(flow.pushed(deals(3, 2, 1)))) == [[3, 2, 1]]
    assert ids(list(flow.pushed(deals(3, 2, 1)))) == []
    assert ids(list(flow.pushed(deals(5, 4, 3)))) == [[5, 4]]
    assert ids(list(flow.pushed(deals(4)))) == []
    assert isinstance(deals(1).deal_list[0], Deal)


def test_recent_deals_close_the_gap_of_a_reconnect_when_they_reach_back() -> None:
    flow = Deals()
    list(flow.pushed(deals(2, 1)))
    assert list(flow.reconnected()) == []
    assert ids(list(flow.pushed(deals(4, 3, 2)))) == [[4, 3]]
    list(flow.reconnected())
    assert ids(list(flow.pushed(deals(9, 8)))) == [Gap("reconnected"), [9, 8]]
    assert ids(list(flow.pushed(deals(10)))) == [[10]]


def test_what_is_remembered_is_bounded() -> None:
    flow = Deals()
    for number in range(5_000):
        list(flow.pushed(deals(number)))
    (seen,) = flow._seen.values()
    assert len(seen) == 2_000


async def _nothing(subscription: Subscription[Any]) -> None:
    if subscription.granted is not None and not subscription.granted.done():
        subscription.was_granted()


def bbo(number: int) -> BboUpdate:
    given = dict.fromkeys(("best_bid_price", "best_bid_size", "best_ask_price", "best_ask_size"), "1")
    return msgspec.convert({"market": "BTCUSDT", "updated_at": number} | given, BboUpdate)


def _forgotten(subscription: Subscription[Any]) -> None:
    del subscription


async def test_a_slow_reader_is_told_so() -> None:
    slow = Subscription(channels.BBO, ["BTCUSDT"], Plain[BboUpdate](), 3, _nothing, _nothing, _forgotten)
    async with slow:
        for number in range(5):
            slow.push(bbo(number))
        assert await anext(slow) == Gap("overflow")
        assert [await anext(slow), await anext(slow)] == [bbo(3), bbo(4)]
        slow.was_granted()
        assert await anext(slow) == Gap("reconnected")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await anext(slow)
        slow.push(bbo(9))
        assert await anext(slow) == bbo(9)
    with pytest.raises(StopAsyncIteration):
        await anext(slow)


async def test_a_subscription_that_failed_says_why() -> None:
    broken = Subscription(channels.BBO, [], Plain[BboUpdate](), 3, _nothing, _nothing, _forgotten)
    async with broken:
        broken.push(bbo(1))
        broken.end(errors.UnknownKey(4005, "gone"))
        assert await anext(broken) == bbo(1)
        with pytest.raises(errors.UnknownKey):
            await anext(broken)


def test_messages() -> None:
    assert messages.request(7, "server.ping", {}) == '{"id":7,"method":"server.ping","params":{}}'
    pushed = messages.read(gzip.compress(b'{"method":"bbo.update","data":{"market":"X"},"id":null}'))
    assert isinstance(pushed, messages.Push)
    assert (pushed.channel, bytes(pushed.data)) == ("bbo", b'{"market":"X"}')
    answer = messages.read('{"id":3,"code":20001,"message":"invalid argument"}')
    assert isinstance(answer, messages.Answer)
    assert (answer.id, answer.code, answer.message) == (3, 20001, "invalid argument")
    assert messages.read('{"id":null,"code":20001,"message":"x"}') is None
    assert messages.read('{"method":"news.flash","data":{}}') is None
    for broken in (b"", b"no gzip", gzip.compress(b"{}")[:-3], gzip.compress(b"[" * 100_000), "nothing"):
        with pytest.raises(errors.UnexpectedAnswer):
            messages.read(broken)


def test_what_is_too_long_is_not_unpacked() -> None:
    with pytest.raises(errors.UnexpectedAnswer, match="too long"):
        messages.read(gzip.compress(b" " * (messages.MAX_MESSAGE + 1)))


def test_addresses() -> None:
    assert socket_url("http://127.0.0.1:8080/") == "ws://127.0.0.1:8080/v2/spot"
    assert socket_url("wss://socket.coinex.com/v2/spot/") == "wss://socket.coinex.com/v2/spot"
    with pytest.raises(ValueError, match="not an address"):
        socket_url("127.0.0.1:8080")


async def test_a_new_beginning_that_does_not_come_is_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr("openbourse.client.coinex.stream.flows._ASK_AGAIN", 0.0)
    flow = Books("BTCUSDT", asked.append)
    full, step = (msgspec.json.decode(text, type=Depth) for text in (FULL, STEP))
    assert list(flow.pushed(step)) == []
    assert list(flow.pushed(step)) == []
    assert asked
    assert [view.market for view in flow.pushed(full)] == ["BTCUSDT"]
    asked.clear()
    assert list(flow.pushed(msgspec.structs.replace(step, is_full=True))) == []
    assert asked == [1]
    await asyncio.sleep(0.01)
    assert list(flow.pushed(step)) == []
    assert asked == [1, 2]
    assert len(list(flow.pushed(full))) == 1
    flow.reconnected()
    assert list(flow.pushed(step)) == [], "what was known is worth nothing now"
