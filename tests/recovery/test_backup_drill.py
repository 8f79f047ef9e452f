"""The drill: a venue under load is backed up, lost, and comes back somewhere else."""

import shutil
from pathlib import Path

from openbourse.log.verify import verify as verify_directory
from tests.cli.processes import complaint, run, succeed
from tests.recovery.holdings import contradictions, contradictions_among, holdings
from tests.recovery.memory import Memory
from tests.recovery.server import Server, found, verify
from tests.recovery.trader import Trader
from tests.waiting import wait_until


def test_a_venue_is_backed_up_under_load_and_restored_elsewhere(tmp_path: Path) -> None:
    data_dir, errors, archive = tmp_path / "venue", tmp_path / "errors.txt", tmp_path / "backup"
    accounts = found(data_dir, users=3)
    memories = [Memory() for _ in accounts]
    server = Server(data_dir, errors)
    try:
        server.wait_until_ready()
        clients = [server.client(account) for account in accounts]
        early = clients[0].post("/spot/order", **_order("early"))["order_id"]
        traders = [
            Trader(account.name, client, memory, seed, early)
            for seed, (account, client, memory) in enumerate(zip(accounts, clients, memories, strict=True))
        ]
        for trader in traders:
            trader.start()
        wait_until(lambda: _acknowledged(memories) > 50)
        before = _acknowledged(memories)
        output = succeed("backup", "--data-dir", data_dir, "--to", archive)
        after = _acknowledged(memories)
        wait_until(lambda: _acknowledged(memories) > after + 30)
        for trader in traders:
            trader.ended.set()
            trader.join()
        assert after > before, "there was no load"
        assert server.stop() == 0
    finally:
        server.kill()
    sequence = int(output.split("up to command ")[1].split(",")[0])
    assert verify_directory(data_dir).sequence > sequence
    key = tmp_path / "master.key"
    shutil.copy(data_dir / "master.key", key)
    shutil.rmtree(data_dir)

    elsewhere = tmp_path / "elsewhere"
    assert str(sequence) in succeed("restore", archive, "--data-dir", elsewhere, "--master-key", key)
    assert f"sequence: {sequence}\n" in verify(elsewhere)
    assert "is not empty" in complaint(run("restore", archive, "--data-dir", elsewhere))
    server = Server(elsewhere, errors)
    try:
        server.wait_until_ready()
        everybody = [holdings(server.client(account)) for account in accounts]
        assert contradictions_among(everybody) == []
        for held in everybody:
            assert contradictions(held) == []
        assert early in {*everybody[0].pending, *everybody[0].finished}
        later = server.client(accounts[0]).post("/spot/order", **_order("later"))["order_id"]
        assert later > max(held.highest_id for held in everybody)
        assert server.stop() == 0
    finally:
        server.kill()
    verify(elsewhere)


def _acknowledged(memories: list[Memory]) -> int:
    return sum(memory.acknowledged for memory in memories)


def _order(client_id: str) -> dict[str, object]:
    """Far below the prices of the traders, so that it rests."""
    return {
        "market": "BTCUSDT",
        "market_type": "SPOT",
        "side": "buy",
        "type": "limit",
        "amount": "0.01",
        "price": "1000",
        "client_id": client_id,
    }
