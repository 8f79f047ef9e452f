"""What is on this machine is asked directly, whatever the environment says of proxies."""

import pytest

from openbourse.client.loopback import direct, is_loopback
from openbourse.testing import Sandbox


@pytest.fixture
def proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of which none is there."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "WS_PROXY", "WSS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
        monkeypatch.setenv(name.lower(), "http://127.0.0.1:1")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://127.0.0.1:8080", True),
        ("http://localhost", True),
        ("ws://[::1]:8080/v2/spot", True),
        ("https://127.3.2.1", True),
        ("http://10.0.0.1", False),
        ("https://api.example.com", False),
        ("http://localhost.example.com", False),
        ("http://127.0.0.1@example.com", False),
    ],
)
def test_addresses(url: str, local: bool) -> None:
    assert is_loopback(url) == local
    assert bool(direct(url)) == local


@pytest.mark.usefixtures("proxies")
async def test_clients_of_a_sandbox_use_no_proxy(sandbox: Sandbox) -> None:
    alice = sandbox.user("alice", USDT=10)
    with sandbox.coinex(alice) as client, sandbox.coinw(alice) as other:
        assert client.account.info().user_id
        other.balances()
    async with sandbox.coinex_async(alice) as waiting:
        assert (await waiting.ping()).result == "pong"
    with sandbox.coinex_stream(alice) as stream, stream.balances():
        pass
