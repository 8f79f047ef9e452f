"""The whole application: what a reverse proxy says reaches allow-lists and limits, and a stop is seen."""

import hashlib
import hmac
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from openbourse.accounts.records import KeyRecord
from openbourse.venue.front import VenueFront
from openbourse.venue.operations import Operations
from openbourse.venue.options import VenueOptions
from openbourse.venue.venue import Venue
from openbourse.wire.application import application
from openbourse.wire.coinex.rate_limits import IP_RATE
from openbourse.wire.http.asgi import Application
from openbourse.wire.http.proxies import TrustedProxies
from tests.wire.calling import Answer, call

PROXY = "10.0.0.1"
ALLOWED = "203.0.113.5"


@pytest.fixture
async def venue(tmp_path: Path) -> AsyncIterator[Venue]:
    venue = Venue.open(VenueOptions(tmp_path / "venue", mode="sandbox"))
    await venue.start()
    yield venue
    await venue.stop()


@pytest.fixture
async def key(venue: Venue) -> KeyRecord:
    operations = Operations(venue)
    return operations.add_key(await operations.add_user("alice"), "coinex", allow_list=[ALLOWED])


async def signed(app: Application, key: KeyRecord, now: int, peer: str, forwarded: str) -> Answer:
    path = "/v2/account/info"
    text = f"GET{path}{now}".encode()
    headers = {
        "X-COINEX-KEY": key.key_id,
        "X-COINEX-SIGN": hmac.new(key.secret.encode(), text, hashlib.sha256).hexdigest(),
        "X-COINEX-TIMESTAMP": str(now),
    }
    if forwarded:
        headers["X-Forwarded-For"] = forwarded
    return await call(app, "GET", path, headers=headers, client_ip=peer)


@pytest.mark.parametrize(
    ("peer", "forwarded", "code"),
    [
        (PROXY, ALLOWED, 0),
        (PROXY, f"198.51.100.1, {ALLOWED}", 0),
        (PROXY, f"{ALLOWED}, 198.51.100.1", 4007),
        (PROXY, "", 4007),
        ("198.51.100.1", ALLOWED, 4007),
        (ALLOWED, "198.51.100.1", 0),
    ],
)
async def test_allow_lists_see_the_client_and_not_what_it_says(
    venue: Venue, key: KeyRecord, peer: str, forwarded: str, code: int
) -> None:
    app = application(VenueFront(venue), proxies=TrustedProxies([PROXY]))
    assert (await signed(app, key, venue.now(), peer, forwarded)).code == code


@pytest.fixture
def moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No time goes by for limits of addresses."""
    monkeypatch.setattr("openbourse.wire.coinex.desk.time", SimpleNamespace(monotonic_ns=lambda: 0))


@pytest.mark.usefixtures("moment")
async def test_each_client_of_a_proxy_has_limits_of_its_own(venue: Venue) -> None:
    app = application(VenueFront(venue), proxies=TrustedProxies([PROXY]))

    async def ping(client: str) -> int:
        headers = {"X-Forwarded-For": client}
        return (await call(app, "GET", "/v2/ping", headers=headers, client_ip=PROXY)).status

    assert [await ping(ALLOWED) for _ in range(IP_RATE + 1)] == [200] * IP_RATE + [429]
    assert await ping("198.51.100.1") == 200


@pytest.mark.usefixtures("moment")
async def test_the_limit_of_an_address_counts_what_it_asks_about_liabilities(venue: Venue) -> None:
    app = application(VenueFront(venue))

    async def ask(path: str, client: str = ALLOWED) -> int:
        return (await call(app, "GET", path, client_ip=client)).status

    assert await ask("/liabilities") == 200
    for _ in range(IP_RATE - 2):
        assert await ask("/v2/ping") == 200
    assert await ask("/liabilities/7") == 404
    assert [await ask(path) for path in ("/liabilities", "/liabilities/7", "/v2/ping")] == [429] * 3
    assert await ask("/liabilities", "198.51.100.1") == 200


async def test_a_stop_is_seen_before_the_doors_close(venue: Venue) -> None:
    app = application(VenueFront(venue))
    assert (await call(app, "GET", "/readyz")).body == b"ok\n"
    app.drain()
    answer = await call(app, "GET", "/readyz")
    assert (answer.status, answer.body) == (503, b"the venue is stopping\n")
    assert (await call(app, "GET", "/livez")).status == 200
    assert (await call(app, "GET", "/v2/ping")).headers["connection"] == "close"
