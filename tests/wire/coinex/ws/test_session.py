"""What a client is answered (reference/coinex/websocket.md §2, §3, §5, §6, §12)."""

import dataclasses
import json
from typing import Any

import pytest
import structlog

from openbourse.accounts.allow_list import AllowList
from openbourse.wire.coinex.ws.errors import CloseCode
from openbourse.wire.coinex.ws.limits import WsLimits
from tests.wire.coinex.ws.world import START, World

PUBLIC = ("state", "deals", "bbo", "index")
PRIVATE = ("order", "stop", "user_deals")
# Computed in the reference, §5.
EXAMPLE = "6a651a02161fce4504fc920d0323ac85c6bf22893af00cd64f7b962266b2e68b"


def test_ping_and_time(world: World) -> None:
    client = world.client()
    assert client.ask("server.ping", {}) == [
        {"id": 1, "code": 0, "data": {"result": "pong"}, "message": "OK"}
    ]
    assert client.ask("server.time", []) == [
        {"id": 2, "code": 0, "data": {"timestamp": START}, "message": "OK"}
    ]


def test_the_worked_example_signs_in_either_case(world: World) -> None:
    key = world.key(1)
    for signature in (EXAMPLE, EXAMPLE.upper()):
        assert world.client().sign(key, signed_str=signature) == {"id": 1, "code": 0, "message": "OK"}
    assert world.client().sign(key, timestamp=str(START))["code"] == 0


def test_a_wrong_signature_is_logged_once_a_second(world: World) -> None:
    key = world.key(1)
    with structlog.testing.capture_logs() as entries:
        for _ in range(3):
            assert world.client(address="192.0.2.7").sign(key, signed_str="0" * 64)["code"] == 21002
        world.signed(1)
    assert entries == [
        {
            "event": "authentication_failed",
            "log_level": "warning",
            "endpoint": "server.sign",
            "code": 21002,
            "client": "192.0.2.7",
            "key": "***",
        }
    ]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"access_id": "NOBODY"}, 21002),
        ({"signed_str": "0" * 64}, 21002),
        ({"signed_str": "zz" * 32}, 21002),
        ({"signed_str": ""}, 21002),
        ({"signed_str": EXAMPLE[:-2]}, 21002),
        ({"signed_str": "é" * 64}, 21002),
        ({"timestamp": START + 1}, 21002),
        ({"timestamp": "abc"}, 20001),
        ({"timestamp": True}, 20001),
        ({"timestamp": -5}, 20001),
        ({"access_id": None}, 20001),
        ({"signed_str": 7}, 20001),
    ],
)
def test_a_wrong_signature_leaves_the_session_as_it_was(
    world: World, changes: dict[str, Any], code: int
) -> None:
    key = world.key(1)
    client = world.client()
    answer = client.sign(key, **changes)
    assert answer["code"] == code
    assert answer["message"], "ccxt takes an empty message for success"
    assert client.ask("order.subscribe", {"market_list": []})[0]["code"] == 21001
    assert client.sign(key)["code"] == 0
    assert client.sign(key, **changes)["code"] == code
    assert client.ask("order.subscribe", {"market_list": []})[0]["code"] == 0


@pytest.mark.parametrize("late", [-60_001, 60_001])
def test_a_signature_is_good_for_a_minute(world: World, late: int) -> None:
    key, client = world.key(1), world.client()
    world.now = START + late
    assert client.sign(key, timestamp=START, signed_str=EXAMPLE)["code"] == 21002
    world.now = START + late - (1 if late > 0 else -1)
    assert client.sign(key, timestamp=START, signed_str=EXAMPLE)["code"] == 0


def test_key_address_expiry_and_standing_are_checked(world: World) -> None:
    assert (
        world.client(address="10.0.0.7").sign(world.key(1, allow_list=AllowList(["10.0.0.0/8"])))["code"] == 0
    )
    frozen = dataclasses.replace(world.key(1).owner, status="frozen")
    for key in (
        world.key(1, allow_list=AllowList(["10.0.0.0/8"])),
        world.key(1, expires_at=START),
        world.key(1, revoked=True),
        world.key(1, protocol="coinw"),
        world.key(1, owner=frozen),
    ):
        assert world.client().sign(key)["code"] == 21002


def test_signing_as_somebody_else_drops_what_was_private(world: World) -> None:
    client = world.signed(1)
    client.subscribe("order")
    client.subscribe("state", "BTCUSDT")
    assert client.sign(world.key(1))["code"] == 0
    world.place(1, "buy", "1", "10")
    assert len(client.take("order.update")) == 1
    assert client.sign(world.key(2))["code"] == 0
    world.place(1, "buy", "1", "10")
    world.place(2, "buy", "1", "10")
    assert client.take() == []
    world.place(3, "sell", "1", "10")
    world.tick()
    assert [message["method"] for message in client.take()] == ["state.update"]


@pytest.mark.parametrize("revoke", ["revoked", "frozen", "address"])
def test_a_key_that_is_taken_away_takes_the_connection_with_it(world: World, revoke: str) -> None:
    key = world.key(1)
    signed, again, other = world.client(), world.client(), world.signed(2)
    assert signed.sign(key)["code"] == again.sign(key)["code"] == 0
    changed = {
        "revoked": dataclasses.replace(key, revoked=True),
        "frozen": dataclasses.replace(key, owner=dataclasses.replace(key.owner, status="frozen")),
        "address": dataclasses.replace(key, allow_list=AllowList(["10.0.0.1"])),
    }[revoke]
    world.hub.key_changed(changed)
    assert signed.socket.closed == again.socket.closed == CloseCode.POLICY
    assert other.socket.closed is None


def test_an_edited_key_goes_on(world: World) -> None:
    key = world.key(1)
    client = world.client()
    client.sign(key)
    world.hub.key_changed(dataclasses.replace(key, remark="new"))
    assert client.socket.closed is None
    assert client.session.key is not None
    assert client.session.key.remark == "new"


def test_a_key_that_runs_out_takes_the_connection_with_it(world: World) -> None:
    client = world.client()
    client.sign(world.key(1, expires_at=START + 1000))
    world.hub.close_expired()
    assert client.socket.closed is None
    world.now = START + 1000
    world.hub.close_expired()
    assert client.socket.closed == CloseCode.POLICY


@pytest.mark.parametrize("channel", [*PRIVATE, "balance", "notice"])
@pytest.mark.parametrize("verb", ["subscribe", "unsubscribe"])
def test_private_channels_need_a_signature(world: World, channel: str, verb: str) -> None:
    (answer,) = world.client().ask(f"{channel}.{verb}", {})
    assert answer == {"id": 1, "code": 21001, "message": "require auth"}


@pytest.mark.parametrize(
    "method",
    ["kline.subscribe", "depth.query", "position.subscribe", "premium.subscribe", "state", "", "state.update",
     "server.nothing", "subscribe", ".subscribe", "state.subscribe.subscribe", "order.put"],
)  # fmt: skip
def test_unknown_methods(world: World, method: str) -> None:
    (answer,) = world.client().ask(method, {})
    assert answer == {"id": 1, "code": 20002, "message": "method not found"}


@pytest.mark.parametrize("channel", [*PUBLIC, *PRIVATE])
def test_an_unknown_market_refuses_the_whole_request(world: World, channel: str) -> None:
    client = world.signed(1)
    (answer,) = client.ask(f"{channel}.subscribe", {"market_list": ["BTCUSDT", "NOPE"]})
    assert (answer["code"], answer["message"]) == (20001, "invalid argument")
    world.place(1, "buy", "1", "10")
    world.place(1, "sell", "1", "10")
    world.tick(25)
    assert client.take() == []


@pytest.mark.parametrize("channel", ["state", "deals", "bbo", "index", "depth", "order", "balance", "notice"])
@pytest.mark.parametrize("value", ["BTCUSDT", 1, True, {}, [1], [None], [[]], [{}], ["x" * 65]])
def test_lists_of_a_wrong_shape(world: World, channel: str, value: object) -> None:
    client = world.signed(1)
    key = {"balance": "ccy_list", "notice": "channels"}.get(channel, "market_list")
    assert client.ask(f"{channel}.subscribe", {key: value})[0]["code"] == 20001


@pytest.mark.parametrize("params", [None, {}, [], {"market_list": None}, {"market_list": []}])
@pytest.mark.parametrize("channel", [*PUBLIC, *PRIVATE])
def test_no_list_means_all(world: World, channel: str, params: object) -> None:
    client = world.signed(1)
    assert client.ask(f"{channel}.subscribe", params)[0]["code"] == 0
    world.place(1, "buy", "1", "10")
    world.place(1, "sell", "1", "10")
    world.place(1, "buy", "1", "10", market="ETHUSDT")
    world.stop(1, "buy", "1", "10", "20")
    world.tick(25)
    assert client.take()


@pytest.mark.parametrize("channel", [*PUBLIC, *PRIVATE, "depth", "balance", "notice"])
def test_unsubscribing_from_nothing_is_fine(world: World, channel: str) -> None:
    client = world.signed(1)
    for names in ([], ["BTCUSDT"], ["NOPE"]):
        params = {"market_list": names, "ccy_list": names}
        assert client.ask(f"{channel}.unsubscribe", params)[0]["code"] == 0


def test_unknown_keys_are_passed_over(world: World) -> None:
    params = {"market_list": ["BTCUSDT"], "limit": 5, "interval": "0"}
    assert world.client().ask("state.subscribe", params)[0]["code"] == 0


def test_garbage_is_answered_ten_times(world: World) -> None:
    client = world.client()
    for text in ("x", "[]", '{"id":null}', "", "x", '{"id":9}', "x", "x", "x"):
        (answer,) = client.raw(text)
        assert answer["code"] == 20001
        assert answer["message"] == "invalid argument"
        assert answer["id"] == (9 if "9" in text else None)
    assert client.socket.closed is None
    client.raw("x")
    assert client.socket.closed == CloseCode.GARBAGE


def test_a_request_between_garbage_starts_the_count_anew(world: World) -> None:
    client = world.client()
    for _ in range(3):
        for _ in range(9):
            client.raw("x")
        client.ask("server.ping")
    assert client.socket.closed is None


def test_a_binary_message_is_garbage(world: World) -> None:
    client = world.client()
    client.session.receive_binary(world.elapsed)
    world.hub.desk.flush()
    assert client.socket.take() == [{"id": None, "code": 20001, "message": "invalid argument"}]


def test_a_request_without_an_id_is_carried_out(world: World) -> None:
    answer, push = world.client().raw('{"method":"bbo.subscribe","params":{"market_list":["BTCUSDT"]}}')
    assert answer == {"id": None, "code": 0, "message": "OK"}
    assert push["method"] == "bbo.update"


def test_beyond_the_rate_requests_are_refused_and_then_the_connection_ends() -> None:
    world = World(WsLimits(request_rate=10, request_burst=20, strikes=30))
    client = world.client()
    for _ in range(20):
        assert client.ask("server.ping")[0]["code"] == 0
    (answer,) = client.ask("server.ping")
    assert answer == {"id": 21, "code": 23002, "message": "request too frequent"}
    world.elapsed += 1
    for _ in range(10):
        assert client.ask("server.ping")[0]["code"] == 0
    for _ in range(28):
        assert client.ask("server.ping")[0]["code"] == 23002
    client.ask("server.ping")
    assert client.socket.closed == CloseCode.POLICY


def test_giving_way_is_forgiven() -> None:
    world = World(WsLimits(request_rate=10, request_burst=20, strikes=30))
    client = world.client()
    for _ in range(5):
        for _ in range(40):
            client.ask("server.ping")
        world.elapsed += 2
    assert client.socket.closed is None


def test_a_flood_of_pings_ends(world: World) -> None:
    world = World(WsLimits(request_burst=20, strikes=30))
    client = world.client()
    for _ in range(51):
        client.session.receive_control(world.elapsed)
    assert client.socket.closed == CloseCode.POLICY


def test_there_are_only_so_many_subscriptions() -> None:
    world = World(WsLimits(subscriptions=5))
    client = world.signed(1)
    assert client.ask("balance.subscribe", {"ccy_list": ["BTC", "ETH", "USDT"]})[0]["code"] == 0
    assert client.ask("balance.subscribe", {"ccy_list": ["D", "E", "F"]})[0]["code"] == 20001
    assert client.ask("state.subscribe", {"market_list": ["BTCUSDT", "ETHUSDT"]})[0]["code"] == 0
    assert client.ask("bbo.subscribe", {"market_list": ["BTCUSDT"]})[0]["code"] == 20001
    assert client.ask("balance.unsubscribe", {"ccy_list": []})[0]["code"] == 0
    assert client.ask("bbo.subscribe", {"market_list": ["BTCUSDT"]})[0]["code"] == 0


def test_answers_come_in_the_order_of_requests(world: World) -> None:
    client = world.client()
    for number in range(20):
        client.session.receive(json.dumps({"method": "server.ping", "id": number}).encode(), world.elapsed)
    world.hub.desk.flush()
    assert len(client.socket.frames) == 1, "one write"
    assert [answer["id"] for answer in client.socket.take()] == list(range(20))


def test_nothing_is_kept_of_a_connection_that_has_gone(world: World) -> None:
    client = world.signed(1)
    for channel in (*PUBLIC, *PRIVATE):
        client.subscribe(channel, "BTCUSDT")
        client.subscribe(channel)
    client.subscribe("balance", key="ccy_list")
    client.depth("BTCUSDT", 5, "0", always_full=False)
    client.ask("notice.subscribe", {"channels": [101]})
    client.session.paused = True
    world.hub.leave(client.session)
    world.hub.leave(client.session)
    assert not world.hub.sessions
    assert not world.hub.desk.paused
    for each in world.hub.spot.values():
        assert each.count(client.session) == 0
    client.take()
    world.place(1, "buy", "1", "10")
    world.place(1, "sell", "1", "10")
    world.tick(25)
    assert client.take() == []


def test_a_tick_that_fails_in_the_middle_ends_with_what_it_had(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    clients = [world.client() for _ in range(3)]
    for client in clients:
        client.depth("BTCUSDT", 5, "0", always_full=False)

    def broken() -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(world.hub._deals, "tick", broken)
    world.place(1, "buy", "1", "10")
    with pytest.raises(RuntimeError):
        world.tick()
    world.hub.close_all(CloseCode.INTERNAL, "internal error")
    world.hub.desk.flush()
    for client in clients:
        assert [one["method"] for one in client.take()] == ["depth.update"]
        assert client.socket.closed == CloseCode.INTERNAL


def test_a_bug_in_a_push_sends_everybody_away_and_spares_the_exchange(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = world.client()

    def broken(_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(world.hub._bbo, "changed", broken)
    world.place(1, "buy", "1", "10")
    assert client.socket.closed == CloseCode.INTERNAL
