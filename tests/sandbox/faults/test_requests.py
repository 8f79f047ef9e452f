"""Each fault of HTTP as an unmodified ccxt meets it, and what the venue has done meanwhile."""

import json
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

import ccxt
import pytest

from openbourse.testing import Sandbox, SandboxUser
from tests.waiting import wait_until

BTC = "BTC/USDT"
ORDER = "POST /v2/spot/order"
PATIENT, IMPATIENT = 30_000, 1_000  # how many milliseconds a client waits for an answer


@pytest.fixture(scope="module")
def shared() -> Iterator[Sandbox]:
    with Sandbox.running() as running:
        yield running
        running.check_ledger()


@pytest.fixture
def venue(shared: Sandbox) -> Iterator[Sandbox]:
    yield shared
    shared.faults.clear()


@pytest.fixture
def alice(venue: Sandbox) -> SandboxUser:
    return venue.user("alice", USDT=10_000)


def client(venue: Sandbox, user: SandboxUser) -> Any:
    exchange = venue.ccxt(user, timeout=PATIENT, enableRateLimit=False)
    exchange.load_markets()
    return exchange


@pytest.mark.parametrize(
    ("kind", "details", "error", "executed"),
    [
        ("lost_after", {"seconds": 20}, ccxt.RequestTimeout, True),
        ("lost_after", {}, ccxt.NetworkError, True),
        ("lost_before", {"seconds": 20}, ccxt.RequestTimeout, False),
        ("lost_before", {}, ccxt.NetworkError, False),
        ("reset", {}, ccxt.NetworkError, False),
        ("busy", {}, ccxt.ExchangeNotAvailable, False),
        ("rate_limited", {}, ccxt.RateLimitExceeded, False),
        ("maintenance", {}, ccxt.ExchangeNotAvailable, False),
        ("http_error", {"status": 502}, ccxt.ExchangeNotAvailable, False),
        ("clock_skew", {"seconds": 60}, ccxt.ExchangeError, False),
        ("clock_skew", {"seconds": -60}, ccxt.ExchangeError, False),
    ],
)
def test_what_a_client_sees_and_what_was_done(
    venue: Sandbox,
    alice: SandboxUser,
    kind: Any,
    details: dict[str, Any],
    error: type[Exception],
    executed: bool,
) -> None:
    before = len(venue.open_orders(alice)), len(venue.faults.injected())
    venue.faults.add(kind, route=ORDER, count=1, **details)
    exchange = client(venue, alice)
    exchange.timeout = IMPATIENT if error is ccxt.RequestTimeout else PATIENT
    with pytest.raises(error):
        exchange.create_order(BTC, "limit", "buy", 0.001, 10_000)
    exchange.timeout = PATIENT
    wait_until(lambda: len(venue.faults.injected()) > before[1])
    wait_until(lambda: len(venue.open_orders(alice)) == before[0] + executed)
    (fault,) = venue.faults.injected()[before[1] :]
    assert (fault.kind, fault.where, fault.key) == (kind, ORDER, alice.api_key)
    assert exchange.create_order(BTC, "limit", "buy", 0.001, 10_000)["id"]


def test_latency_delays_and_does_no_more(venue: Sandbox, alice: SandboxUser) -> None:
    exchange = client(venue, alice)
    venue.faults.add("latency", route="GET /v2/time", seconds=0.3)
    began = time.monotonic()
    assert exchange.fetch_time()
    assert time.monotonic() - began >= 0.3


def test_a_skewed_clock_shows_itself(venue: Sandbox, alice: SandboxUser) -> None:
    venue.faults.add("clock_skew", seconds=3600)
    before = venue.now()
    shown = client(venue, alice).fetch_time() - 3_600_000
    assert before <= shown <= venue.now()


def test_stale_depth_stays_until_the_fault_is_cleared(venue: Sandbox, alice: SandboxUser) -> None:
    exchange = client(venue, alice)
    venue.quote(BTC, 50_000)
    venue.faults.add("stale_depth")
    first = exchange.fetch_order_book(BTC)
    venue.quote(BTC, 51_000)
    assert exchange.fetch_order_book(BTC)["bids"] == first["bids"]
    venue.faults.clear()
    venue.faults.add("latency", route="GET /v2/spot/depth")  # others may stand meanwhile
    fresh = exchange.fetch_order_book(BTC)
    assert fresh["bids"] != first["bids"]
    venue.faults.add("stale_depth")
    assert exchange.fetch_order_book(BTC)["bids"] == fresh["bids"]


@pytest.mark.parametrize("form", ["query", "body"])
def test_the_other_protocol_is_refused_in_its_own_words(venue: Sandbox, form: str) -> None:
    """Its action is in the query or, as some clients send it, in the form of a POST."""
    venue.faults.add("busy", route="*/appApi.html?action=market", count=1)

    def code(action: str) -> int:
        wanted = f"action={action}&symbol=BTCUSDT"
        page = f"{venue.url}/appApi.html"
        request: Any = f"{page}?{wanted}" if form == "query" else (page, wanted.encode())
        with urllib.request.urlopen(*([request] if isinstance(request, str) else request)) as response:
            return int(json.load(response)["code"])

    others = code("depth")
    assert others != 10001
    assert code("market") == 10001
    assert code("market") == others


def test_a_key_in_a_form_is_told_apart(venue: Sandbox, alice: SandboxUser) -> None:
    venue.faults.add("busy", key=alice.coinw_api_key, count=1)
    assert venue.faults.standing()[0].struck == 0
    for key, struck in (("another", 0), (alice.coinw_api_key, 1)):
        before = len(venue.faults.injected())
        form = f"action=userinfo&api_key={key}&sign=X".encode()
        urllib.request.urlopen(f"{venue.url}/appApi.html", form).close()
        assert len(venue.faults.injected()) - before == struck


def test_what_cannot_change_a_request_does_not_strike_it(venue: Sandbox, alice: SandboxUser) -> None:
    exchange = client(venue, alice)
    venue.quote(BTC, 50_000)
    before = len(venue.faults.injected())
    venue.faults.add("stale_depth", count=1)
    venue.faults.add("clock_skew", seconds=0.001, count=1)
    exchange.fetch_ticker(BTC)
    exchange.create_order(BTC, "limit", "buy", 0.001, 10_000)  # as late as it is, not too late
    assert len(venue.faults.injected()) == before
    exchange.fetch_order_book(BTC)
    exchange.fetch_time()
    assert [fault.where for fault in venue.faults.injected()[before:]] == [
        "GET /v2/spot/depth",
        "GET /v2/time",
    ]
