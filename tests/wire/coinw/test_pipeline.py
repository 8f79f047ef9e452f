"""What a request passes before its action, in which order, and how it is refused."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import get_args
from urllib.parse import urlencode

import pytest

from openbourse.core.events import RefusalReason
from openbourse.venue.sequencer import Busy, VenueStopped
from openbourse.wire.coinw.errors import Code, of_refusal
from openbourse.wire.coinw.settings import CoinwSettings
from tests.wire.coinw.bench import START, Bench, Client, sign

DAYS_90 = 90 * 24 * 3600 * 1000


async def code(client: Client, action: str, **params: object) -> int:
    return (await client.post(action, **params)).code


async def test_paths(bench: Bench) -> None:
    for path in ("/appApi.html", "/appapi.html", "/APPAPI.HTML", "/appApi.json", "/appapi.JSON"):
        for method in ("GET", "POST"):
            assert (await bench.send(method, f"{path}?action=symbols")).code == 200
    for path in ("/appApi.html/", "/appApi.html/more", "/appApi.htm", "/"):
        assert (await bench.send("GET", f"{path}?action=symbols")).answer.status == 404


@pytest.mark.parametrize("query", ["", "action=", "action=0", "action=Depth", "action=depths", "symbol=78"])
async def test_actions_that_there_are_not(bench: Bench, query: str) -> None:
    reply = await bench.post(query)
    assert reply.json == {"code": 10002, "msg": "API non-existed", "time": START, "data": None}
    assert list(reply.json) == ["code", "msg", "time", "data"]


async def test_other_methods_do_not_exist(bench: Bench) -> None:
    for method in ("PUT", "DELETE", "HEAD", "OPTIONS"):
        assert (await bench.send(method, "/appApi.html?action=symbols")).code == 10002


async def test_an_unknown_action_goes_before_everything(bench: Bench) -> None:
    assert (await bench.post("action=nothing&api_key=1&x=1&x=2")).code == 10002


async def test_keys_that_are_wrong(bench: Bench) -> None:
    alice = bench.alice
    wrong = alice.signed() | {"api_key": "3f0c1a52-7d84-4b1e-9a66-51c0f7e2b9d4"}
    for params in ({}, {"api_key": ""}, {"api_key": "x" * 1000}, wrong):
        assert (await bench.post("action=userinfo", urlencode(params))).code == 10006
    coinex = bench.operations.add_key(alice.user, "coinex")
    params = {"api_key": coinex.key_id}
    params["sign"] = sign(params, coinex.secret)
    assert (await bench.post("action=userinfo", urlencode(params))).code == 10006


async def test_keys_that_have_been(bench: Bench) -> None:
    short = await bench.client("short")
    bench.clock.time = START + DAYS_90 - 1
    assert await code(short, "userinfo") == 200
    bench.clock.time = START + DAYS_90
    assert await code(short, "userinfo") == 10006
    bench.venue.accounts.revoke_key(bench.alice.key.id)
    assert await code(bench.alice, "userinfo") == 10006


async def test_signatures_that_are_wrong(bench: Bench) -> None:
    good = bench.alice.signed(id=5)
    for bad in (
        good | {"sign": ""},
        good | {"sign": good["sign"][:-1]},
        good | {"sign": "0" * 32},
        good | {"id": "6"},
        good | {"memo": "1"},
    ):
        assert (await bench.post("action=order", urlencode(bad))).code == 10007
    del good["sign"]
    assert (await bench.post("action=order", urlencode(good))).code == 10007


async def test_what_could_be_read_in_two_ways_is_refused_before_the_signature(bench: Bench) -> None:
    for params in ({"memo": "1&id=6"}, {"a&b": "1"}, {"a=b": "1"}):
        assert await code(bench.alice, "order", id=5, **params) == 10003
    assert (await bench.post("action=order&id=5", urlencode(bench.alice.signed(id=6)))).code == 10003


async def test_permissions_of_keys(bench: Bench) -> None:
    reader = await bench.client("reader", trade_allowed=False, withdraw_allowed=False)
    for action in ("entrust", "lastentrust"):
        assert await code(reader, action, symbol=78) == 200
    assert await code(reader, "order", id=1) == await code(reader, "userinfo") == 200
    # The permission goes before the parameters.
    for action in ("trade", "cancel_entrust"):
        assert await code(reader, action) == 10004
    trader = await bench.client("trader", withdraw_allowed=False)
    assert await code(trader, "cancel_entrust") == 10003


async def test_allow_lists(bench: Bench) -> None:
    listed = await bench.client("listed", allow_list=["10.1.0.0/16", "2001:db8::5"])

    async def from_(address: str, action: str) -> int:
        body = urlencode(listed.signed(symbol=78))
        return (await bench.post(f"action={action}", body, client_ip=address)).code

    for address in ("10.1.2.3", "::ffff:10.1.2.3", "2001:db8::5"):
        assert await from_(address, "entrust") == 200
    for address in ("10.2.2.3", "2001:db8::6", ""):
        for action in ("entrust", "userinfo", "trade"):
            assert await from_(address, action) == 10004


async def test_an_account_that_is_frozen(bench: Bench) -> None:
    bench.venue.accounts.edit_user(bench.alice.user.id, status="frozen")
    for action in ("userinfo", "trade"):
        assert await code(bench.alice, action) == 10004


async def test_public_actions_ignore_keys_and_what_they_do_not_know(bench: Bench) -> None:
    for extra in ("api_key=x&sign=y", "sign=&size=20", "symbol=BTC/USDT", "callback=_&x=1"):
        assert (await bench.post(f"action=getSymbol&{extra}")).code == 200
    assert (await bench.post("action=depth&symbol=78&symbol=79")).code == 10003


async def test_bodies(bench: Bench) -> None:
    # vnpy: all in the address, a JSON content type, no body.
    json = {"content-type": "application/json"}
    query = f"action=entrust&symbol=78&{urlencode(bench.alice.signed(symbol=78))}"
    assert (await bench.post(query, headers=json)).code == 200
    assert (await bench.send("GET", f"/appApi.html?{query}")).code == 200
    assert (await bench.send("GET", "/appApi.html?action=depth", "symbol=78")).code == 200
    assert (await bench.post("", "action=depth&symbol=78")).code == 200
    assert (await bench.post("action=depth", '{"symbol": 78, "size": "5"}', headers=json)).code == 200
    assert (await bench.post("action=depth", '{"symbol": [78]}', headers=json)).code == 10003
    large = await bench.post("action=depth&symbol=78", "x" * 70_000)
    assert large.code == 10003


@pytest.mark.parametrize(
    ("how", "expected"), [(Busy("full"), 10001), (VenueStopped("over"), 10001), (RuntimeError("bug"), 500)]
)
async def test_what_is_wrong_with_the_venue(
    bench: Bench, how: Exception, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> object:
        raise how

    monkeypatch.setattr(bench.venue, "submit", fail)
    reply = await bench.alice.post("trade", symbol=78, type=0, amount="1", price="50000")
    assert reply.code == expected
    assert set(reply.json) == {"code", "msg", "time", "data"}
    assert "bug" not in reply.json["msg"]


async def test_a_quota_that_cannot_be_asked_for(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the engine is another process."""

    async def busy(*_: object) -> object:
        raise Busy("the engine has gone")

    bench.serve(CoinwSettings())
    monkeypatch.setattr(bench.dialect._desk.venue.quotas, "take", busy)
    reply = await bench.alice.post("trade", symbol=78, type=0, amount="1", price="50000")
    assert reply.code == 10001
    assert bench.app.traffic.failures == 0


async def test_a_body_that_never_ends(bench: Bench) -> None:
    bench.app._body_seconds = 0.05
    never: asyncio.Future[object] = asyncio.Future()
    sent: list[dict[str, object]] = []
    parts = iter([{"type": "http.request", "body": b"a", "more_body": True}])

    async def receive() -> object:
        part = next(parts, None)
        return part if part is not None else await never

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/appApi.html",
        "raw_path": b"/appApi.html",
        "query_string": b"action=depth",
        "headers": [],
        "client": ("127.0.0.1", 1),
    }
    await bench.app(scope, receive, send)  # type: ignore[arg-type]
    assert b'"code":10001' in bytes(sent[1]["body"])  # type: ignore[call-overload]


# -- limits -----------------------------------------------------------------------------------------


async def accepted(count: int, ask: Callable[[], Awaitable[int]]) -> int:
    """How many of `count` requests pass; all others are told to come again."""
    codes = [await ask() for _ in range(count)]
    assert set(codes) <= {200, 10001}
    return codes.count(200)


async def test_ten_a_second_for_a_key_and_for_an_address(bench: Bench) -> None:
    bench.serve(CoinwSettings())

    async def signed() -> int:
        return await code(bench.alice, "userinfo")

    async def public(address: str = "10.0.0.1") -> int:
        return (await bench.post("action=symbols", client_ip=address)).code

    assert await accepted(15, signed) == 10
    assert await accepted(15, public) == 10
    assert await accepted(15, lambda: public("10.0.0.2")) == 10
    assert await code(bench.bob, "userinfo") == 200
    bench.milliseconds += 500
    assert await accepted(15, signed) == 5
    # All of an IPv6 network is one source.
    assert (
        await accepted(8, lambda: public("2001:db8::1")) + await accepted(8, lambda: public("2001:db8::2"))
        == 10
    )


async def test_whoever_guesses_is_limited_by_address(bench: Bench) -> None:
    bench.serve(CoinwSettings(address_rate=20))
    codes = [(await bench.post("action=userinfo")).code for _ in range(30)]
    assert (codes.count(10006), codes.count(10001)) == (20, 10)


# -- codes ------------------------------------------------------------------------------------------


def test_every_reason_of_the_core_has_a_code() -> None:
    reasons: tuple[RefusalReason, ...] = get_args(RefusalReason)
    codes = {reason: of_refusal(reason, "trade").code for reason in reasons}
    assert {reason for reason, code in codes.items() if code == Code.PARAMETER} == {
        "unknown_market",
        "invalid_amount",
        "invalid_price",
        "invalid_request",
        "below_minimum",
        "unknown_asset",
        "memo_required",
    }
    assert codes["user_barred"] == codes["unknown_user"] == Code.NO_TRADING
    assert of_refusal("user_barred", "withdraw").code == Code.NO_WITHDRAWAL
    for reason in ("insufficient_balance", "unknown_order", "market_closed", "wrong_state", "not_enabled"):
        assert codes[reason] == Code.FAILED


# -- what the operator sees -------------------------------------------------------------------------


async def test_metrics_and_audit_name_actions_and_never_what_was_sent(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    good = bench.alice.signed(symbol=78)
    bad = good | {"sign": "F" * 32}
    assert (await bench.send("GET", f"/appApi.html?action=entrust&{urlencode(good)}")).code == 200
    assert (await bench.send("GET", f"/appApi.html?action=entrust&{urlencode(bad)}")).code == 10007
    assert (await bench.post("action=<script>")).code == 10002
    seen = bench.app.traffic
    assert dict(seen.endpoints["/appApi.html?action=entrust"].codes) == {"200": 1, "10007": 1}
    assert dict(seen.endpoints["other"].codes)["10002"] == 1
    assert [(found.reason, found.code, count) for found, count in seen.barred.items()] == [
        ("auth", "10007", 1)
    ]
    written = "".join(capsys.readouterr())
    assert "authentication_failed" in written
    for secret in (good["sign"], bad["sign"], bench.alice.key.secret, bench.alice.key.key_id):
        assert secret not in written


async def test_a_bug_leaves_neither_query_nor_signature_in_the_log(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bench.venue, "submit", None)
    params = bench.alice.signed(symbol=78, type=0, amount="1", price="50000")
    assert (await bench.send("GET", f"/appApi.html?action=trade&{urlencode(params)}")).code == 500
    written = "".join(capsys.readouterr())
    assert "request_failed" in written
    for secret in (params["sign"], bench.alice.key.secret, bench.alice.key.key_id, "50000"):
        assert secret not in written
