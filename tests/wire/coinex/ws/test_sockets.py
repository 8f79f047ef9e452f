"""Real sockets: handshakes, frames, floods, silence and everything else that clients do to a server."""

import asyncio
import contextlib
import random
import socket
import struct
import threading
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from openbourse.wire.coinex.ws.limits import WsLimits
from openbourse.wire.coinex.ws.service import WebSocketService
from openbourse.wire.http.proxies import NO_PROXIES, TrustedProxies
from openbourse.wire.http.server import HttpServer
from tests.waiting import SECONDS, until
from tests.wire.coinex.bench import Bench, open_bench
from tests.wire.coinex.ws.raw_client import (
    BINARY,
    CLOSE,
    HANDSHAKE,
    PING,
    PONG,
    TEXT,
    ClosedError,
    RawClient,
    RefusedError,
)

LIMITS = WsLimits(
    connections=20,
    connections_per_address=20,
    send_queue=256 * 1024,
    pause_above=32 * 1024,
    close_timeout=0.3,
)


class Served:
    """A bench behind real sockets."""

    def __init__(self, bench: Bench, service: WebSocketService, server: HttpServer) -> None:
        self.bench = bench
        self.service = service
        self.port = server.port
        self.url = server.url
        self.clients: list[RawClient] = []

    @property
    def counters(self) -> Any:
        return self.service.hub.desk.counters

    async def connect(self, path: str = "/v2/spot", more: str = "", text: str = HANDSHAKE) -> RawClient:
        client = await RawClient.connect(self.port, path, more, text)
        self.clients.append(client)
        return client

    async def signed(self) -> RawClient:
        client = await self.connect()
        key, now = self.bench.alice.key, str(self.bench.clock.now())
        params = {
            "access_id": key.key_id,
            "timestamp": int(now),
            "signed_str": key.hmac.digest(now.encode()).hex(),
        }
        assert (await client.ask("server.sign", params))["code"] == 0
        return client

    async def trade(self, count: int = 1) -> None:
        for _ in range(count):
            self.bench.clock.time += 1
            await self.bench.alice.order("sell", "limit", "0.01", "100")
            await self.bench.bob.order("buy", "limit", "0.01", "100")

    async def gone(self, left: int = 0) -> None:
        """Wait until the server holds only `left` sessions."""
        await until(lambda: len(self.service.hub.sessions) <= left)


@contextlib.asynccontextmanager
async def serve(
    directory: Path, limits: WsLimits, proxies: TrustedProxies = NO_PROXIES
) -> AsyncIterator[Served]:
    async with contextlib.AsyncExitStack() as stack:
        bench = await stack.enter_async_context(open_bench(directory))
        service = await stack.enter_async_context(WebSocketService(bench.front, limits, proxies=proxies))
        server = await stack.enter_async_context(HttpServer(bench.app, websocket=service.protocol))
        served = Served(bench, service, server)
        yield served
        for client in served.clients:
            await client.leave()


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    async with serve(tmp_path, LIMITS) as served:
        yield served


# -- the handshake ----------------------------------------------------------------------------------


async def test_both_endpoints_with_and_without_a_slash(served: Served) -> None:
    for path in ("/v2/spot", "/v2/spot/", "/v2/futures", "/v2/futures/", "/v2/spot?x=1", "/v2/spot/?x=1"):
        client = await served.connect(path)
        assert (await client.ask("server.ping"))["data"] == {"result": "pong"}


async def test_who_does_not_wait_for_the_handshake_is_answered_after_it(served: Served) -> None:
    """Clients must wait (RFC 6455 §4.1), but what some send at once must not be lost without a word."""
    for split in (0, 40, -1):
        client = RawClient(*await asyncio.open_connection("127.0.0.1", served.port))
        served.clients.append(client)
        text = HANDSHAKE.format(path="/v2/spot", more="").encode()
        if split:
            client.writer.write(text[:split])
            await asyncio.sleep(0.05)
        client.writer.write(text[split:] if split else text)
        client.request("server.ping")
        client.request("server.time")
        await client.shaken_hands()
        assert (await client.read())["data"] == {"result": "pong"}
        assert (await client.read())["id"] == 2


async def test_extensions_and_subprotocols_are_declined(served: Served) -> None:
    offer = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"
    client = await served.connect(more=offer + "Sec-WebSocket-Protocol: x\r\n")
    assert "sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo=" in client.headers.lower()
    assert "extensions" not in client.headers.lower()
    assert "protocol" not in client.headers.lower().replace("switching protocols", "")


async def test_other_paths_and_bad_handshakes_are_refused(served: Served) -> None:
    for path in ("/", "/v2", "/v2/spot/x", "/v2/time", "/v2/spot//", "/V2/spot"):
        with pytest.raises(RefusedError) as refused:
            await served.connect(path)
        assert refused.value.status == 404
    for old, new in (("Version: 13", "Version: 7"), ("dGhlIHNhbXBsZSBub25jZQ==", "short")):
        with pytest.raises(RefusedError) as refused:
            await served.connect(text=HANDSHAKE.replace(old, new))
        assert 400 <= refused.value.status < 500
    await served.gone()


async def test_http_is_served_beside_it(served: Served) -> None:
    await served.connect()

    def get() -> int:
        with urllib.request.urlopen(f"{served.url}/v2/time") as answer:
            return int(answer.status)

    assert await asyncio.to_thread(get) == 200


async def test_connections_are_limited_in_all_and_per_address(tmp_path: Path) -> None:
    limits = WsLimits(connections=4, connections_per_address=3)
    async with serve(tmp_path, limits) as served:
        clients = [await served.connect() for _ in range(3)]
        with pytest.raises(RefusedError) as refused:
            await served.connect()
        assert refused.value.status == 429
        served.service._per_address["10.0.0.1"] = 1
        served.service._sockets[served.service.protocol(None, _State(), None)] = None
        with pytest.raises(RefusedError) as refused:
            await served.connect()
        assert refused.value.status == 503
        assert served.counters.refused == 2
        del served.service._sockets[list(served.service._sockets)[-1]]
        await clients[0].leave()
        await served.gone(2)
        await served.connect()


async def test_behind_a_proxy_the_clients_address_counts(tmp_path: Path) -> None:
    limits = WsLimits(connections_per_address=1)
    async with serve(tmp_path, limits, TrustedProxies(["127.0.0.1"])) as served:
        await served.connect(more="X-Forwarded-For: 10.0.0.7\r\n")
        await served.connect(more="X-Forwarded-For: 10.0.0.7, 10.0.0.8\r\n")
        with pytest.raises(RefusedError):
            await served.connect(more="X-Forwarded-For: 10.0.0.9, 10.0.0.8\r\n")
        assert served.service.connected == 2
        assert {session.address for session in served.service.hub.sessions} == {"10.0.0.7", "10.0.0.8"}


class _State:
    connections: ClassVar[set[object]] = set()


# -- frames -----------------------------------------------------------------------------------------


async def test_pings_are_echoed_even_inside_a_fragmented_message(served: Served) -> None:
    client = await served.connect()
    client.frame(PING, b"one")
    client.frame(TEXT, b'{"method":"server.', fin=False)
    client.frame(PING, b"")
    client.frame(0, b'ping","id":', fin=False)
    client.frame(PING, bytes(range(125)))
    client.frame(0, b"7}")
    assert (await client.read())["id"] == 7
    assert client.pongs == [b"one", b"", bytes(range(125))]


async def test_a_message_of_single_bytes(served: Served) -> None:
    client = await served.connect()
    text = b'{"method":"server.ping","id":"\xc3\xa9"}'
    for index, byte in enumerate(text):
        client.frame(TEXT if index == 0 else 0, bytes([byte]), fin=index == len(text) - 1)
        await client.writer.drain()
    assert (await client.read())["id"] == "é"


async def test_frames_that_arrive_byte_by_byte(served: Served) -> None:
    client = await served.connect()
    written: list[bytes] = []
    client.writer.write, original = written.append, client.writer.write  # type: ignore[method-assign, assignment]
    client.request("server.ping")
    for byte in b"".join(written):
        original(bytes([byte]))
        await asyncio.sleep(0)
    assert (await client.read())["code"] == 0


async def test_64_kib_are_read_and_more_is_too_much(served: Served) -> None:
    client = await served.connect()
    client.frame(TEXT, b'{"method":"server.ping","id":1}'.ljust(64 * 1024))
    assert (await client.read())["code"] == 0
    client.frame(TEXT, b"x" * (64 * 1024 + 1))
    assert await client.read_close() == 1009
    pieces = await served.connect()
    for number in range(65):
        pieces.frame(0 if number else TEXT, b"x" * 1024, fin=False)
    assert await pieces.read_close() == 1009
    assert served.counters.closed[1009] == 2


async def test_text_that_is_not_utf8(served: Served) -> None:
    client = await served.connect()
    client.frame(TEXT, b"\xff\xfe")
    assert await client.read_close() == 1007


async def test_garbage_is_answered_until_it_is_too_much(served: Served) -> None:
    client = await served.connect()
    client.frame(BINARY, bytes(range(256)))
    assert await client.read() == {"id": None, "code": 20001, "message": "invalid argument"}
    for _ in range(9):
        client.frame(TEXT, b"{")
    assert await client.read_close() == 1007


async def test_frames_against_the_rules(served: Served) -> None:
    bystander = await served.connect()
    wrong: tuple[dict[str, Any], ...] = (
        {"opcode": TEXT, "mask": False},
        {"opcode": TEXT, "flags": 0x40},
        {"opcode": 3},
        {"opcode": 0},
        {"opcode": PING, "payload": b"x" * 126},
        {"opcode": PING, "fin": False},
    )
    for frame in wrong:
        client = await served.connect()
        client.frame(**({"payload": b"x"} | frame))
        assert await client.read_close() == 1002
    await served.gone(1)
    assert (await bystander.ask("server.ping"))["code"] == 0


async def test_random_bytes_end_a_connection_and_nothing_else(served: Served) -> None:
    bystander = await served.connect()
    chance = random.Random(8)
    for _ in range(15):
        client = await served.connect()
        client.writer.write(chance.randbytes(chance.randrange(1, 5000)))
        client.writer.write_eof()
        with contextlib.suppress(ClosedError):
            await client.read()
        await client.leave()
    await served.gone(1)
    assert (await bystander.ask("server.ping"))["code"] == 0


# -- coming and going -------------------------------------------------------------------------------


async def test_a_close_is_answered_and_forgotten(served: Served) -> None:
    client = await served.connect()
    await client.ask("state.subscribe", {"market_list": []})
    client.frame(CLOSE, struct.pack("!H", 1000))
    assert await client.read_close() == 1000
    await served.gone()


async def test_what_was_asked_before_the_close_is_answered_before_it(served: Served) -> None:
    """`echo REQUEST | websocat` sends both in one packet."""
    client = await served.connect()
    client.request("server.ping")
    client.request("state.subscribe", {"market_list": ["BTCUSDT"]})
    client.frame(CLOSE, struct.pack("!H", 1000))
    assert (await client.read())["data"] == {"result": "pong"}
    assert (await client.read())["code"] == 0
    assert (await client.read())["method"] == "state.update"
    assert await client.read_close() == 1000


async def test_a_connection_that_is_reset_in_the_middle_hurts_nobody(served: Served) -> None:
    stays = await served.connect()
    await stays.ask("deals.subscribe", {"market_list": []})
    for _ in range(5):
        client = await served.connect()
        await client.ask("deals.subscribe", {"market_list": []})
        raw: socket.socket = client.writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.writer.transport.abort()
        await served.trade()
    assert len((await stays.read())["data"]["deal_list"]) >= 1
    await served.gone(1)


async def test_a_new_connection_knows_nothing_of_the_one_before(served: Served) -> None:
    client = await served.signed()
    await client.ask("order.subscribe", {"market_list": []})
    await client.ask("deals.subscribe", {"market_list": []})
    await client.leave()
    client = await served.connect()
    assert (await client.ask("order.subscribe", {}))["code"] == 21001
    await served.trade()
    await client.quiet()


async def test_subscribing_twice_streams_once(served: Served) -> None:
    client = await served.connect()
    for _ in range(2):
        assert (await client.ask("deals.subscribe", {"market_list": ["BTCUSDT"]}))["code"] == 0
    await served.trade()
    assert (await client.read())["method"] == "deals.update"
    await client.quiet()


async def test_a_gap_sends_everybody_away_to_come_back(served: Served) -> None:
    client = await served.connect()
    await client.ask("server.ping")
    served.service._gap()
    assert await client.read_close() == 1012


async def test_a_revoked_key_closes_its_connections(served: Served) -> None:
    client, other = await served.signed(), await served.connect()
    number = served.bench.alice.key.id
    await asyncio.to_thread(served.bench.venue.accounts.revoke_key, number)
    assert await client.read_close() == 1008
    assert (await other.ask("server.ping"))["code"] == 0
    assert served.counters.closed[1008] == 1


async def test_a_push_waits_for_the_disk(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    client = await served.signed()
    await client.ask("order.subscribe", {"market_list": []})
    release, log = threading.Event(), served.bench.venue.log
    append = log.append

    def slow(commands: Any) -> None:
        release.wait(10)
        append(commands)

    monkeypatch.setattr(log, "append", slow)
    placing = asyncio.create_task(served.bench.alice.order("buy", "limit", "0.01", "100"))
    await client.quiet()
    before = log.last_sequence
    release.set()
    assert (await client.read())["data"]["event"] == "put"
    assert log.last_sequence > before
    assert (await placing).code == 0


async def test_a_stopping_server_says_so(tmp_path: Path) -> None:
    async with serve(tmp_path, LIMITS) as served:
        client = await RawClient.connect(served.port)
    assert await client.read_close() == 1001
    await client.leave()


# -- silence and floods -----------------------------------------------------------------------------


async def test_the_quiet_are_pinged_and_the_silent_are_closed(tmp_path: Path) -> None:
    limits = WsLimits(ping_every=20, idle=60, close_timeout=0.2)
    async with serve(tmp_path, limits) as served:
        alive, silent = await served.connect(), await served.connect()
        silent.answer_pings = False
        reading = [asyncio.create_task(client.read_close()) for client in (alive, silent)]
        sockets = list(served.service._sockets)
        for turn in range(1, 4):
            for each in sockets:  # as if so many seconds had passed
                each.heard_at -= 21
                each.pinged_at -= 21
            heard_at = sockets[0].heard_at
            served.service.sweep()
            await until(lambda: sockets[0].heard_at > heard_at)  # noqa: B023 - called in this turn
            assert len(alive.pings) == turn
        assert await reading[1] == 1001
        assert len(silent.pings) == 2
        assert not reading[0].done()
        reading[0].cancel()
        assert served.counters.closed == {1001: 1}


async def test_a_server_that_was_held_up_does_not_blame_its_clients(tmp_path: Path) -> None:
    async with serve(tmp_path, WsLimits(ping_every=20, idle=60, close_timeout=0.2)) as served:
        client = await served.connect()
        (protocol,) = served.service._sockets
        protocol.heard_at -= 100
        served.service._swept_at -= 100
        served.service.sweep()
        assert (await client.ask("server.ping"))["data"] == {"result": "pong"}
        protocol.heard_at -= 100
        served.service.sweep()
        assert await client.read_close() == 1001, "without a hold-up they are closed"


async def test_a_half_open_connection_is_cut_off(tmp_path: Path) -> None:
    """The peer's machine is gone: it neither reads nor closes."""
    limits = WsLimits(ping_every=0.1, idle=0.3, close_timeout=0.2)
    async with serve(tmp_path, limits) as served:
        client = await served.connect()
        client.writer.transport.pause_reading()  # type: ignore[attr-defined]
        (protocol,) = served.service._sockets
        for _ in range(6):
            await asyncio.sleep(0.1)
            served.service.sweep()
        assert not served.service._sockets
        await until(lambda: protocol._transport is None)


async def test_a_flood_of_pings_ends_the_connection(tmp_path: Path) -> None:
    async with serve(tmp_path, WsLimits(request_burst=50, strikes=100, close_timeout=0.2)) as served:
        bystander, client = await served.connect(), await served.connect()
        for _ in range(200):
            client.frame(PING, b"flood")
        assert await client.read_close() == 1008
        assert len(client.pongs) >= 100
        assert (await bystander.ask("server.ping"))["code"] == 0


async def test_a_flood_of_fragments_ends_the_connection(tmp_path: Path) -> None:
    async with serve(tmp_path, WsLimits(request_burst=50, strikes=100, close_timeout=0.2)) as served:
        client = await served.connect()
        client.frame(TEXT, b"", fin=False)
        for _ in range(200):
            client.frame(0, b"", fin=False)
        assert await client.read_close() == 1008


async def test_pongs_that_nobody_asked_for_are_fine(served: Served) -> None:
    client = await served.connect()
    client.frame(PONG, b"hello")
    assert (await client.ask("server.ping"))["code"] == 0


async def test_who_does_not_read_is_sent_away_and_costs_the_others_nothing(served: Served) -> None:
    stalled, reader = await served.connect(), await served.connect()
    stalled.writer.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    for client in (stalled, reader):
        assert (await client.ask("deals.subscribe", {"market_list": []}))["code"] == 0
    stalled.writer.transport.pause_reading()  # type: ignore[attr-defined]
    heard: list[int] = []

    async def listen() -> None:
        while True:
            heard.extend(deal["deal_id"] for deal in (await reader.read())["data"]["deal_list"][::-1])

    listening = asyncio.create_task(listen())
    filler = b"\x82\x7e\xff\xff" + bytes(65535)
    sessions = list(served.service.hub.sessions)
    async with asyncio.timeout(SECONDS):
        while not served.counters.closed[1013]:
            await served.trade()
            # The kernel takes a few megabytes before anything is unread.
            for _ in range(8):
                sessions[0].send(filler)
            served.service.flush()
            await asyncio.sleep(0.02)
    await served.trade()
    tape = [trade.trade_id for trade in served.bench.venue.market_data.tape("BTCUSDT", 1000)]
    await until(lambda: len(heard) >= len(tape))
    listening.cancel()
    assert heard == tape[::-1]
    assert served.counters.closed == {1013: 1}
    await served.gone(1)
    assert not served.service.hub.desk.paused
