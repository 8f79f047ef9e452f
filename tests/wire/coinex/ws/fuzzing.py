"""Whatever bytes arrive: no exception, no answer too many or too few, nobody else disturbed.

Each function is one round of a hundred examples; the same seed makes the same examples. A failure shows
the smallest example that Hypothesis could find.
"""

import asyncio
import json
import struct
from collections import Counter
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from openbourse.wire.coinex.ws.errors import WsCode
from openbourse.wire.coinex.ws.limits import WsLimits
from openbourse.wire.coinex.ws.messages import NotARequestError, decode_request, success
from openbourse.wire.coinex.ws.service import WebSocketService
from tests.wire.coinex.ws.world import SECRET, START, Client, World, messages

ROUND = settings(max_examples=100, deadline=None, database=None, suppress_health_check=list(HealthCheck))

CODES = {0, *map(int, WsCode)}
NAMES = ["BTCUSDT", "ETHUSDT", "NOPE", "", "BTC", "USDT", "btcusdt", "\x00", "é" * 70]
CHANNELS = [
    "state",
    "depth",
    "deals",
    "bbo",
    "index",
    "order",
    "stop",
    "user_deals",
    "balance",
    "notice",
    "premium",
]

names = st.sampled_from(NAMES)
methods = st.one_of(
    st.builds(
        ".".join, st.tuples(st.sampled_from(CHANNELS), st.sampled_from(["subscribe", "unsubscribe", "x"]))
    ),
    st.sampled_from(["server.ping", "server.time", "server.sign", "", "."]),
    st.text(max_size=10),
)
scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), names)
anything = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=3), inner)),
    max_leaves=8,
)
depth_entries = st.tuples(
    names,
    st.one_of(st.sampled_from([5, 10, 20, 50]), scalars),
    st.one_of(st.sampled_from(["0", "0.01", "1", "1000"]), scalars),
    st.one_of(st.booleans(), scalars),
)
lists = st.one_of(
    st.lists(names, max_size=3), st.lists(depth_entries, max_size=3), st.lists(st.just(101)), anything
)
signatures = st.fixed_dictionaries(
    {
        "access_id": st.one_of(st.sampled_from(["KEY1", "KEY2"]), scalars),
        "timestamp": st.one_of(st.just(START), scalars),
        # That of the worked example: with the right key and time it opens the private channels.
        "signed_str": st.one_of(
            st.just("6a651a02161fce4504fc920d0323ac85c6bf22893af00cd64f7b962266b2e68b"), scalars
        ),
    }
)
params = st.one_of(
    st.fixed_dictionaries({}, optional={"market_list": lists, "ccy_list": lists, "channels": lists}),
    signatures,
    anything,
)
requests = st.fixed_dictionaries({}, optional={"method": methods, "params": params, "id": scalars})
json_texts = st.one_of(requests, anything).map(lambda value: json.dumps(value).encode())
broken_texts = st.tuples(json_texts, st.integers(0, 200), st.binary(max_size=3)).map(
    lambda made: made[0][: made[1]] + made[2] + made[0][made[1] + 1 :]
)
texts = st.one_of(json_texts, json_texts, broken_texts, st.binary(max_size=40), st.just(b"[" * 3000))


def fuzz_requests(number: int) -> Counter[str]:
    """Any bytes are a request or are not; its id comes back."""

    @ROUND
    @given(texts)
    def attempt(data: bytes) -> None:
        try:
            request = decode_request(data)
        except NotARequestError as error:
            id_text = error.id
        else:
            id_text = request.id
            assert request.params is None or isinstance(request.params, dict)
        assert data == b"" or id_text == b"null" or id_text in data
        (answer,) = messages(success(id_text))
        assert answer["id"] is None or isinstance(answer["id"], int | str)

    return _run(attempt, number)


def fuzz_sessions(number: int) -> Counter[str]:
    """A session answers each message once, whatever else happens on the venue, and never fails."""

    @ROUND
    @given(
        st.lists(st.one_of(texts, st.sampled_from(["tick", "trade", "stop", "pause", "leave"])), max_size=40)
    )
    def attempt(steps: list[bytes | str]) -> None:
        world = World()
        world.key(1)
        world.key(2, secret=SECRET[::-1])
        fuzzed, bystander = world.client(), world.client()
        bystander.subscribe("deals", "BTCUSDT")
        trades = 0
        for step in steps:
            if isinstance(step, bytes):
                _answered(fuzzed, step)
            elif step == "tick":
                world.tick()
            elif step == "trade":
                trades += 1
                world.place(1, "sell", "1", "10")
                world.place(2, "buy", "1", "10")
            elif step == "stop":
                world.stop(1, "buy", "1", "10", "20")
            elif step == "pause":
                fuzzed.session.paused = not fuzzed.session.paused
            else:
                world.hub.leave(fuzzed.session)
                fuzzed.take()
                fuzzed = world.client()
            if fuzzed.socket.closed is not None:
                world.hub.leave(fuzzed.session)
                fuzzed = world.client()
        world.tick()
        heard = [deal for push in bystander.take("deals.update") for deal in push["deal_list"]]
        assert len(heard) == trades
        world.hub.leave(fuzzed.session)
        assert all(channel.count(fuzzed.session) == 0 for channel in world.hub.spot.values())

    return _run(attempt, number)


def _run(attempt: Callable[[], None], number: int) -> Counter[str]:
    seed(number)(attempt)()
    return Counter({"fuzzed examples": ROUND.max_examples})


def _answered(client: Client, data: bytes) -> None:
    """One answer, first, and then only pushes."""
    client.take()
    answer, *pushes = client.raw(data)
    assert "method" not in answer
    assert answer["code"] in CODES - {24001}
    assert answer["message"]
    assert (answer["code"] == 0) == (answer["message"] == "OK")
    for push in pushes:
        assert push["id"] is None
        assert push["method"].endswith(".update")
        assert all(value not in ([], None, "") for value in _lists(push["data"]))


def _lists(data: dict[str, Any]) -> list[Any]:
    return [value for key, value in data.items() if key.endswith("_list")]


# -- frames -----------------------------------------------------------------------------------------


class FakeTransport:
    """Keeps what is written."""

    def __init__(self) -> None:
        self.data = b""
        self.closing = False

    def write(self, data: bytes) -> None:
        self.data += data

    def close(self) -> None:
        self.closing = True

    abort = close

    def is_closing(self) -> bool:
        return self.closing

    def get_write_buffer_size(self) -> int:
        return 0

    def set_write_buffer_limits(self, high: int) -> None: ...
    def get_extra_info(self, name: str) -> tuple[str, int]:
        return ("127.0.0.1", 5)


def _frame(head: int, payload: bytes, declared: int | None, mask: bool) -> bytes:
    size = len(payload) if declared is None else declared
    bit = 0x80 if mask else 0
    if size < 126:
        length = bytes([bit | size])
    elif size < 65536:
        length = bytes([bit | 126]) + struct.pack("!H", size)
    else:
        length = bytes([bit | 127]) + struct.pack("!Q", size)
    key = bytes(4) if mask else b""
    return bytes([head]) + length + key + payload


well_formed = st.builds(
    _frame, st.sampled_from([0x81, 0x01, 0x80, 0x00, 0x82, 0x89, 0x8A]), texts, st.none(), st.just(True)
)
frames = st.one_of(
    well_formed,
    well_formed,
    st.builds(_frame, st.integers(0, 255), texts, st.one_of(st.none(), st.integers(0, 2**63)), st.booleans()),
    st.binary(max_size=20),
    st.just(_frame(0x88, struct.pack("!H", 1000), None, mask=True)),
)
HANDSHAKE = (
    b"GET /v2/spot HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


def fuzz_sockets(number: int) -> Counter[str]:
    """A socket takes any frames in any pieces."""

    @ROUND
    @given(st.lists(frames, max_size=15), st.lists(st.integers(1, 400), max_size=20))
    def attempt(sent: list[bytes], cuts: list[int]) -> None:
        asyncio.run(_feed(b"".join(sent), cuts))

    return _run(attempt, number)


async def _feed(data: bytes, cuts: list[int]) -> None:
    """Give a connection these bytes in pieces of these lengths."""
    world = World()
    front: Any = SimpleNamespace(
        market_data=world.data,
        in_touch=True,
        directory=SimpleNamespace(asset=lambda _: None),
        find_key=world.keys.get,
        on_key_change=lambda _: None,
        now=lambda: world.now,
        present=lambda: world.now,
        listen=lambda *_: None,
        on_gap=lambda _: None,
        maintenance=SimpleNamespace(listen=lambda _: None),
    )
    service = WebSocketService(front, WsLimits(close_timeout=0.0))
    connections: set[object] = set()
    protocol = service.protocol(None, SimpleNamespace(connections=connections), None)
    transport: Any = FakeTransport()
    protocol.connection_made(transport)
    protocol.data_received(HANDSHAKE)
    assert transport.data.startswith(b"HTTP/1.1 101 ")
    transport.data = b""
    for cut in [*cuts, len(data)]:
        piece, data = data[:cut], data[cut:]
        if piece and not transport.closing:
            protocol.data_received(piece)
    if not transport.closing:
        protocol.eof_received()
    protocol.connection_lost(None)
    _check_frames(transport.data)
    assert not service._sockets
    assert not service.hub.sessions
    assert not connections


def _check_frames(data: bytes) -> None:
    """Whole unmasked frames: binary ones of gzip, pongs, and at most one close, at the end."""
    while data:
        opcode = data[0]
        assert opcode in (0x82, 0x8A, 0x88)
        size, start = data[1], 2
        if size == 126:
            size, start = int.from_bytes(data[2:4]), 4
        elif size == 127:
            size, start = int.from_bytes(data[2:10]), 10
        frame, data = data[: start + size], data[start + size :]
        if opcode == 0x82:
            messages(frame)
        elif opcode == 0x88:
            assert data == b""
