"""A disk that fills up under a running venue: a clear end, and nothing acknowledged is lost.

A limit on the size of its files, set while it runs, does to the process what a full disk would.
"""

import resource
import time
from pathlib import Path

import pytest

from tests.recovery.client import Client, Refused, Unanswered
from tests.recovery.server import Account, Server, found, verify

PATIENCE = 20.0
MOST_ORDERS = 5_000
UNAVAILABLE, TIMED_OUT = 4001, 4002

# So small that not even a write-ahead file can grow.
ONE_PAGE = 4_096

linux_only = pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="prlimit is Linux's")


@linux_only
def test_a_full_disk_ends_the_venue_with_a_sentence_and_its_data_intact(tmp_path: Path) -> None:
    data_dir, errors = tmp_path / "venue", tmp_path / "errors.txt"
    (account,) = found(data_dir, users=1)
    server = Server(data_dir, errors)
    try:
        server.wait_until_ready()
        client = server.client(account)
        acknowledged = [client.post("/spot/order", **_order(number))["order_id"] for number in range(20)]
        _limit_files(server, (data_dir / "commands.db-wal").stat().st_size + 50_000)
        stopped = _place_until_it_fails(client, acknowledged)
        began = time.monotonic()
        assert server.wait() == 1
        assert time.monotonic() - began < PATIENCE
    finally:
        server.kill()
    said = errors.read_text()
    assert "the venue has stopped" in said, said
    assert "Traceback" not in said, said
    _check_what_is_there(data_dir, errors, account, acknowledged, stopped)


def _place_until_it_fails(client: Client, acknowledged: list[int]) -> Refused | Unanswered:
    try:
        while len(acknowledged) < MOST_ORDERS:
            acknowledged.append(client.post("/spot/order", **_order(len(acknowledged)))["order_id"])
    except (Refused, Unanswered) as failure:
        return failure
    raise AssertionError("the disk is full and orders are taken all the same")


def _check_what_is_there(
    data_dir: Path, errors: Path, account: Account, acknowledged: list[int], stopped: Refused | Unanswered
) -> None:
    """With room again: every order, and at most the one whose outcome nobody was told."""
    assert isinstance(stopped, Unanswered) or stopped.code in (TIMED_OUT, UNAVAILABLE)
    server = Server(data_dir, errors)
    try:
        server.wait_until_ready()
        client = server.client(account)
        rows = {row["order_id"]: row for row in client.pages("/spot/pending-order", market_type="SPOT")}
        assert rows.keys() >= set(acknowledged)
        assert [row["client_id"] for order_id, row in rows.items() if order_id not in acknowledged] in (
            [],
            [f"order-{len(acknowledged)}"],
        )
        assert client.post("/spot/order", **_order(9_999))["order_id"] > max(rows)
        assert server.stop() == 0
    finally:
        server.kill()
    verify(data_dir)


def _limit_files(server: Server, size: int) -> None:
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (size, size))


def _order(number: int) -> dict[str, object]:
    return {
        "market": "BTCUSDT",
        "market_type": "SPOT",
        "side": "buy",
        "type": "limit",
        "amount": "0.01",
        "price": str(50_000 + number),
        "client_id": f"order-{number}",
    }


@linux_only
def test_a_venue_does_not_start_on_a_full_disk_and_says_so(tmp_path: Path) -> None:
    data_dir, errors = tmp_path / "venue", tmp_path / "errors.txt"
    found(data_dir, users=1)
    server = Server(data_dir, errors, file_limit=ONE_PAGE)
    try:
        assert server.wait() == 1
    finally:
        server.kill()
    said = errors.read_text().splitlines()
    assert said[-1].startswith("Error: "), said
    assert not any("Traceback" in line for line in said), said
    server = Server(data_dir, errors)
    try:
        server.wait_until_ready()
        assert server.stop() == 0
    finally:
        server.kill()
    verify(data_dir)
