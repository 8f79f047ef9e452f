"""A venue is killed while it trades; what it was in the middle is looked at in a sandbox."""

import asyncio
import json
import signal
import socket
import urllib.request
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from openbourse.cli import main
from openbourse.core.commands import PlaceOrder
from openbourse.core.decimals import parse_decimal, scaled
from openbourse.core.exchange import Exchange
from openbourse.core.units import UNIT_DECIMALS
from openbourse.log.data_directory import DataDirectory
from openbourse.log.sqlite_log import SqliteLog
from openbourse.wire.coinex.recorded import CoinexRequests
from openbourse.wire.recorded import RecordedRequest, Signer
from tests.cli.processes import Server, complaint, run, started
from tests.sandbox.incidents import MARKET, furnished

ALICE = 1


def test_a_killed_venue_is_opened_at_a_command_and_goes_on(tmp_path: Path) -> None:
    source, keys_file = tmp_path / "venue", tmp_path / "keys.json"
    signers = asyncio.run(_furnish(source))
    with started("serve", "--data-dir", source) as server:
        for number in range(12):
            _order(server, signers[number % 2], "buy" if number % 3 else "sell", str(50_000 + number % 4))
        server.process.send_signal(signal.SIGKILL)
        server.wait()
    middle, expected = _middle(source)
    arguments = ("--at", str(middle), "--data-dir", tmp_path / "copy", "--user", "alice")
    with started("incident", "open", source, *arguments, "--credentials", keys_file) as sandbox:
        assert _book(sandbox) == _levels(expected)
        key = json.loads(keys_file.read_text())["users"][0]["coinex"]
        alice = Signer(*key.values())
        rows = _ask(sandbox, alice, "GET", "/v2/assets/spot/balance")["data"]
        (usdt,) = (row for row in rows if "USDT" in row.values())
        available, frozen = expected.balances(ALICE, "spot")["USDT"]
        assert _money(usdt["available"]) == available
        assert _money(usdt["frozen"]) == frozen
        # A key of the venue itself is unknown here.
        assert _ask(sandbox, signers[0], "GET", "/v2/assets/spot/balance")["code"] == 4005
        done = CliRunner().invoke(main, ["incident", "next", "--url", sandbox.url])
        assert done.output.startswith(f"{middle + 1}  "), done.output
        assert "PlaceOrder" in done.output
        assert "    OrderChanged  " in done.output
        done = CliRunner().invoke(main, ["incident", "show", "--url", sandbox.url])
        assert done.output.startswith(f"command {middle + 1} of ")
        assert _book(sandbox) == _levels(_at(source, middle + 1))
        assert sandbox.stop() == 0
    assert f"after command {middle} of" in "".join(sandbox.output)
    assert "is not empty" in complaint(run("incident", "open", source, *arguments, "--port", "0"))
    with started("serve", "--data-dir", source) as server:
        assert _ask(server, signers[0], "GET", "/v2/assets/spot/balance")["code"] == 0
        assert server.stop() == 0


async def _furnish(path: Path) -> list[Signer]:
    async with furnished(path) as venue:
        users = venue.accounts.users()
        assert users[0].id == ALICE
        return [Signer(key.key_id, key.secret) for user in users for key in venue.accounts.keys_of(user.id)]


def test_what_failed_to_open_is_in_nobodys_way(tmp_path: Path) -> None:
    source, copy = tmp_path / "venue", tmp_path / "copy"
    asyncio.run(_furnish(source))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        arguments = ("incident", "open", source, "--at", "5", "--data-dir", copy)
        assert f"Port {port} on 127.0.0.1 is in use" in complaint(run(*arguments, "--port", port))
    assert "no user carol" in complaint(run(*arguments, "--port", "0", "--user", "carol"))
    assert not copy.exists()


def _order(server: Server, signer: Signer, side: str, price: str) -> None:
    order = {"market": MARKET, "market_type": "SPOT", "side": side, "type": "limit"}
    answer = _ask(server, signer, "POST", "/v2/spot/order", order | {"amount": "0.01", "price": price})
    assert answer["code"] == 0, answer


def _ask(server: Server, signer: Signer, method: str, path: str, body: dict[str, str] | None = None) -> Any:
    stamp = server.get("/v2/time")["data"]["timestamp"]
    headers = {"x-coinex-key": "", "x-coinex-sign": "", "x-coinex-timestamp": str(stamp)}
    request = RecordedRequest(method, path, headers, json.dumps(body) if body else "")
    signed = CoinexRequests().signed(request, signer, 0)
    sent = urllib.request.Request(
        server.url + path, data=signed.body.encode() or None, headers=dict(signed.headers), method=method
    )
    with urllib.request.urlopen(sent, timeout=30) as answer:
        return json.load(answer)


def _book(server: Server) -> list[list[tuple[int, int]]]:
    depth = server.get(f"/v2/spot/depth?market={MARKET}&limit=50&interval=0")["data"]["depth"]
    return [[(_units(price), _units(amount)) for price, amount in depth[side]] for side in ("bids", "asks")]


def _levels(exchange: Exchange) -> list[list[tuple[int, int]]]:
    return [exchange.levels(MARKET, "buy", 50), exchange.levels(MARKET, "sell", 50)]


def _units(text: str) -> int:
    return scaled(parse_decimal(text), UNIT_DECIMALS)


def _money(text: str) -> int:
    return scaled(parse_decimal(text), 24)


def _middle(source: Path) -> tuple[int, Exchange]:
    """The sixth order of the venue, and the state then, by the core alone; another order follows."""
    log = SqliteLog(DataDirectory(source).commands, read_only=True)
    numbered = [
        (sequence, command)
        for first, commands in log.read(after=0)
        for sequence, command in enumerate(commands, first)
    ]
    log.close()
    orders = [sequence for sequence, command in numbered if isinstance(command, PlaceOrder)]
    assert len(orders) == 12
    assert orders[6] == orders[5] + 1
    return orders[5], _at(source, orders[5])


def _at(source: Path, sequence: int) -> Exchange:
    exchange = Exchange()
    log = SqliteLog(DataDirectory(source).commands, read_only=True)
    for _, commands in log.read(after=0):
        for command in commands:
            if exchange.sequence < sequence:
                exchange.apply(command)
    log.close()
    return exchange
