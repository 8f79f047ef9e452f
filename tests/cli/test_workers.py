"""A venue with gateways, as its operator sees it."""

import re
import signal
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.cli.processes import Server, complaint, run, started, succeed
from tests.cli.test_transport import certificate_of
from tests.waiting import SECONDS, wait_until
from tests.wire.http.certificates import write_pair

METRICS = {"OPENBOURSE_METRICS_ENABLED": "true", "OPENBOURSE_METRICS_PORT": "0"}


def _metrics(server: Server) -> str:
    found: list[str] = []

    def told() -> bool:
        found[:] = re.findall(r"http://127.0.0.1:\d+/metrics", "".join(server.errors))
        return bool(found)

    wait_until(told)
    with urllib.request.urlopen(found[-1], timeout=SECONDS) as response:
        text: str = response.read().decode()
    return text


def test_one_page_of_metrics_and_one_control_socket_for_all(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with started("serve", "--data-dir", data, "--workers", "2", **METRICS) as server:
        assert server.get("/v2/ping")["code"] == 0
        text = _metrics(server)
        for process in ("engine", "gateway-1", "gateway-2"):
            assert f'process_resident_memory_bytes{{process="{process}"}}' in text
        assert re.search(r'openbourse_http_requests_total\{.*process="gateway-[12]".*\} 1\.0', text)
        # What the operator does over the control socket reaches all gateways before it is done.
        for command in (
            ("asset", "add", "BTC"),
            ("asset", "add", "USDT"),
            ("market", "add", "BTCUSDT", "--base", "BTC", "--quote", "USDT", "--min-amount", "0.001"),
        ):
            succeed(*command, "--data-dir", data)
        wait_until(
            lambda: all(
                [row["market"] for row in server.get("/v2/spot/market")["data"]] == ["BTCUSDT"]
                for _ in range(8)
            )
        )
        assert server.stop() == 0


def test_sighup_gives_all_gateways_the_new_certificate(tmp_path: Path) -> None:
    write_pair(tmp_path, "first")
    file = tmp_path / "venue.toml"
    file.write_text('[server]\ntls_certificate = "server.crt"\ntls_key = "server.key"\n')
    with started("serve", "--config", file, "--data-dir", tmp_path / "venue", "--workers", "2") as server:
        assert server.url.startswith("https://")
        assert certificate_of(server.url) == "first"
        write_pair(tmp_path, "second")
        server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: all(certificate_of(server.url) == "second" for _ in range(8)))
        assert server.stop() == 0


def test_a_demo_with_gateways_has_markets_and_says_that_it_has_no_control_api(tmp_path: Path) -> None:
    arguments = ("--data-dir", tmp_path / "data", "--history", "0", "--workers", "2")
    with started("demo", *arguments) as server:
        assert len(server.get("/v2/spot/ticker")["data"]) > 1
        with pytest.raises(urllib.error.HTTPError, match="501"):
            server.get("/sandbox/clock")
        for command in (("clock", "jump", "60"), ("fault", "list")):
            assert "--workers 1" in complaint(run(*command, "--url", server.url))
        assert server.stop() == 0


def test_what_needs_one_process_is_refused_with_several(tmp_path: Path) -> None:
    done = run("demo", "--data-dir", tmp_path / "data", "--stepped", "--workers", "2")
    assert "--workers 1" in complaint(done)


def test_a_port_in_use_is_refused_also_when_its_owner_would_share_it(tmp_path: Path) -> None:
    with started("serve", "--data-dir", tmp_path / "one", "--workers", "2") as server:
        port = server.url.rpartition(":")[2]
        done = run("serve", "--data-dir", tmp_path / "two", "--workers", "2", "--port", port)
        assert "in use" in complaint(done)
