"""The snapshot with which a gateway begins."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from openbourse.core.commands import MarketSpec
from openbourse.core.units import UNIT
from openbourse.link import messages, protocol
from openbourse.link.server import EngineLink
from openbourse.market_data.market_data import MarketState
from tests.link.linked import gateway, has_seen, states
from tests.waiting import until
from tests.wire.coinex.bench import MARKETS, RATE, Bench, open_bench


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[tuple[Bench, EngineLink]]:
    """A bench whose engine takes gateways in, and has none yet."""
    async with open_bench(tmp_path) as bench, EngineLink(bench.venue) as link:
        yield bench, link


async def test_what_happens_during_a_snapshot_is_neither_lost_nor_doubled(
    engine: tuple[Bench, EngineLink], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Trades on all markets, new ones and new terms, after each piece: also of what was not told yet."""
    bench, _ = engine
    drained = protocol.LinkProtocol.drained
    new = [("ETH", "BTC"), ("CET", "BTC"), ("BTC", "CET"), ("ETH", "CET"), ("USDT", "CET"), ("USDT", "BTC")]
    pieces = 0

    async def drained_and_traded(link: protocol.LinkProtocol[messages.FromGateway]) -> None:
        nonlocal pieces
        await drained(link)
        pieces += 1
        bench.clock.time += 20_000
        base, quote = new.pop()
        await bench.operations.add_market(
            MarketSpec(f"{base}{quote}", base, quote, 8, 2, UNIT // 1000, RATE, RATE)
        )
        await bench.operations.set_market_status("ETHUSDT", "halted" if pieces % 2 else "open")
        for market in bench.venue.exchange.market_names():
            for client, side in ((bench.alice, "sell"), (bench.bob, "buy")):
                await client.order(side, "limit", "60" if market == "CETUSDT" else "0.1", "1", market=market)
            await bench.alice.order("sell", "limit", "100", str(pieces + 1), market=market)

    monkeypatch.setattr(protocol.LinkProtocol, "drained", drained_and_traded)
    async with gateway(bench) as front:
        monkeypatch.undo()
        data = bench.venue.market_data
        await until(partial(has_seen, front, data.sequence))
        assert pieces > len(MARKETS)
        assert states(front.market_data) == states(data)
        assert len(data.tape("CETUSDT", 100)) == pieces
        for name in bench.venue.exchange.market_names():
            assert front.directory.market_spec(name) == bench.venue.exchange.market_spec(name)
            assert front.directory.market_status(name) == bench.venue.exchange.market_status(name)


async def test_a_snapshot_that_fails_is_begun_anew(
    engine: tuple[Bench, EngineLink], monkeypatch: pytest.MonkeyPatch
) -> None:
    bench, _ = engine
    data = bench.venue.market_data
    real, asked = data.state, []

    def fails_at_first(market: str) -> MarketState:
        asked.append(market)
        if len(asked) == 2:
            raise RuntimeError("a bug")
        return real(market)

    monkeypatch.setattr(data, "state", fails_at_first)
    async with gateway(bench) as front:
        monkeypatch.undo()
        assert asked == [*data.markets()[:2], *data.markets()]
        assert states(front.market_data) == states(data)


async def test_a_snapshot_waits_for_its_reader(
    engine: tuple[Bench, EngineLink], monkeypatch: pytest.MonkeyPatch
) -> None:
    """However large it is, little of it is in the engine's memory."""
    bench, link = engine
    monkeypatch.setattr(protocol, "MAX_UNSENT", 2_000_000)
    monkeypatch.setattr(bench.venue.accounts, "living_keys", lambda: [bench.alice.key] * 10_000)
    levels = [(price * UNIT, UNIT) for price in range(4000, 0, -1)]
    for number in range(30):
        state = MarketState(f"M{number}", levels, [], 0, 0, 0, [], [], 0)
        bench.venue.market_data.restate(state)
    reader, writer = await asyncio.open_unix_connection(bench.venue.directory.gateway_socket)
    hello = messages.encoder.encode([messages.Hello(messages.VERSION, "reads late")])
    writer.write(len(hello).to_bytes(4, "big") + hello)
    await until(lambda: link._gateways)
    (told,) = link._gateways
    await until(lambda: told.lost or not told._writable.is_set())
    most, read, complete = 0, 0, False
    async with asyncio.timeout(60):
        while not complete:
            assert told._transport is not None
            most = max(most, told._transport.get_write_buffer_size())
            frame = await reader.readexactly(int.from_bytes(await reader.readexactly(4), "big"))
            read += len(frame)
            complete = any(isinstance(each, messages.Complete) for each in messages.from_engine.decode(frame))
    assert most < 1_000_000
    assert read > 2 * protocol.MAX_UNSENT
    writer.close()
