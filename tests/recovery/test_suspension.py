"""A venue that is stopped like a debugger or a hypervisor would, and goes on.

With OPENBOURSE_TEST_STOP_SECONDS=60 it is a minute.
"""

import asyncio
import os
import signal
import time
from pathlib import Path
from typing import Any

from openbourse.accounts.hmac_key import HmacKey
from tests.recovery.client import Client, Refused
from tests.recovery.orders import order
from tests.recovery.server import METRICS, Account, Server, found, verify
from tests.wire.coinex.ws.raw_client import RawClient

STOP_SECONDS = float(os.environ.get("OPENBOURSE_TEST_STOP_SECONDS", "3"))
PATIENCE = 30.0
REQUEST_EXPIRED = 4010
SETTINGS = METRICS | {"OPENBOURSE_WEBSOCKET_IDLE_SECONDS": "10"}


async def _watcher(server: Server, account: Account) -> RawClient:
    """Somebody who hears of all orders of the account."""
    client = await RawClient.connect(server.port)
    now = str(time.time_ns() // 1_000_000)
    signature = HmacKey(account.secret.encode()).digest(now.encode()).hex()
    sign = {"access_id": account.key_id, "timestamp": int(now), "signed_str": signature}
    assert (await client.ask("server.sign", sign))["code"] == 0
    assert (await client.ask("order.subscribe", {"market_list": []}))["code"] == 0
    return client


async def _heard(watcher: RawClient, count: int) -> list[str]:
    """The client ids of the next so many orders that were put."""
    heard: list[str] = []
    while len(heard) < count:
        message = await watcher.read(PATIENCE)
        if message.get("method") == "order.update" and message["data"]["event"] == "put":
            heard.append(message["data"]["order"]["client_id"])
    return heard


async def _post(client: Client, number: int) -> Any:
    return await asyncio.to_thread(client.post, "/spot/order", **order(number))


async def test_nothing_is_lost_nor_done_twice_and_nobody_is_sent_away(tmp_path: Path) -> None:
    data_dir, errors = tmp_path / "venue", tmp_path / "errors.txt"
    (account,) = await asyncio.to_thread(found, data_dir, 1)
    server = Server(data_dir, errors, settings=SETTINGS)
    try:
        server.wait_until_ready()
        watcher = await _watcher(server, account)
        clients = [server.client(account, timeout=STOP_SECONDS + PATIENCE) for _ in range(4)]
        clients[1].window_ms, clients[2].window_ms = 1_000, 60_000
        await _post(clients[0], 0)
        server.process.send_signal(signal.SIGSTOP)
        too_late = asyncio.create_task(_post(clients[1], 2))
        await asyncio.sleep(max(0.0, STOP_SECONDS - 1))
        in_time = asyncio.create_task(_post(clients[2], 3))
        await asyncio.sleep(min(1.0, STOP_SECONDS))
        server.process.send_signal(signal.SIGCONT)

        await in_time
        refused = (await asyncio.gather(too_late, return_exceptions=True))[0]
        assert isinstance(refused, Refused)
        assert refused.code == REQUEST_EXPIRED, "whoever gave it up may ask again without fear"
        await _post(clients[3], 4)
        assert sorted(await _heard(watcher, 3)) == ["order-0", "order-3", "order-4"]
        assert (await watcher.ask("server.ping"))["data"] == {"result": "pong"}
        await watcher.leave()
        _check(server, clients[3])
        assert server.stop() == 0
    finally:
        server.process.send_signal(signal.SIGCONT)
        server.kill()
    assert "Traceback" not in errors.read_text()
    assert "clock_was_set" not in errors.read_text(), "time has passed for everybody"
    verify(data_dir)


def _check(server: Server, client: Client) -> None:
    rows = client.pages("/spot/pending-order", market_type="SPOT")
    assert sorted(row["client_id"] for row in rows) == ["order-0", "order-3", "order-4"]
    assert server.readiness() == "ok"
    assert server.metric("openbourse_stalled_seconds") == 0.0
    assert server.metric("openbourse_conservation_alarms") == 0.0
    assert server.metric("openbourse_clock_steps") == 0.0
    assert server.metric("openbourse_websocket_opened_total") == 1.0
