"""A venue as a process that speaks TLS, shows metrics and goes in order."""

import asyncio
import json
import re
import signal
import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.cli.processes import Server, complaint, run, started, succeed
from tests.waiting import SECONDS, wait_until
from tests.wire.http.certificates import anyone, common_name, trusting, write_pair


@pytest.fixture
def port() -> Iterator[int]:
    """One that only the server gets meanwhile: it is bound to here, but nobody listens."""
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", 0))
        yield int(holder.getsockname()[1])


def get(url: str, context: ssl.SSLContext | None = None) -> str:
    with urllib.request.urlopen(url, timeout=SECONDS, context=context) as response:
        return str(response.read().decode())


def certificate_of(url: str) -> str:
    host, port = url.removeprefix("https://").split(":")
    return common_name(ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate((host, int(port)))))


def test_https_wss_and_another_certificate_on_sighup(tmp_path: Path) -> None:
    certificate, key = write_pair(tmp_path, "first")
    file = tmp_path / "venue.toml"
    file.write_text('[server]\ntls_certificate = "server.crt"\ntls_key = "server.key"\n')
    with started("serve", "--config", file, "--data-dir", tmp_path / "venue") as server:
        assert server.url.startswith("https://")
        assert json.loads(get(f"{server.url}/v2/ping", trusting(certificate)))["code"] == 0

        async def talk() -> Any:
            address = server.url.replace("https", "wss") + "/v2/spot"
            async with connect(address, ssl=anyone()) as client:
                await client.send('{"id": 1, "method": "server.ping", "params": {}}')
                return await asyncio.wait_for(client.recv(), SECONDS)

        assert asyncio.run(talk())
        write_pair(tmp_path, "second")
        server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: certificate_of(server.url) == "second")
        key.unlink()
        server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: any("certificate_not_reloaded" in line for line in server.errors))
        assert certificate_of(server.url) == "second"
        assert server.stop() == 0


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ('tls_certificate = "none.crt"\ntls_key = "none.key"', "cannot read"),
        ('tls_certificate = "server.crt"', "TLS needs both"),
        ('host = "0.0.0.0"', "is not encrypted"),
    ],
)
def test_what_cannot_be_served_is_said_in_a_sentence(tmp_path: Path, settings: str, sentence: str) -> None:
    write_pair(tmp_path, "first")
    file = tmp_path / "venue.toml"
    file.write_text(f"[server]\nport = 0\n{settings}\n")
    assert sentence in complaint(run("serve", "--config", file, "--data-dir", tmp_path / "venue"))


def test_metrics_have_a_port_of_their_own(tmp_path: Path, port: int) -> None:
    variables = {"OPENBOURSE_METRICS_ENABLED": "true", "OPENBOURSE_METRICS_PORT": str(port)}
    data = ("--data-dir", tmp_path / "venue")
    with Server("serve", *data, "--port", "0", **variables) as server:
        server.get("/v2/ping")
        succeed("user", "add", "alice", *data)
        text = get(f"http://127.0.0.1:{port}/metrics")
        assert 'openbourse_http_requests_total{code="0",dialect="coinex",endpoint="GET /v2/ping"} 1.0' in text
        assert re.search(r'openbourse_commands_total\{kind="OpenUser",outcome="accepted"\} 1\.0', text)
        assert "alice" not in text
        assert "process_resident_memory_bytes" in text
        with pytest.raises(urllib.error.HTTPError):
            get(f"{server.url}/metrics")
        assert any("operator_action" in line and "alice" in line for line in server.errors)
        assert server.stop() == 0


def test_a_proxy_that_is_trusted_names_the_client(tmp_path: Path) -> None:
    variables = {"OPENBOURSE_SERVER_TRUSTED_PROXIES": "127.0.0.1", "OPENBOURSE_LOG_LEVEL": "debug"}
    with Server("serve", "--data-dir", tmp_path / "venue", "--port", "0", **variables) as server:
        server.get("/v2/ping", {"X-Forwarded-For": "198.51.100.1, 203.0.113.5"})
        assert server.stop() == 0
    assert any("203.0.113.5" in line and "GET /v2/ping" in line for line in server.errors)
    assert not any("198.51.100.1" in line for line in server.errors)


def test_going_in_order(tmp_path: Path) -> None:
    """First not ready, then no new connections; WebSockets are told with 1001."""
    data = ("--data-dir", tmp_path / "venue", "--port", "0")
    with Server("serve", *data, OPENBOURSE_SERVER_DRAIN_SECONDS="4") as server:
        assert get(f"{server.url}/readyz") == "ok\n"

        async def watch() -> tuple[int, int]:
            async with connect(server.url.replace("http", "ws") + "/v2/spot") as client:
                server.process.send_signal(signal.SIGTERM)
                with pytest.raises(urllib.error.HTTPError) as refused:
                    await asyncio.to_thread(wait_until, lambda: get(f"{server.url}/readyz") != "ok\n")
                assert await asyncio.to_thread(get, f"{server.url}/livez") == "ok\n"
                assert server.get("/v2/ping")["code"] == 0
                with pytest.raises(ConnectionClosed) as closed:
                    await asyncio.wait_for(client.recv(), SECONDS)
                assert closed.value.rcvd
                return refused.value.code, closed.value.rcvd.code

        assert asyncio.run(watch()) == (503, 1001)
        assert server.wait() == 0


def test_the_description_is_printed() -> None:
    document = json.loads(succeed("openapi"))
    assert document["openapi"].startswith("3.1")
    assert "/v2/spot/order" in document["paths"]
    assert "/appApi.html" not in document["paths"]
    assert "/appApi.html" in json.loads(succeed("openapi", "--coinw"))["paths"]
