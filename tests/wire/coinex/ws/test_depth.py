"""depth (reference/coinex/websocket.md §7, §9): windows, increments, checksums, one window per market."""

import pytest

from openbourse.market_data.depth import Depth as Book
from openbourse.market_data.depth import Level
from openbourse.wire.coinex.ws.depth import FULL_EVERY_TICKS
from openbourse.wire.coinex.ws.depth_window import DepthWindow
from tests.wire.coinex.ws.book_keeper import BookKeeper
from tests.wire.coinex.ws.world import START, Client, World, messages, units


def levels(text: str) -> list[Level]:
    return [(units(price), units(amount)) for price, amount in (pair.split("x") for pair in text.split())]


def book(bids: str, asks: str, last: str = "0", version: int = 0) -> Book:
    return Book(levels(asks), levels(bids), units(last), START, version)


def frame_of(frame: bytes | None) -> dict[str, object]:
    assert frame is not None
    (message,) = messages(frame)
    data: dict[str, object] = message["data"]
    return data


BOOK_A = book("63000.5x0.45 63000x1.05 62999.1x0.3", "63001.2x0.2 63002x0.75 63010x2", "63000.5")
BOOK_B = book("63000.7x0.1 63000.5x0.45 63000x0.9 62999.1x0.3", "63002x0.75 63010x2", "63001.2", 1)


def test_the_vectors_of_the_reference() -> None:
    """Those of §9.3, and its two example messages to the letter."""
    window = DepthWindow("BTCUSDT", BOOK_A)
    assert frame_of(window.full()) == {
        "market": "BTCUSDT",
        "is_full": True,
        "depth": {
            "asks": [["63001.2", "0.2"], ["63002", "0.75"], ["63010", "2"]],
            "bids": [["63000.5", "0.45"], ["63000", "1.05"], ["62999.1", "0.3"]],
            "last": "63000.5",
            "updated_at": START,
            "checksum": 4283540909,
        },
    }
    assert window.advance(BOOK_B)
    step = frame_of(window.step)
    assert step == {
        "market": "BTCUSDT",
        "is_full": False,
        "depth": {
            "asks": [["63001.2", "0"]],
            "bids": [["63000.7", "0.1"], ["63000", "0.9"]],
            "last": "63001.2",
            "updated_at": START,
            "checksum": 3600340876,
        },
    }


@pytest.mark.parametrize(
    ("bids", "asks", "checksum"),
    [
        ("", "63002x0.75 63010x2", 1769136445),
        ("10x1 9.9x2 9.8x3 9.7x4 9.6x5", "10.1x1 10.2x2 10.3x3 10.4x4 10.5x5", 552601187),
        ("10.05x0.5 10x1 9.9x2 9.8x3 9.7x4", "10.1x1 10.2x2 10.3x3 10.4x4 10.5x5", 1994414500),
        ("", "", 0),
    ],
)
def test_checksums_of_the_reference(bids: str, asks: str, checksum: int) -> None:
    depth = frame_of(DepthWindow("X", book(bids, asks)).full())["depth"]
    assert isinstance(depth, dict)
    assert depth["checksum"] == checksum


def test_levels_leave_and_enter_the_window(world: World) -> None:
    for number in range(1, 7):
        world.place(1, "sell", str(number), str(10 + number / 10))
        world.place(1, "buy", str(number), str(10 - number / 10))
    client = world.client()
    keeper = BookKeeper()
    (push,) = client.depth("BTCUSDT", 5, "0", always_full=False)
    keeper.take(push["data"])
    better = world.place(1, "buy", "0.5", "10.05")
    world.tick()
    (step,) = client.take("depth.update")
    assert sorted(step["depth"]["bids"]) == [["10.05", "0.5"], ["9.5", "0"]]
    assert step["depth"]["asks"] == []
    keeper.take(step)
    world.cancel(1, better)
    world.tick()
    (step,) = client.take("depth.update")
    assert sorted(step["depth"]["bids"]) == [["10.05", "0"], ["9.5", "5"]]
    keeper.take(step)


def test_a_side_that_was_empty_comes_full(world: World) -> None:
    client = world.client()
    (push,) = client.depth("BTCUSDT", 5, "0", always_full=False)
    assert push["data"]["depth"] == {"asks": [], "bids": [], "last": "0", "updated_at": 0, "checksum": 0}
    world.place(1, "buy", "1", "10")
    world.tick()
    assert [push["is_full"] for push in client.take("depth.update")] == [True]
    order = world.place(1, "sell", "1", "11")
    world.tick()
    assert [push["is_full"] for push in client.take("depth.update")] == [True]
    world.cancel(1, order)
    world.tick()
    (push,) = client.take("depth.update")
    assert not push["is_full"]
    assert push["depth"]["asks"] == [["11", "0"]]


def test_nothing_changed_nothing_sent_but_for_a_full_book_every_minute(world: World) -> None:
    world.place(1, "buy", "1", "10")
    steps, books = world.client(), world.client()
    steps.depth("BTCUSDT", 5, "0", always_full=False)
    books.depth("BTCUSDT", 5, "0", always_full=True)
    world.place(1, "buy", "1", "10", market="ETHUSDT")
    world.tick(FULL_EVERY_TICKS - 1)
    assert steps.take() == []
    world.tick()
    assert [push["is_full"] for push in steps.take("depth.update")] == [True]
    assert books.take() == []


def test_a_full_book_has_the_newest_last_price_though_its_levels_are_as_before(world: World) -> None:
    world.place(1, "buy", "1", "10")
    world.place(1, "sell", "1", "11", hidden=True)
    first, second = world.client(), world.client()
    first.depth("BTCUSDT", 5, "0", always_full=True)
    world.place(2, "buy", "1", "11", kind="ioc")
    world.tick()
    assert first.take() == []
    (push,) = second.depth("BTCUSDT", 5, "0", always_full=True)
    assert push["data"]["depth"]["bids"] == [["10", "1"]]
    assert (push["data"]["depth"]["last"], push["data"]["depth"]["updated_at"]) == ("11", world.now - 200)


def test_a_change_outside_of_the_window_is_silent(world: World) -> None:
    for number in range(1, 7):
        world.place(1, "buy", "1", str(10 - number))
    client = world.client()
    client.depth("BTCUSDT", 5, "0", always_full=False)
    world.place(1, "buy", "1", "4")
    world.tick()
    assert client.take() == []


def test_a_full_subscription_gets_full_books(world: World) -> None:
    client = world.client()
    client.depth("BTCUSDT", 5, "0", always_full=True)
    for price in ("10", "9", "8"):
        world.place(1, "buy", "1", price)
        world.tick()
    pushes = client.take("depth.update")
    assert [push["is_full"] for push in pushes] == [True] * 3
    assert pushes[-1]["depth"]["bids"] == [["10", "1"], ["9", "1"], ["8", "1"]]


def test_who_comes_between_two_ticks_gets_what_the_next_increment_rests_on(world: World) -> None:
    first, second = world.client(), world.client()
    keeper = BookKeeper()
    world.place(1, "buy", "1", "10")
    world.place(1, "sell", "1", "11")
    first.depth("BTCUSDT", 5, "0", always_full=False)
    gone = world.place(1, "buy", "1", "10.5")
    (push,) = second.depth("BTCUSDT", 5, "0", always_full=False)
    keeper.take(push["data"])
    world.cancel(1, gone)
    world.place(1, "buy", "3", "9")
    world.tick()
    (push,) = second.take("depth.update")
    keeper.take(push)
    assert keeper.bids == {"10": "1", "9": "3"}


def test_a_new_subscription_is_never_older_than_what_was_seen(world: World) -> None:
    """`updated_at` never decreases (websocket.md §7.2), through whatever windows one looks."""
    world.place(1, "buy", "1", "10")
    world.client().depth("BTCUSDT", 10, "0", always_full=True)
    for always_full in (True, False):
        client = world.client()
        order = world.place(1, "buy", "1", "11")
        (push,) = client.depth("BTCUSDT", 5, "0", always_full=True)
        (again,) = client.depth("BTCUSDT", 10, "0", always_full=always_full)
        assert push["data"] == again["data"]
        assert again["data"]["depth"]["bids"][0] == ["11", "1"]
        world.cancel(1, order)
        world.tick()
        (push,) = client.take("depth.update")
        assert (push["is_full"], push["depth"]["bids"][0]) == (True, ["10", "1"])
        world.place(1, "buy", "1", "9")
        world.tick()
        (push,) = client.take("depth.update")
        assert push["is_full"] is always_full, "and then as asked for"


def test_subscribing_again_replaces_the_window_and_sends_it(world: World) -> None:
    world.place(1, "buy", "1", "10.55")
    client = world.client()
    for limit, interval, always_full, price in (
        (5, "0", False, "10.55"),
        (5, "0", False, "10.55"),
        (5, "0", True, "10.55"),
        (10, "1", True, "10"),
    ):
        (push,) = client.depth("BTCUSDT", limit, interval, always_full=always_full)
        assert push["data"]["is_full"]
        assert push["data"]["depth"]["bids"] == [[price, "1"]]
    assert world.hub.spot["depth"].count(client.session) == 1
    world.place(1, "buy", "1", "10.15")
    world.tick()
    (push,) = client.take("depth.update")
    assert push["depth"]["bids"] == [["10", "2"]]


@pytest.mark.parametrize(
    "entry",
    [
        ["NOPE", 5, "0", True],
        ["BTCUSDT", 6, "0", True],
        ["BTCUSDT", "5", "0", True],
        ["BTCUSDT", True, "0", True],
        ["BTCUSDT", 5.0, "0", True],
        ["BTCUSDT", 5, "0.3", True],
        ["BTCUSDT", 5, "10000", True],
        ["BTCUSDT", 5, "0.0000000000001", True],
        ["BTCUSDT", 5, "1.0000000000001", True],
        ["BTCUSDT", 5, "-1", True],
        ["BTCUSDT", 5, "x", True],
        ["BTCUSDT", 5, "", True],
        ["BTCUSDT", 5, "NaN", True],
        ["BTCUSDT", 5, "1e999999999", True],
        ["BTCUSDT", 5, 0, True],
        ["BTCUSDT", 5, "0", 1],
        ["BTCUSDT", 5, "0"],
        ["BTCUSDT", 5, "0", True, True],
        [],
        "BTCUSDT",
        None,
        {},
    ],
)
def test_one_bad_entry_refuses_all(world: World, entry: object) -> None:
    client = world.client()
    good = ["ETHUSDT", 5, "0", False]
    answer, *rest = client.ask("depth.subscribe", {"market_list": [good, entry]})
    assert answer["code"] == 20001
    assert rest == []
    assert world.hub.spot["depth"].count(client.session) == 0


@pytest.mark.parametrize("params", [None, {}, {"market_list": []}, {"market_list": None}])
def test_there_is_no_asking_for_all(world: World, params: object) -> None:
    assert world.client().ask("depth.subscribe", params)[0]["code"] == 20001


@pytest.mark.parametrize("interval", ["1", "1.0", "1.000", "01", "1e0"])
def test_intervals_are_compared_as_decimals(world: World, interval: str) -> None:
    world.place(1, "buy", "1", "10.55")
    (push,) = world.client().depth("BTCUSDT", 5, interval, always_full=False)
    assert push["data"]["depth"]["bids"] == [["10", "1"]]


def test_a_single_entry_need_not_be_nested(world: World) -> None:
    answer, push = world.client().ask("depth.subscribe", {"market_list": ["ETHUSDT", 5, "0", True]})
    assert answer["code"] == 0
    assert push["data"]["market"] == "ETHUSDT"


@pytest.mark.parametrize("entry", ["BTCUSDT", ["BTCUSDT", 5, "0", False], []])
def test_unsubscribing_by_name_tuple_or_all(world: World, entry: object) -> None:
    client = world.client()
    client.depth("BTCUSDT", 5, "0", always_full=False)
    client.depth("ETHUSDT", 5, "0", always_full=False)
    params = {"market_list": [entry] if entry else []}
    assert client.ask("depth.unsubscribe", params) == [{"id": 3, "code": 0, "message": "OK"}]
    world.place(1, "buy", "1", "10")
    world.place(1, "buy", "1", "10", market="ETHUSDT")
    world.tick()
    assert [push["market"] for push in client.take("depth.update")] == (["ETHUSDT"] if entry else [])


def test_a_slow_reader_misses_increments_and_gets_the_book_afterwards(world: World) -> None:
    world.place(1, "buy", "1", "10")
    world.place(1, "sell", "1", "11")
    slow, quick = world.client(), world.client()
    keepers = {client: BookKeeper() for client in (slow, quick)}

    def read(client: Client) -> list[bool]:
        pushes = client.take("depth.update")
        for push in pushes:
            keepers[client].take(push)
        return [push["is_full"] for push in pushes]

    for client in (slow, quick):
        (push,) = client.depth("BTCUSDT", 20, "0", always_full=False)
        keepers[client].take(push["data"])
    slow.session.paused = True
    for price in ("9", "8", "7"):
        world.place(1, "buy", "1", price)
        world.tick()
    assert read(slow) == []
    slow.session.paused = False
    world.place(1, "buy", "1", "6")
    world.tick()
    assert read(slow) == [True]
    world.place(1, "buy", "1", "5")
    world.tick()
    assert read(slow) == [False]
    assert read(quick) == [False] * 5
    assert keepers[slow].book() == keepers[quick].book()
    assert world.hub.desk.counters.conflated == 3


def test_everybody_at_one_window_gets_the_very_same_bytes(world: World) -> None:
    clients = [world.client() for _ in range(50)]
    for client in clients:
        client.depth("BTCUSDT", 20, "0.1", always_full=False)
    encoded = world.hub.desk.counters.encoded
    world.place(1, "buy", "1", "10")
    world.tick()
    frames = [client.socket.frames[0] for client in clients]
    assert all(frame is frames[0] for frame in frames)
    assert world.hub.desk.counters.encoded == encoded + 1
