"""What a test can do with a venue of its own."""

import asyncio
import sys
from decimal import Decimal
from pathlib import Path
from threading import Event

import ccxt
import pytest

from openbourse.client.coinex import Gap
from openbourse.testing import Sandbox, SandboxError, SandboxProcess, thread
from tests.waiting import SECONDS, wait_until

BTC = "BTC/USDT"


def test_every_one_begins_anew() -> None:
    for _ in range(3):
        with Sandbox.running() as sandbox:
            assert sandbox.balance(sandbox.user("alice", USDT=1), "USDT") == 1
            assert sandbox.ccxt().fetch_time() > 0


def test_users_have_the_money_they_are_given(sandbox: Sandbox) -> None:
    alice = sandbox.user("alice", USDT=1000, BTC="0.5")
    sandbox.user("alice", USDT="0.25")
    assert sandbox.balance(alice, "USDT") == Decimal("1000.25")
    assert sandbox.balance(alice, "BTC") == Decimal("0.5")
    assert sandbox.user("alice") == alice
    with pytest.raises(SandboxError, match="no asset"):
        sandbox.user("alice", NOTHING=1)


def test_quotes_move_through_the_orders_of_others(sandbox: Sandbox) -> None:
    alice = sandbox.user("alice", USDT=100_000, BTC=10)
    sandbox.quote(BTC, 60_000)
    assert sandbox.best(BTC) == (Decimal(59_970), Decimal(60_030))
    order = sandbox.place(alice, BTC, "buy", 1, 55_000, client_id="mine")
    assert (order.status, order.filled) == ("open", Decimal(0))
    assert sandbox.frozen(alice, "USDT") == 55_000
    sandbox.quote(BTC, 50_000)
    assert sandbox.best(BTC) == (Decimal(49_975), Decimal(50_025))
    (trade,) = sandbox.trades(alice, BTC)
    assert (trade.order_id, trade.role) == (order.id, "maker")
    assert (trade.price, trade.quantity) == (Decimal(55_000), Decimal(1))
    assert sandbox.open_orders(alice) == []
    sandbox.place(alice, BTC, "sell", "0.5")
    assert [trade.role for trade in sandbox.trades(alice, BTC)] == ["maker", "taker"]
    sandbox.check_ledger()


def test_refusals_are_told(sandbox: Sandbox) -> None:
    poor = sandbox.user("poor")
    with pytest.raises(SandboxError, match="insufficient"):
        sandbox.place(poor, BTC, "buy", 1, 100)
    with pytest.raises(SandboxError, match="there is no market XYZUSDT"):
        sandbox.place(poor, "XYZUSDT", "buy", 1, 100)


@pytest.mark.sandbox(factor=0, start=1_800_000_000_000)
def test_the_clock_stands_until_it_is_moved_and_clients_go_along(sandbox: Sandbox) -> None:
    alice = sandbox.user("alice", USDT=1000)
    exchange = sandbox.ccxt(alice)
    assert sandbox.now() == exchange.fetch_time() == 1_800_000_000_000
    sandbox.quote(BTC, 60_000)
    sandbox.place(alice, BTC, "buy", "0.001")
    sandbox.advance(3600)
    assert exchange.fetch_balance()["BTC"]["total"] > 0
    sandbox.place(alice, BTC, "buy", "0.001")
    first, second = sandbox.trades(alice, BTC)
    assert second.time - first.time == 3_600_000
    candles = exchange.fetch_ohlcv(BTC, "1h")
    assert [candle[0] for candle in candles[-2:]] == [1_800_000_000_000, 1_800_003_600_000]
    sandbox.set_pace(1000)
    wait_until(lambda: sandbox.now() >= 1_800_003_660_000)
    sandbox.set_pace(0)
    stands_at = sandbox.now()
    assert sandbox.now() == stands_at


@pytest.mark.sandbox(factor=0, bots=True)
def test_living_markets_on_a_clock_that_is_stepped(sandbox: Sandbox) -> None:
    alice = sandbox.user("alice", USDT=1000)
    bid, ask = sandbox.best(BTC)
    assert 0 < bid < ask
    sandbox.place(alice, BTC, "buy", "0.001")
    sandbox.regime(BTC, "crash")
    sandbox.advance(20)
    assert sandbox.best(BTC)[0] < bid * Decimal("0.97")
    sandbox.regime(BTC, "halted")
    with pytest.raises(SandboxError, match="market"):
        sandbox.place(alice, BTC, "buy", "0.001")


async def test_asynchronous_clients(sandbox: Sandbox) -> None:
    alice = sandbox.user("alice", USDT=1000)
    sandbox.quote(BTC, 60_000)
    exchange = sandbox.ccxt_async(alice)
    watcher = sandbox.ccxt_pro(alice)
    try:
        order = await exchange.create_order(BTC, "limit", "buy", 0.001, 50_000)
        assert [each.id for each in sandbox.open_orders(alice)] == [int(order["id"])]
        book = await watcher.watch_order_book(BTC)
        assert book["bids"][0][0] == 59_970
    finally:
        await exchange.close()
        await watcher.close()


def test_a_process_of_its_own(sandbox_process: SandboxProcess) -> None:
    exchange = sandbox_process.ccxt("trader1", enableRateLimit=False)
    assert exchange.fetch_balance()["USDT"]["total"] == 1_000_000
    with sandbox_process.coinex(sandbox_process.users["trader1"]) as client:
        assert max(balance.available for balance in client.assets.spot_balance()) >= 1_000_000
    sandbox_process.control.post("faults", {"kind": "busy", "count": 1})
    with pytest.raises(ccxt.ExchangeNotAvailable):
        exchange.fetch_balance()
    assert sandbox_process.control.get("faults/injected")[0]["kind"] == "busy"
    before = sandbox_process.now()
    sandbox_process.control.post("clock", {"jump": 3600})
    assert sandbox_process.now() - before >= 3_600_000


@pytest.mark.sandbox(factor=0, start=1_800_000_000_000)
async def test_typed_clients_are_ready_made(sandbox: Sandbox) -> None:
    alice = sandbox.user("alice", USDT=100_000)
    sandbox.quote(BTC, 60_000)
    with sandbox.coinex(alice) as client, sandbox.coinex() as nobody, sandbox.coinw(alice) as other:
        client.spot.place_order(market="BTCUSDT", side="buy", type="limit", amount=1, price=50_000)
        assert nobody.time().timestamp == sandbox.now() == 1_800_000_000_000
        sandbox.advance(3600)
        assert client.assets.spot_balance()[0].frozen == 50_000
        assert other.balances().frozen["USDT"] == 50_000
    with sandbox.coinex_stream(alice) as stream, stream.book("BTCUSDT") as books:
        assert books.next(30).best_bid == (Decimal(59_970), Decimal(1))
    async with sandbox.coinex_async(alice) as client_, sandbox.coinw_async(alice) as other_:
        assert (await client_.spot.pending_orders()).total == 1
        assert len(await other_.open_orders("BTC_USDT")) == 1
    async with sandbox.coinex_async_stream(alice) as stream_, stream_.orders() as orders:
        sandbox.cancel_all(alice, BTC)
        update = await anext(orders)
        assert not isinstance(update, Gap)
        assert update.event == "finish"


def in_front(folder: Path, monkeypatch: pytest.MonkeyPatch, before: str) -> None:
    """Do something in a sandbox's process before it starts."""
    program = folder / "python"
    program.write_text(f'#!/bin/sh\n{before}\nexec {sys.executable} "$@"\n')
    program.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(program))


def test_a_process_that_says_more_than_fits_into_a_pipe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_front(tmp_path, monkeypatch, "head -c 300000 /dev/zero >&2")
    with SandboxProcess.running() as sandbox:
        assert sandbox.now() > 0


def test_a_process_that_does_not_start_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    in_front(tmp_path, monkeypatch, "echo there is no room >&2; exit 1")
    with pytest.raises(RuntimeError, match="there is no room"), SandboxProcess.running():
        pass


def test_a_long_step_of_the_clock_takes_its_time(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thread, "CALL_SECONDS", 0.0)
    before = sandbox.now()
    sandbox.advance(3600)
    assert sandbox.now() >= before + 3_600_000


def test_what_nobody_waits_for_any_more_does_not_go_on(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    started, ended = Event(), Event()

    async def endless() -> None:
        started.set()
        try:
            await asyncio.sleep(3600)
        finally:
            ended.set()

    monkeypatch.setattr(thread, "CALL_SECONDS", 0.5)
    with pytest.raises(TimeoutError, match=r"not done within 0\.5 s"):
        sandbox._thread.run(endless())
    assert not started.is_set() or ended.wait(SECONDS)
