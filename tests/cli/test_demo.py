"""The demo as a process."""

import asyncio
import json
import signal
import socket
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from openbourse.log.verify import verify
from openbourse.sandbox.catalogue import MARKETS
from tests.cli.processes import complaint, run, signed, started, succeed
from tests.wire.coinex.ws.raw_client import ClosedError, RawClient


def test_markets_live_and_have_a_past_when_it_says_that_it_serves(tmp_path: Path) -> None:
    with started("demo", "--data-dir", tmp_path / "demo", "--history", "2h") as server:
        for market in MARKETS:
            depth = server.get(f"/v2/spot/depth?market={market.name}&limit=50&interval=0")["data"]["depth"]
            assert len(depth["bids"]) >= 20
            assert len(depth["asks"]) >= 20
            candles = server.get(f"/v2/spot/kline?market={market.name}&limit=100&period=5min")["data"]
            assert len(candles) >= 20
            assert abs(candles[-1]["created_at"] / 1000 - time.time()) < 900
        assert server.stop() == 0
    assert verify(tmp_path / "demo").problems == []


def test_a_second_start_has_the_same_data_and_keys(tmp_path: Path) -> None:
    data = ("--data-dir", tmp_path / "demo", "--no-bots")
    files = [tmp_path / "first.json", tmp_path / "second.json", tmp_path / "third.json"]
    for file, more in zip(files, ((), (), ("--fresh",)), strict=True):
        with started("demo", *data, "--credentials", file, *more) as server:
            assert str(tmp_path / "demo") in "".join(server.output[:3])
            assert server.stop(signal.SIGTERM) == 0
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    first, second, third = (json.loads(file.read_text()) for file in files)
    assert first["users"] == second["users"]
    assert first["users"] != third["users"]
    report = verify(tmp_path / "demo")
    assert report.problems == []
    assert report.state["users"] == 2


def test_fresh_spares_what_is_not_a_sandbox(tmp_path: Path) -> None:
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "commands.db").write_text("mine")
    venue = tmp_path / "venue"
    assert run("user", "add", "alice", "--data-dir", venue).returncode == 0
    for path in (tmp_path / "foreign", venue):
        before = sorted((each.name, each.stat().st_size) for each in path.iterdir() if each.name != "lock")
        assert str(path) in complaint(run("demo", "--fresh", "--port", "0", "--data-dir", path))
        assert before == sorted(
            (each.name, each.stat().st_size) for each in path.iterdir() if each.name != "lock"
        )


def test_fresh_waits_for_no_other_process(tmp_path: Path) -> None:
    data = ("--data-dir", tmp_path / "demo", "--no-bots")
    with started("demo", *data) as server:
        done = run("demo", *data, "--fresh", "--port", "0")
        assert "is in use by another process" in complaint(done)
        assert server.stop() == 0
    assert verify(tmp_path / "demo").state["users"] == 2


def test_a_venue_of_the_same_user_has_no_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its file lies in the working directory, its database is in the environment."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "openbourse.toml").write_text("[databases]\naccounts_url = 'sqlite:///venue.db'\n")
    variables = {"OPENBOURSE_DATABASES_HISTORY_URL": f"sqlite:///{tmp_path / 'venue.db'}"}
    with started("demo", "--data-dir", tmp_path / "demo", "--no-bots", **variables) as server:
        assert server.stop() == 0
    assert not (tmp_path / "venue.db").exists()


def test_the_data_go_to_the_state_directory_of_the_user(tmp_path: Path) -> None:
    with started("demo", "--no-bots", XDG_STATE_HOME=str(tmp_path)) as server:
        assert server.stop() == 0
    assert (tmp_path / "openbourse" / "demo" / "openbourse.json").exists()


def test_options_that_make_no_sense(tmp_path: Path) -> None:
    data = ("demo", "--port", "0", "--data-dir", tmp_path / "demo")
    assert "not a length of time" in complaint(run(*data, "--history", "soon"))
    assert "assets are BTC" in complaint(run(*data, "--prices", "GOLD=gold.csv"))
    assert "cannot read" in complaint(run(*data, "--prices", f"BTC={tmp_path / 'none.csv'}"))
    assert not (tmp_path / "demo").exists()


def test_what_is_in_the_way_is_said_before_anything_is_done(tmp_path: Path) -> None:
    record = tmp_path / "record.jsonl"
    record.touch()
    data = ("demo", "--data-dir", tmp_path / "demo")
    done = run(*data, "--port", "0", "--record", record)
    assert "record into another file" in complaint(done)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert "is in use" in complaint(run(*data, "--port", port))
        record.unlink()
        assert "is in use" in complaint(run(*data, "--port", port, "--record", record))
    assert list(tmp_path.iterdir()) == []


def test_credentials_that_cannot_be_written(tmp_path: Path) -> None:
    file = tmp_path / "none" / "credentials.json"
    done = run("demo", "--data-dir", tmp_path / "demo", "--no-bots", "--port", "0", "--credentials", file)
    assert f"cannot write {file}" in complaint(done)


@pytest.mark.parametrize(("flags", "limited"), [((), True), (("--no-rate-limits",), False)])
def test_rate_limits_can_be_lifted(tmp_path: Path, flags: tuple[str, ...], limited: bool) -> None:
    data = ("--data-dir", tmp_path / "demo")
    with started("demo", *data, "--no-bots", *flags) as server:
        key = succeed("key", "add", "trader1", *data)

        def ask(_: int) -> int:
            return int(signed(server, key, "/v2/assets/spot/balance")["code"])

        with ThreadPoolExecutor(20) as together:  # more at once than a slow machine lets through in turn
            codes = set(together.map(ask, range(100)))
        assert codes == ({0, 4213} if limited else {0})
        assert asyncio.run(websocket_codes(server.url)) == ({0, 23002} if limited else {0})
        assert server.stop() == 0


async def websocket_codes(url: str, requests: int = 3_000) -> set[int]:
    """The codes of so many requests over one WebSocket, sent as fast as it takes them."""
    client = await RawClient.connect(int(url.rpartition(":")[2]))
    for _ in range(requests):
        client.request("server.ping")
    codes: set[int] = set()
    with suppress(ClosedError):
        for _ in range(requests):
            codes.add((await client.read(30.0))["code"])
    client.writer.close()
    return codes


def test_maintenance_is_planned_and_cancelled_from_the_command_line(tmp_path: Path) -> None:
    data = ("--data-dir", tmp_path / "demo")
    with started("demo", *data, "--no-bots") as server:
        words = ("2099-12-01T02:00:00+00:00", "--minutes", "30", "--protection", "15", "--scope", "spot")
        assert "started at: 2099-12-01T02:00:00Z" in succeed("maintenance", "plan", *words, *data)
        [plan] = server.get("/v2/maintain/info")["data"]
        assert plan["ended_at"] - plan["started_at"] == 1_800_000
        assert plan["protect_duration_end"] - plan["ended_at"] == 900_000
        assert "2099-12-01" in succeed("maintenance", "list", *data)
        succeed("maintenance", "cancel", "1", *data)
        assert server.get("/v2/maintain/info")["data"] == []
        assert "none" in succeed("maintenance", "list", *data)
        for wrong in ("tomorrow", "2099-12-01T02:00:00"):
            assert "is no time like" in run("maintenance", "plan", wrong, "--minutes", "5", *data).stderr
        assert server.stop() == 0
