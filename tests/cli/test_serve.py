"""A production venue as a process."""

import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from openbourse.log.verify import verify
from openbourse.venue.control import ControlError, NobodyListensError, ask
from openbourse.venue.requests import MakeDeposit, encode_request
from tests.cli.processes import (
    COMMAND,
    END_SECONDS,
    Server,
    complaint,
    environment,
    run,
    signed,
    started,
    succeed,
)
from tests.rights import bound_by_rights
from tests.waiting import SECONDS, wait_until


def test_a_venue_from_nothing(tmp_path: Path) -> None:
    """User, key and market before the first start, the rest while it runs: a client sees all of it."""
    data = ("--data-dir", tmp_path / "venue")
    market = ("BTCUSDT", "--base", "BTC", "--quote", "USDT", "--min-amount", "0.0001")
    succeed("user", "add", "alice", *data)
    key = succeed("key", "add", "alice", *data)
    succeed("market", "add", *market, *data)
    with started("serve", *data) as server:
        assert "credited: yes" in succeed("deposit", "alice", "USDT", "1000.5", *data)
        later_key = succeed("key", "add", "alice", *data)
        for shown in (key, later_key):
            answer = signed(server, shown, "/v2/assets/spot/balance")
            assert answer["code"] == 0, answer
            assert [row["available"] for row in answer["data"]] == ["1000.5"]
        (row,) = server.get("/v2/spot/market")["data"]
        assert (row["market"], row["min_amount"], row["status"]) == ("BTCUSDT", "0.0001", "online")
        assert server.stop() == 0
    assert "USDT: available 1000.5" in succeed("user", "show", "alice", *data)
    assert verify(tmp_path / "venue").problems == []


def test_settings_come_from_a_file_and_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "venue.toml"
    file.write_text("[data]\ndirectory = 'data'\n[server]\nport = 1\n[log]\nformat = 'json'\n")
    with Server("serve", "--config", file, OPENBOURSE_SERVER_PORT="0") as server:
        assert server.get("/v2/ping")["code"] == 0
        assert (tmp_path / "data" / "openbourse.json").exists()
        assert any(line.startswith('{"') and "venue_started" in line for line in server.errors)
        assert server.stop(signal.SIGTERM) == 0


def test_a_wrong_setting_stops_it_by_name(tmp_path: Path) -> None:
    file = tmp_path / "venue.toml"
    file.write_text("[server]\nprot = 1\n")
    assert "there is no setting server.prot" in complaint(run("serve", "--config", file))
    variables = {"OPENBOURSE_LOG_LEVEL": "loud"}
    assert "log.level (from OPENBOURSE_LOG_LEVEL)" in complaint(run("serve", **variables))


def test_the_sandbox_is_not_loaded(tmp_path: Path) -> None:
    """Runs the command and then looks at what its process has imported."""
    code = (
        "import sys; from openbourse.cli import main\n"
        f"main(['serve', '--port', '0', '--data-dir', {str(tmp_path / 'venue')!r}], standalone_mode=False)\n"
        "print('loaded', [name for name in sys.modules if name.startswith('openbourse.sandbox')])\n"
        "assert 'openbourse.wire.coinex.app' in sys.modules"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], env=environment(), stdout=subprocess.PIPE, text=True, bufsize=1
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith("serving ")
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=END_SECONDS)
    assert output == "loaded []\n"
    assert process.returncode == 0


def test_plain_http_to_other_machines_must_be_asked_for(tmp_path: Path) -> None:
    exposed = ("serve", "--data-dir", tmp_path / "venue", "--host", "0.0.0.0")
    assert "set server.allow_plain_http" in complaint(run(*exposed))
    assert not (tmp_path / "venue").exists()


def test_a_port_in_use(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = run("serve", "--data-dir", tmp_path / "venue", "--port", port)
    assert complaint(done) == f"Port {port} on 127.0.0.1 is in use by another program."


def test_a_second_process_on_the_same_data(tmp_path: Path) -> None:
    data = ("--data-dir", tmp_path / "venue")
    with started("serve", *data) as server:
        assert "is in use by another process" in complaint(run("serve", *data, "--port", "0"))
        assert server.get("/v2/ping")["code"] == 0
        assert server.stop() == 0


@pytest.mark.parametrize("command", [("serve", "--port", "0"), ("user", "list"), ("verify",)])
def test_directories_that_cannot_be_used(tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "diary.txt").write_text("mine")
    (tmp_path / "file").write_text("no directory")
    for name in ("foreign", "file", "file/below"):
        assert str(tmp_path / name) in complaint(run(*command, "--data-dir", tmp_path / name))
    assert (tmp_path / "foreign" / "diary.txt").read_text() == "mine"
    assert len(list((tmp_path / "foreign").iterdir())) == 1


def test_an_unreadable_directory(tmp_path: Path) -> None:
    (tmp_path / "locked").mkdir(mode=0)
    command = [*COMMAND, "serve", "--data-dir", str(tmp_path / "locked"), "--port", "0"]
    assert "is not readable" in complaint(bound_by_rights(command, environment()))


def test_a_sandbox_is_no_production_venue(tmp_path: Path) -> None:
    data = ("--data-dir", tmp_path / "demo")
    with started("demo", *data, "--no-bots") as server:
        assert server.stop() == 0
    assert "belongs to a sandbox venue" in complaint(run("serve", *data, "--port", "0"))
    assert "trader1" in succeed("user", "list", *data)


def test_a_second_signal_ends_it_at_once(tmp_path: Path) -> None:
    """A request that never ends holds the orderly stop up; nothing acknowledged is lost all the same."""
    data = ("--data-dir", tmp_path / "venue")
    with started("serve", *data) as server:
        succeed("user", "add", "alice", *data)
        host, port = server.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(
                b"GET /v2/ping HTTP/1.1\r\nHost: x\r\n\r\n"
                b"POST /v2/spot/order HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n"
            )
            assert connection.recv(100)  # what came with the ping has arrived as well
            server.process.send_signal(signal.SIGINT)
            wait_until(lambda: not _ready(server))
            time.sleep(0.5)
            assert server.process.poll() is None
            assert server.stop() == 130
    assert "alice" in succeed("user", "list", *data)


def _ready(server: Server) -> bool:
    try:
        with urllib.request.urlopen(f"{server.url}/readyz", timeout=SECONDS):
            return True
    except OSError:
        return False


def test_commands_find_a_venue_that_was_killed(tmp_path: Path) -> None:
    """Its socket is still there, but nobody listens."""
    data = ("--data-dir", tmp_path / "venue")
    with started("serve", *data) as server:
        succeed("user", "add", "alice", *data)
        assert server.stop(signal.SIGKILL) == -signal.SIGKILL
    assert (tmp_path / "venue" / "control.sock").exists()
    assert "alice" in succeed("user", "list", *data)
    with started("serve", *data) as server:
        assert "alice" in succeed("user", "list", *data)
        assert server.stop() == 0


def test_a_full_disk_stops_the_venue_and_loses_nothing(tmp_path: Path) -> None:
    """A limit on the size of files stands for the full disk."""
    data = ("--data-dir", tmp_path / "venue")
    succeed("user", "add", "alice", *data)
    succeed("asset", "add", "USDT", *data)
    credited = 0
    with started("serve", *data, before="ulimit -f 400") as server:
        with pytest.raises((ControlError, NobodyListensError)):
            while credited < 5_000:
                ask(tmp_path / "venue" / "control.sock", encode_request(MakeDeposit("alice", "USDT", "1")))
                credited += 1
        assert server.wait() == 1
        sentences = [line for line in server.errors if line.startswith("Error: ")]
        assert len(sentences) == 1
        assert "whatever was acknowledged is kept" in sentences[0]
        assert not any("Traceback" in line for line in server.errors)
    balance = re.search(r"USDT: available (\d+),", succeed("user", "show", "alice", *data))
    assert balance
    assert credited > 0
    assert int(balance[1]) >= credited
    assert verify(tmp_path / "venue").problems == []
