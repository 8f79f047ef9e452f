"""Gateways and their engine, in one process: the same protocols, whoever answers them."""

import asyncio
import contextlib
import errno
import os
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import msgspec
import pytest

from openbourse.core.commands import OrderRequest
from openbourse.core.units import UNIT
from openbourse.link import messages, protocol, remote, server
from openbourse.link.calls import METHODS
from openbourse.link.remote import EngineError, RemoteFront
from openbourse.link.server import EngineLink
from openbourse.venue.front import VenueFront
from openbourse.venue.maintenance_requests import CancelMaintenance, PlanMaintenance
from openbourse.venue.operator_desk import OperatorDesk
from openbourse.venue.quotas import Quotas
from openbourse.venue.requests import RevokeKey, encode_request
from openbourse.venue.sequencer import Busy, OutcomeUnknown
from openbourse.wallet.catalogue import AssetSpec
from openbourse.wire.coinex.endpoints import ENDPOINTS
from openbourse.wire.coinex.settings import CoinexSettings
from openbourse.wire.coinex.unavailable import is_unavailable
from openbourse.wire.coinex.ws.service import WebSocketService
from tests.link.linked import gateway, has_seen, open_linked_bench, serve, states
from tests.waiting import until
from tests.wire.coinex import samples
from tests.wire.coinex.all_scenes import SCENES, populate
from tests.wire.coinex.bench import TRC20, Bench, open_bench
from tests.wire.coinex.scenes import Scene

SERVED = [endpoint for endpoint in ENDPOINTS if not is_unavailable(endpoint)]


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with open_linked_bench(tmp_path) as bench:
        yield bench


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[tuple[Bench, EngineLink]]:
    """A bench whose engine takes gateways in, and has none yet."""
    async with open_bench(tmp_path) as bench, EngineLink(bench.venue) as link:
        yield bench, link


async def test_every_endpoint_answers_over_the_link_as_without(bench: Bench, tmp_path: Path) -> None:
    """Each on both, in the same order: equal answers but for what is made up anew."""
    async with open_bench(tmp_path / "plain") as plain:
        for one in (bench, plain):
            await populate(one)
        succeeded = 0
        for endpoint in SERVED:
            _, ask = SCENES[endpoint.method, endpoint.path.removeprefix("/v2")]
            over, without = await _outcome(ask, bench), await _outcome(ask, plain)
            assert over == without, endpoint.name
            succeeded += over[0] == 0
        # The others find what they need gone: each was written for a venue of its own.
        assert succeeded > 0.8 * len(SERVED)


async def _outcome(ask: Scene, bench: Bench) -> tuple[int, object]:
    """The code of an answer, and the shape of its data; scenes assert that what they prepare succeeds."""
    try:
        answer = await ask(bench)
    except (AssertionError, IndexError):
        return -1, None
    return answer.code, samples.shape(answer.json["data"])


async def test_a_replica_is_the_market_data_of_the_engine(engine: tuple[Bench, EngineLink]) -> None:
    bench, _ = engine
    async with gateway(bench) as early:
        for step in range(40):
            bench.clock.time += 30_000
            side, price = ("buy", 100 - step % 7) if step % 2 else ("sell", 98 + step % 5)
            await bench.alice.order(side, "limit", "0.3", str(price))
            await bench.bob.order("sell" if side == "buy" else "buy", "ioc", "0.1", str(price))
        async with gateway(bench, "gateway-2") as late:
            data = bench.venue.market_data
            for front in (early, late):
                await until(partial(has_seen, front, data.sequence))
                assert states(front.market_data) == states(data)
                now = bench.clock.now()
                assert front.market_data.ticker("BTCUSDT", now) == data.ticker("BTCUSDT", now)


async def test_quotas_are_counted_for_all_gateways_together(tmp_path: Path) -> None:
    async with open_bench(tmp_path) as bench:
        front = VenueFront(bench.venue, Quotas(lambda: 0))
        async with EngineLink(bench.venue, front), gateway(bench) as one, gateway(bench, "other") as other:
            taken = [await front.quotas.take("test", 10, 7) for front in [one, other] * 10]
            assert [each.left for each in taken] == [*range(9, -1, -1), *[0] * 10]
            assert sum(each.allowed for each in taken) == 10


async def test_a_revoked_key_is_out_everywhere_before_that_is_acknowledged(
    engine: tuple[Bench, EngineLink],
) -> None:
    bench, link = engine
    answer = link.settling(OperatorDesk(bench.venue).answer)
    key = bench.alice.key.key_id
    async with gateway(bench) as one, gateway(bench, "gateway-2") as other:
        heard: list[str] = []
        for front in (one, other):
            front.on_key_change(lambda key: heard.append(key.key_id))
            assert front.find_key(key) is not None
        await answer(encode_request(RevokeKey(key)))
        assert one.find_key(key) is other.find_key(key) is None
        assert heard == [key, key]


async def test_a_sub_accounts_key_is_out_everywhere_when_its_owner_is_told(
    engine: tuple[Bench, EngineLink],
) -> None:
    bench, _ = engine
    async with gateway(bench) as one, gateway(bench, "gateway-2") as other:
        serve(bench, one, CoinexSettings(rate_limits=False))
        await bench.alice.post("/account/subs", sub_user_name="desk")
        made = await bench.alice.post(
            "/account/subs/api", sub_user_name="desk", ip_whitelist=["127.0.0.1"], trade_enabled=True
        )
        key = bench.venue.accounts.key(made.data["api_id"]).key_id
        assert other.find_key(key) is not None
        assert (await bench.alice.post("/account/subs/delete-api", api_id=made.data["api_id"])).code == 0
        assert other.find_key(key) is None


async def test_maintenance_is_known_everywhere(engine: tuple[Bench, EngineLink]) -> None:
    bench, link = engine
    answer = link.settling(OperatorDesk(bench.venue).answer)
    async with gateway(bench) as early:
        heard: list[str] = []
        early.maintenance.listen(lambda plan: heard.append(plan.scope))
        start = bench.clock.now() + 60_000
        await answer(encode_request(PlanMaintenance(start, 60)))
        assert heard == ["all"]
        async with gateway(bench, "gateway-2") as late:
            for front in (early, late):
                assert front.maintenance.coming(bench.clock.now()) == bench.venue.maintenance.coming(0)
                assert not front.maintenance.is_on("spot", start - 1)
                assert front.maintenance.is_on("spot", start)
            await answer(encode_request(CancelMaintenance(1)))
            assert early.maintenance.coming(0) == late.maintenance.coming(0) == []


async def test_a_chain_that_comes_with_a_new_asset_is_connected_everywhere(
    engine: tuple[Bench, EngineLink],
) -> None:
    bench, _ = engine
    async with gateway(bench) as early:
        assert not early.directory.is_connected("ERC20")
        chain = msgspec.structs.replace(TRC20, name="ERC20")
        bench.operations.add_asset(AssetSpec("LINK", "Chainlink", (chain,)))
        await until(lambda: early.directory.asset("LINK") is not None)
        async with gateway(bench, "gateway-2") as late:
            for front in (early, late):
                assert front.directory.is_connected("ERC20")
                assert front.directory.is_connected("TRC20")


async def test_a_gateway_that_does_not_answer_is_cut_off(
    engine: tuple[Bench, EngineLink], monkeypatch: pytest.MonkeyPatch
) -> None:
    bench, link = engine
    monkeypatch.setattr("openbourse.link.server.SETTLE_SECONDS", 0.2)
    async with gateway(bench) as front:
        assert front._link is not None
        front._link._on_message = lambda *_: None
        gaps: list[int] = []
        front.on_gap(lambda: gaps.append(1))
        await link.settled()
        await until(lambda: gaps)


async def test_a_gateway_that_does_not_read_is_cut_off(
    engine: tuple[Bench, EngineLink], monkeypatch: pytest.MonkeyPatch
) -> None:
    bench, link = engine
    monkeypatch.setattr(protocol, "MAX_UNSENT", 100_000)
    async with gateway(bench) as front:
        assert front._link is not None
        reading = front._link._transport
        assert reading is not None
        reading.pause_reading()
        (told,) = link._gateways.values()
        big = [AssetSpec(f"A{number}", "x" * 1000) for number in range(100)]
        while not told.link.lost:
            told.link.send(messages.Assets(big, []))
            await asyncio.sleep(0)
        gaps: list[int] = []
        front.on_gap(lambda: gaps.append(1))
        reading.resume_reading()
        await until(lambda: gaps and front.in_touch)


async def test_no_more_gateways_than_there_may_be(
    engine: tuple[Bench, EngineLink], monkeypatch: pytest.MonkeyPatch
) -> None:
    bench, link = engine
    monkeypatch.setattr("openbourse.link.server.MAX_GATEWAYS", 1)
    async with gateway(bench):
        reader, writer = await asyncio.open_unix_connection(bench.venue.directory.gateway_socket)
        async with asyncio.timeout(30):
            assert await reader.read() == b""
        writer.close()
        await until(lambda: len(link._gateways) == 1)
    async with gateway(bench, "the next one"):
        pass


async def test_a_connection_that_says_nothing_delays_nobody(
    engine: tuple[Bench, EngineLink], monkeypatch: pytest.MonkeyPatch
) -> None:
    bench, link = engine
    monkeypatch.setattr("openbourse.link.server.SETTLE_SECONDS", 3600.0)
    async with gateway(bench):
        _, writer = await asyncio.open_unix_connection(bench.venue.directory.gateway_socket)
        await until(lambda: len(link._gateways) == 2)
        async with asyncio.timeout(30):
            await link.settled()
        writer.close()
        await until(lambda: len(link._gateways) == 1)


async def test_a_link_that_ends_is_not_stopped_by_a_failing_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_bench(tmp_path) as bench:
        async with EngineLink(bench.venue), gateway(bench):
            monkeypatch.setattr(Path, "unlink", _read_only)
        monkeypatch.undo()


def _read_only(path: Path, missing_ok: bool = False) -> None:
    raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))


async def test_a_link_that_ends_can_be_cancelled(tmp_path: Path) -> None:
    async with open_bench(tmp_path) as bench:
        link = await EngineLink(bench.venue).__aenter__()
        ending = asyncio.create_task(link.__aexit__())
        await asyncio.sleep(0)
        ending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await ending
        assert not bench.venue.directory.gateway_socket.exists()


@pytest.mark.parametrize("limits", [False, True])
async def test_calls_under_way_when_the_engine_dies(tmp_path: Path, limits: bool) -> None:
    """Commands: nobody knows. What only reads: try again. And everything is Busy until it is back."""
    async with open_bench(tmp_path) as bench, contextlib.AsyncExitStack() as engine:
        await engine.enter_async_context(EngineLink(bench.venue))
        async with gateway(bench) as front:
            gaps: list[int] = []
            front.on_gap(lambda: gaps.append(1))
            command = asyncio.ensure_future(front.holdings.set_fee_discount(bench.alice.user, enabled=True))
            reading = asyncio.ensure_future(front.trading.open_orders(bench.alice.user.id, "spot"))
            await asyncio.sleep(0)
            assert len(front._pending) == 2
            assert front._link is not None
            front._link.abort()
            with pytest.raises(OutcomeUnknown):
                await command
            with pytest.raises(Busy):
                await reading
            assert gaps == [1]
            serve(bench, front, CoinexSettings(rate_limits=limits))
            if not front.in_touch:
                assert (await bench.alice.order("buy", "limit", "1", "1")).code == 3008
                assert (await bench.get("/spot/market")).code == 3008
            await until(lambda: front.in_touch)
            assert (await bench.alice.order("buy", "limit", "1", "1")).code == 0


async def test_calls_under_way_when_the_engine_falls_silent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if it had died: nobody waits for a process that is suspended, or turns in a circle."""
    monkeypatch.setattr(remote, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(server, "PULSE_SECONDS", 3600.0)
    async with open_bench(tmp_path) as bench, EngineLink(bench.venue), gateway(bench) as front:
        assert front._link is not None
        gaps: list[int] = []
        front.on_gap(lambda: gaps.append(1))
        front._link._transport.pause_reading()  # type: ignore[union-attr] # it is connected
        with pytest.raises(OutcomeUnknown):
            await front.holdings.set_fee_discount(bench.alice.user, enabled=True)
        assert gaps == [1]
        await until(lambda: front.in_touch)


async def test_the_engine_dies_while_it_is_asked_for_a_quota(tmp_path: Path) -> None:
    """Nothing was done: the client is told to try again, and no bug is reported."""
    async with open_linked_bench(tmp_path, CoinexSettings()) as bench:
        front = bench.front
        assert isinstance(front, RemoteFront)
        orders = [asyncio.create_task(bench.alice.order("buy", "limit", "1", "1")) for _ in range(3)]
        for _ in range(1000):  # every turn of the loop is looked at: the engine needs more than one to answer
            if front._pending:
                break
            await asyncio.sleep(0)
        assert {method.name for _, method in front._pending.values()} == {"quotas.take"}
        assert front._link is not None
        front._link.abort()
        assert [(await order).code for order in orders] == [3008] * 3
        assert bench.app.traffic.failures == 0


async def test_too_many_calls_are_under_way_to_ask_for_a_quota(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_linked_bench(tmp_path, CoinexSettings()) as bench:
        assert (await bench.alice.order("buy", "limit", "1", "1")).code == 0
        monkeypatch.setattr("openbourse.link.remote.MAX_PENDING", 0)
        assert (await bench.alice.order("buy", "limit", "1", "1")).code == 3008
        assert bench.app.traffic.failures == 0


async def test_an_answer_that_is_not_understood_keeps_nobody_waiting(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    front, user = bench.front, bench.alice.user
    assert isinstance(front, RemoteFront)

    def not_understood(*_: object) -> object:
        raise ValueError("not as it was meant")

    with monkeypatch.context() as patched:
        patched.setattr(METHODS["holdings.balances"], "result", not_understood)
        patched.setattr(METHODS["holdings.set_fee_discount"], "result", not_understood)
        patched.setattr("openbourse.link.remote._raised", not_understood)
        async with asyncio.timeout(30):
            with pytest.raises(EngineError):
                await front.holdings.balances(user.id, "spot")
            with pytest.raises(OutcomeUnknown):
                await front.holdings.set_fee_discount(user, enabled=True)
            with pytest.raises(OutcomeUnknown):
                await front.holdings.transfer(user, "spot", "futures", "BTC", 10**40)
    assert front.in_touch
    assert (await front.holdings.balances(user.id, "spot"))["BTC"][0] > 0


async def test_another_engine_on_the_same_socket_is_found(tmp_path: Path) -> None:
    async with open_bench(tmp_path) as bench, contextlib.AsyncExitStack() as first:
        await first.enter_async_context(EngineLink(bench.venue))
        async with gateway(bench) as front:
            versions = {name: front.market_data.version(name) for name in front.market_data.markets()}
            await first.aclose()
            await until(lambda: not front.in_touch)
            assert front.trouble() != ""
            with pytest.raises(Busy):
                await front.holdings.balances(bench.alice.user.id, "spot")
            async with EngineLink(bench.venue):
                await until(lambda: front.in_touch)
                assert front.trouble() == ""
                assert (await front.holdings.balances(bench.alice.user.id, "spot"))["BTC"][0] > 0
                # Whoever has kept an answer by its version must not take it for a new one.
                assert all(front.market_data.version(name) > before for name, before in versions.items())


async def test_who_watches_is_sent_away_when_there_is_a_gap(engine: tuple[Bench, EngineLink]) -> None:
    bench, _ = engine
    async with gateway(bench) as front, WebSocketService(front) as websockets:
        closed: list[int] = []

        class Watcher:
            def send(self, frames: bytes) -> None: ...
            def close(self, code: int, reason: str) -> None:
                closed.append(code)

        websockets.hub.join(Watcher(), websockets.hub.spot, "127.0.0.1")
        assert front._link is not None
        front._link.abort()
        await until(lambda: closed == [1012])


async def test_a_gateway_of_another_version_is_not_let_in(
    engine: tuple[Bench, EngineLink], monkeypatch: pytest.MonkeyPatch
) -> None:
    bench, _ = engine
    monkeypatch.setattr("openbourse.link.remote.VERSION", "0.0.0")
    front = RemoteFront(bench.venue.directory.gateway_socket, "old", bench.clock)
    running = asyncio.create_task(front.run())
    lost: list[int] = []
    try:
        await until(lambda: front._link is not None)
        front._link._on_lost = lambda link: lost.append(1)  # type: ignore[union-attr]
        await until(lambda: lost)
        assert not front.in_touch
    finally:
        running.cancel()


async def test_orders_of_one_turn_and_their_answers_are_a_frame_each_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("openbourse.link.server.PULSE_SECONDS", 3600.0)
    async with open_bench(tmp_path) as bench, EngineLink(bench.venue) as link, gateway(bench) as front:
        (told,) = link._gateways
        assert front._link is not None
        sent, answered, batches = front._link.sent_frames, told.sent_frames, bench.venue.sequencer.batches
        orders = [
            OrderRequest(bench.alice.user.id, "spot", "BTCUSDT", "buy", "limit", UNIT, step * UNIT)
            for step in range(1, 21)
        ]
        placed = await asyncio.gather(*map(front.trading.place, orders))
        assert [state.request for state in placed] == orders
        assert bench.venue.sequencer.batches == batches + 1
        assert front._link.sent_frames == sent + 1
        # What has happened, and all answers.
        assert told.sent_frames == answered + 1
        assert front.market_data.sequence == bench.venue.exchange.sequence
