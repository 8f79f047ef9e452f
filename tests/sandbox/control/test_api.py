"""The control API, asked by its own client and by those who should not."""

import http.client
from collections.abc import Iterator
from urllib.parse import urlparse

import pytest

from openbourse.sandbox.control.client import ControlClient, ControlClientError
from openbourse.testing import Sandbox


@pytest.fixture(scope="module")
def venue() -> Iterator[Sandbox]:
    with Sandbox.running(factor=0) as running:
        yield running


@pytest.fixture
def control(venue: Sandbox) -> ControlClient:
    return ControlClient(venue.url)


def test_the_clock_is_moved_and_the_venue_follows(venue: Sandbox, control: ControlClient) -> None:
    before = control.get("clock")
    assert before["factor"] == 0
    after = control.post("clock", {"advance": 90, "jump": 10})
    assert after["time"] == before["time"] + 100_000
    assert venue.ccxt().fetch_time() == after["time"]
    assert control.post("clock", {"factor": 60})["factor"] == 60
    control.post("clock", {"factor": 0})


def test_faults_are_ordered_listed_recorded_and_taken_back(venue: Sandbox, control: ControlClient) -> None:
    number = control.post("faults", {"kind": "http_error", "route": "/v2/time", "status": 418, "count": 2})
    (rule,) = control.get("faults")
    assert (rule["id"], rule["kind"], rule["status"], rule["struck"]) == (number["id"], "http_error", 418, 0)
    assert asked(venue, "/v2/time") == 418
    (fault,) = control.get("faults/injected")
    assert (fault["rule"], fault["where"]) == (number["id"], "GET /v2/time")
    assert control.delete("faults") == []
    assert asked(venue, "/v2/time") == 200
    assert "lost_after" in control.get("faults/kinds")


def test_what_is_not_given_of_a_climate_stays(control: ControlClient) -> None:
    control.post("markets", {"market": "BTCUSDT", "climate": {"depth": 50}})
    markets = control.post("markets", {"market": "BTCUSDT", "climate": {"spread": 300}})
    (climate,) = [row["climate"] for row in markets if row["market"] == "BTCUSDT"]
    assert climate == {"volatility": 100, "depth": 50, "spread": 300, "rate": 120}


def test_it_says_how_it_came_to_be(control: ControlClient) -> None:
    state = control.get("")["state"]
    assert (state["seed"], state["bots"], state["history"], state["stepped"]) == (1, False, 0, False)


def test_no_fault_stands_before_the_control_api(control: ControlClient) -> None:
    control.post("faults", {"kind": "reset"})
    assert control.delete("faults") == []


@pytest.mark.parametrize(
    ("path", "order", "why"),
    [
        ("clock", {"advance": -1}, "0 seconds or more"),
        ("clock", {"factor": -1}, "factor"),
        ("clock", {"backwards": 1}, "backwards"),
        ("faults", {"kind": "flood"}, "flood"),
        ("markets", {"market": "BTCUSDT", "climate": {"depth": 0}}, ">= 1"),
        ("markets", {"market": "BTCUSDT", "climate": {"wind": 1}}, "wind"),
        ("markets", {"market": "XYZ", "climate": {}}, "no market XYZ"),
        ("faults", {}, "kind"),
        ("nothing", {}, "HTTP 404"),
    ],
)
def test_refusals_say_why(control: ControlClient, path: str, order: dict[str, object], why: str) -> None:
    with pytest.raises(ControlClientError, match=why):
        control.post(path, order)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://example.org"},
        {"Origin": "null"},
        {"Host": "rebound.example.org"},
        {"Host": "rebound.example.org:8080"},
        {"Host": ""},
    ],
)
def test_web_pages_are_kept_out(venue: Sandbox, headers: dict[str, str]) -> None:
    assert asked(venue, "/sandbox/clock", headers) == 403


def asked(venue: Sandbox, path: str, headers: dict[str, str] | None = None) -> int:
    connection = http.client.HTTPConnection(urlparse(venue.url).netloc)
    connection.request("GET", path, headers=headers or {})
    status = connection.getresponse().status
    connection.close()
    return status


def test_where_there_is_no_sandbox() -> None:
    with pytest.raises(ControlClientError, match="there is no sandbox"):
        ControlClient("http://127.0.0.1:1").get("clock")
    with pytest.raises(ControlClientError, match="begin with http"):
        ControlClient("file:///etc").get("clock")
