"""Planned maintenance: what can be planned, what is told, and what passes meanwhile."""

import asyncio
import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import ccxt
import pytest

from openbourse.testing import Sandbox
from openbourse.venue.control import ControlError
from openbourse.venue.maintenance import MAX_PLANS, MAX_SECONDS, Maintenance, Plan
from openbourse.venue.maintenance_requests import CancelMaintenance, ListMaintenance, PlanMaintenance
from openbourse.venue.operator_desk import OperatorDesk
from openbourse.wallet.database import open_engine
from tests.wire.coinex.ws.raw_client import RawClient, RefusedError

BTC = "BTC/USDT"
NOW = 1_800_000_000_000
HOUR = 3_600_000
LINK = "https://venue.example/notice/42"


@pytest.fixture
def venue() -> Iterator[Sandbox]:
    with Sandbox.running(start=NOW, factor=0) as running:
        yield running


def order(venue: Sandbox, request: Any) -> Any:
    """What the operator's desk makes of a request."""
    desk = OperatorDesk(venue._venue)
    return venue._thread.run(desk.carry_out(request))


def get(venue: Sandbox, path: str) -> dict[str, Any]:
    with urllib.request.urlopen(venue.url + path) as answer:
        found: dict[str, Any] = json.load(answer)
        return found


def test_a_plan_is_told_and_then_acts(venue: Sandbox) -> None:
    """conventions.md §8: 4001 in scope while it lasts; then a time for makers and cancels only, 3638."""
    alice = venue.user("alice", USDT=10_000)
    client = venue.ccxt(alice, enableRateLimit=False)
    order(venue, PlanMaintenance(NOW + HOUR, 3600, 900, "spot", LINK))
    assert get(venue, "/v2/maintain/info")["data"] == get(venue, "/v2/maintain-info")["data"]
    assert get(venue, "/v2/maintain/info")["data"] == [
        {
            "started_at": NOW + HOUR,
            "ended_at": NOW + 2 * HOUR,
            "scope": ["SPOT"],
            "announce_enabled": True,
            "announce_url": LINK,
            "protect_duration_start": NOW + 2 * HOUR,
            "protect_duration_end": NOW + 2 * HOUR + 900_000,
        }
    ]
    resting = client.create_order(BTC, "limit", "buy", 0.001, 10_000)
    venue.advance(3600)
    with pytest.raises(ccxt.ExchangeNotAvailable):
        client.create_order(BTC, "limit", "buy", 0.001, 10_000)
    assert get(venue, "/v2/spot/ticker?market=BTCUSDT")["code"] == 4001
    assert get(venue, "/appApi.html?action=symbols")["code"] == 10001
    assert get(venue, "/v2/time")["code"] == get(venue, "/v2/assets/info?ccy=BTC")["code"] == 0
    venue.advance(3600)
    for forbidden in ("limit", "market"):
        with pytest.raises(ccxt.BaseError, match="protection period"):
            client.create_order(BTC, forbidden, "buy", 0.001, 10_000)
    with pytest.raises(ccxt.BaseError, match="protection period"):
        client.create_order(BTC, "limit", "buy", 0.001, 10_000, {"triggerPrice": 9_000})
    with pytest.raises(ccxt.BaseError, match="protection period"):
        client.edit_order(resting["id"], BTC, "limit", "buy", 0.001, 9_000)
    client.create_order(BTC, "limit", "buy", 0.001, 10_000, {"postOnly": True})
    batch = client.create_orders(
        [
            {"symbol": BTC, "type": "limit", "side": "buy", "amount": 0.001, "price": 9_000, "params": params}
            for params in ({}, {"postOnly": True})
        ]
    )
    assert [each["status"] for each in batch] == ["rejected", "open"]
    client.cancel_order(resting["id"], BTC)
    venue.advance(900)
    assert get(venue, "/v2/maintain/info")["data"] == []
    assert client.create_order(BTC, "limit", "buy", 0.001, 10_000)["id"]


@pytest.mark.parametrize(("scope", "word", "told"), [("all", "ALL_SITE", 4001), ("futures", "FUTURES", 0)])
def test_scopes(venue: Sandbox, scope: Any, word: str, told: int) -> None:
    order(venue, PlanMaintenance(0, 60, 0, scope))
    assert [plan["scope"] for plan in get(venue, "/v2/maintain/info")["data"]] == [[word]]
    assert get(venue, "/v2/spot/ticker?market=BTCUSDT")["code"] == told
    assert get(venue, "/v2/assets/info?ccy=BTC")["code"] == told
    [plan] = order(venue, ListMaintenance())
    order(venue, CancelMaintenance(plan["number"]))
    assert get(venue, "/v2/spot/ticker?market=BTCUSDT")["code"] == 0
    with pytest.raises(ControlError, match="no maintenance"):
        order(venue, CancelMaintenance(plan["number"]))


async def test_whoever_subscribed_is_told_of_plans_and_of_the_fault(venue: Sandbox) -> None:
    """websocket.md §8.8: channel 101."""
    alice = await asyncio.to_thread(venue.user, "alice")
    port = urlparse(venue.url).port
    assert port is not None
    client = await RawClient.connect(port)
    key = venue._venue.accounts.find_key(alice.api_key)
    assert key is not None
    signed = key.hmac.digest(str(NOW).encode()).hex()
    sign = {"access_id": alice.api_key, "timestamp": NOW, "signed_str": signed}
    assert (await client.ask("server.sign", sign))["code"] == 0
    assert (await client.ask("notice.subscribe", {"channels": [101]}))["code"] == 0
    await asyncio.to_thread(order, venue, PlanMaintenance(NOW + HOUR, 3600, 900, "spot"))
    assert (await client.read(30))["data"] == {
        "channel": 101,
        "info": {
            "start_time": NOW + HOUR,
            "end_time": NOW + 2 * HOUR,
            "scope": ["SPOT"],
            "protect_duration_start": NOW + 2 * HOUR,
            "protect_duration_end": NOW + 2 * HOUR + 900_000,
        },
    }
    await asyncio.to_thread(lambda: venue.faults.add("maintenance", seconds=60))
    info = (await client.read(30))["data"]["info"]
    assert (info["start_time"], info["end_time"], info["scope"]) == (NOW, NOW + 60_000, ["SPOT", "FUTURES"])
    with pytest.raises(RefusedError):
        await RawClient.connect(port)
    found = await asyncio.to_thread(get, venue, "/v2/maintain/info")
    assert [(plan["started_at"], plan["ended_at"]) for plan in found["data"]] == [(NOW, NOW + 60_000)]
    assert (await asyncio.to_thread(get, venue, "/v2/spot/market"))["code"] == 4001
    client.writer.close()


@pytest.fixture
def plans(tmp_path: Path) -> Iterator[Maintenance]:
    engine = open_engine(f"sqlite:///{tmp_path / 'accounts.db'}")
    yield Maintenance(engine)
    engine.dispose()


@pytest.mark.parametrize(
    "wrong",
    [
        {"start": NOW - 1},
        {"seconds": 0},
        {"seconds": MAX_SECONDS + 1},
        {"protection": -1},
        {"url": "http://venue.example"},
        {"url": "https://" + "x" * 200},
    ],
)
def test_what_cannot_be_planned(plans: Maintenance, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"maintenance|announcement"):
        plans.plan(**({"now": NOW, "start": NOW, "seconds": 60} | wrong))
    assert plans.coming(NOW) == []


def test_plans_are_kept_in_order_and_limited(plans: Maintenance) -> None:
    told: list[Plan] = []
    plans.listen(told.append)
    late, early = plans.plan(NOW, NOW + HOUR, 60), plans.plan(NOW, NOW, 60, 30)
    assert told == [late, early]
    assert Maintenance(plans._engine).coming(NOW) == [early, late]
    assert [plans.is_on("spot", NOW + at) for at in (-1, 0, 59_999, 60_000)] == [False, True, True, False]
    assert [plans.protects("spot", NOW + at) for at in (0, 60_000, 90_000)] == [False, True, False]
    assert plans.coming(NOW + 90_000) == [late]
    plans.cancel(early.id)
    assert Maintenance(plans._engine).coming(NOW) == [late]
    for _ in range(MAX_PLANS - 1):
        plans.plan(NOW, NOW, 60)
    with pytest.raises(ValueError, match="planned already"):
        plans.plan(NOW, NOW, 60)
