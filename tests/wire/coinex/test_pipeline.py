"""What every request passes before its handler, in the order of reference/coinex/conventions.md §2.6."""

import asyncio
import hashlib
import logging
from pathlib import Path
from typing import Any

import pytest
import structlog

from openbourse.core.commands import SetUserStatus
from openbourse.history.writer import HistoryUnavailableError
from openbourse.venue.sequencer import Busy
from openbourse.wire.coinex.settings import CoinexSettings
from openbourse.wire.http.messages import Request
from tests.wire.calling import Answer
from tests.wire.coinex.bench import START, Bench, open_bench

BALANCE = "/v2/assets/spot/balance"
ORDER = b'{"market":"BTCUSDT","market_type":"SPOT","side":"buy","type":"limit","amount":"1","price":"1"}'


async def ask(bench: Bench, **changed: str) -> Answer:
    """Alice's balance with headers changed, or left out where the new value is empty."""
    headers = bench.alice.headers("GET", BALANCE, b"") | {f"X-COINEX-{k}": v for k, v in changed.items()}
    return await bench.call("GET", BALANCE, headers={name: text for name, text in headers.items() if text})


@pytest.mark.parametrize(
    ("changed", "code", "message"),
    [
        ({"KEY": ""}, 4005, "access_id not exists"),
        ({"KEY": "0" * 32}, 4005, "access_id not exists"),
        ({"TIMESTAMP": ""}, 4010, "time check error"),
        ({"TIMESTAMP": str(START - 5001)}, 4010, "time check error"),
        ({"TIMESTAMP": str(START + 5001)}, 4010, "time check error"),
        ({"SIGN": ""}, 4008, "need authorization header"),
        ({"SIGN": "short"}, 4008, "need authorization header"),
        ({"SIGN": "0" * 64}, 4006, "authorization fail"),
        ({"TIMESTAMP": str(START - 1)}, 4006, "authorization fail"),
    ],
    ids=str,
)
async def test_who_is_it(bench: Bench, changed: dict[str, str], code: int, message: str) -> None:
    answer = await ask(bench, **changed)
    assert (answer.status, answer.json) == (200, {"code": code, "data": {}, "message": message})


async def test_a_window_of_ones_own(bench: Bench) -> None:
    for age, code in ((9_000, 0), (11_000, 4010)):
        headers = bench.alice.headers("GET", BALANCE, b"", START - age) | {"X-COINEX-WINDOWTIME": "10000"}
        assert (await bench.call("GET", BALANCE, headers=headers)).code == code


async def test_a_changed_body_or_query_is_not_what_was_signed(bench: Bench) -> None:
    before = bench.fingerprint()
    headers = bench.alice.headers("POST", "/v2/spot/order", ORDER)
    forged = ORDER.replace(b'"1"}', b'"2"}')
    assert (await bench.call("POST", "/v2/spot/order", forged, headers)).code == 4006
    target = "/v2/spot/pending-order?market_type=SPOT"
    headers = bench.alice.headers("GET", target, b"")
    assert (await bench.call("GET", target + "&limit=1", headers=headers)).code == 4006
    assert bench.fingerprint() == before


async def test_the_plain_form_of_the_signature_is_ccxts_and_can_be_refused(tmp_path: Path) -> None:
    for accepted, code in ((True, 0), (False, 4006)):
        settings = CoinexSettings(rate_limits=False, accept_plain_sha256=accepted)
        async with open_bench(tmp_path / str(accepted), settings) as bench:
            text = f"GET{BALANCE}{START}{bench.alice.key.secret}"
            answer = await ask(bench, SIGN=hashlib.sha256(text.encode()).hexdigest())
            assert answer.code == code


async def test_keys_and_accounts_that_may_not(bench: Bench) -> None:
    reader = await bench.client("reader", trade_allowed=False)
    assert (await reader.get("/assets/spot/balance")).code == 0
    assert (await reader.order("buy", "limit", "1", "1")).json["message"] == "API permission is not allowed"
    assert (await reader.post("/account/settings", cet_discount_enabled=True)).code == 158
    guarded = await bench.client("guarded", allow_list=["10.0.0.0/8"])
    target, headers = BALANCE, guarded.headers("GET", BALANCE, b"")
    assert (await bench.call("GET", target, headers=headers)).code == 4007
    assert (await bench.call("GET", target, headers=headers, client_ip="10.1.2.3")).code == 0
    bench.venue.accounts.edit_user(bench.alice.user.id, status="frozen")
    assert (await bench.alice.get("/assets/spot/balance")).code == 4011
    now = bench.venue.now()
    await bench.venue.submit(SetUserStatus(now, bench.bob.user.id, "no_trading"))
    assert (await bench.bob.order("buy", "limit", "1", "1")).code == 4115
    bench.clock.time += 91 * 24 * 3600 * 1000
    assert (await bench.carol.get("/assets/spot/balance")).code == 4005


async def test_paths_and_methods(bench: Bench) -> None:
    for path in ("/v2/spot/orders", "/v2", "/v2/", "/v2/spot/order/", "/v3/ping", "//"):
        assert (await bench.call("GET", path)).status == 404, path
    for method, path in (("POST", "/v2/ping"), ("GET", "/v2/spot/order"), ("DELETE", "/v2/spot/order")):
        answer = await bench.call(method, path)
        assert (answer.status, answer.code, answer.message) == (200, 4009, "unknown method")


async def test_public_endpoints_ignore_signatures(bench: Bench) -> None:
    headers = {"X-COINEX-KEY": "nobody", "X-COINEX-SIGN": "nothing", "X-COINEX-TIMESTAMP": "never"}
    assert (await bench.call("GET", "/v2/ping", headers=headers)).data == {"result": "pong"}


# -- limits -----------------------------------------------------------------------------------------


async def test_group_limits_and_their_headers(tmp_path: Path) -> None:
    async with open_bench(tmp_path, CoinexSettings()) as bench:
        answers = [await bench.alice.get("/assets/spot/balance") for _ in range(11)]
        assert [answer.code for answer in answers] == [0] * 10 + [4213]
        assert answers[0].headers["x-ratelimit-limit"] == "10"
        assert [answer.headers["x-ratelimit-remaining"] for answer in answers[:2]] == ["9", "8"]
        assert answers[10].status == 200
        assert (await bench.bob.get("/assets/spot/balance")).code == 0
        assert (await bench.alice.get("/spot/pending-order", market_type="SPOT")).code == 0
        bench.milliseconds += 100
        assert (await bench.alice.get("/assets/spot/balance")).code == 0
        assert (await bench.alice.get("/assets/spot/balance")).code == 4213


async def test_a_batch_costs_its_items_and_a_refusal_tells_the_quota(tmp_path: Path) -> None:
    async with open_bench(tmp_path, CoinexSettings()) as bench:
        orders: list[object] = [{}] * 29
        first = await bench.alice.post("/spot/batch-order", orders=orders)
        assert first.headers["x-ratelimit-remaining"] == "1"
        second = await bench.alice.post("/spot/batch-order", orders=[])
        assert (second.code, second.headers["x-ratelimit-remaining"]) == (3639, "0")
        assert (await bench.alice.post("/spot/batch-order", orders=orders)).code == 4213
        assert (await bench.alice.post("/spot/cancel-all-order", market="BTCUSDT")).code == 3639


async def test_the_limit_of_an_address(tmp_path: Path) -> None:
    async with open_bench(tmp_path, CoinexSettings()) as bench:
        statuses = [(await bench.get("/ping")).status for _ in range(401)]
        assert statuses == [200] * 400 + [429]
        assert (await bench.call("GET", "/v2/ping", client_ip="10.0.0.9")).status == 200


async def test_a_limited_public_endpoint_counts_by_address(tmp_path: Path) -> None:
    async with open_bench(tmp_path, CoinexSettings()) as bench:
        codes = [(await bench.get("/assets/deposit-withdraw-config", ccy="BTC")).code for _ in range(11)]
        assert codes == [0] * 10 + [4213]
        target = "/v2/assets/deposit-withdraw-config?ccy=BTC"
        assert (await bench.call("GET", target, client_ip="10.0.0.9")).code == 0
        # Whoever has an IPv6 address has a network full of them.
        neighbours = [f"2001:db8::{n:x}" for n in range(11)]
        codes = [(await bench.call("GET", target, client_ip=address)).code for address in neighbours]
        assert codes == [0] * 10 + [4213]


# -- bad days ---------------------------------------------------------------------------------------


async def test_overload_and_the_end(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(_: object) -> None:
        raise Busy

    with monkeypatch.context() as patch:
        patch.setattr(bench.venue, "submit", busy)
        answer = await bench.alice.order("buy", "limit", "1", "1")
        assert (answer.status, answer.code, answer.message) == (200, 3008, "service too busy")

    async def unavailable(_: object) -> None:
        raise HistoryUnavailableError

    with monkeypatch.context() as patch:
        patch.setattr(bench.venue, "ask", unavailable)
        assert (await bench.alice.get("/spot/finished-order", market_type="SPOT")).code == 4001
    await bench.venue._sequencer.stop()
    assert (await bench.alice.order("buy", "limit", "1", "1")).code == 4001


async def test_a_failure_under_a_command_leaves_its_outcome_unknown(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(bench.venue.log, "append", full)
    assert (await bench.alice.order("buy", "limit", "1", "1")).code == 4002
    assert (await bench.alice.order("buy", "limit", "1", "1")).code == 4001
    assert (await bench.get("/spot/market")).code == 0


async def test_a_bug_is_answered_logged_and_tells_no_secret(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    logs: list[Any] = []

    def keep(_: object, __: str, event: Any) -> Any:
        logs.append(dict(event))
        raise structlog.DropEvent

    async def broken(_: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(bench.venue, "ask", broken)
    structlog.configure(processors=[keep])
    try:
        answer = await bench.alice.get("/spot/finished-order", market_type="SPOT")
        body = ORDER.replace(b'"1"}', b'"private"}')
        await bench.alice.send("/spot/order", body)
        await ask(bench, SIGN="0" * 64)
    finally:
        structlog.reset_defaults()
    assert (answer.status, answer.json) == (200, {"code": 4003, "data": {}, "message": "internal error"})
    log, audit = logs
    assert audit["event"] == "authentication_failed"
    assert log["request"] == answer.headers["x-request-id"]
    assert "ZeroDivisionError" in log["traceback"]
    captured = capsys.readouterr()
    everything = f"{logs} {captured.out} {captured.err}"
    for secret in (bench.alice.key.secret, bench.alice.key.key_id, "private"):
        assert secret not in everything


async def test_secrets_stay_out_of_debug_logs(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    assert (await bench.alice.order("buy", "limit", "1", "1", client_id="mine")).code == 0
    await ask(bench, SIGN="0" * 64)
    assert bench.alice.key.secret not in caplog.text
    assert bench.alice.key.secret not in repr((bench.alice.key, bench.venue.accounts.users()))


async def test_the_words_for_a_body_that_does_not_come(bench: Bench) -> None:
    request = Request("id", "POST", "/v2/spot/order", b"", b"", {}, "127.0.0.1")
    assert b'"code":4004' in bench.dialect.too_slow(request).body
    assert b'"code":4003' in bench.dialect.internal_error(request).body


async def test_orders_that_arrive_together_are_all_answered(bench: Bench) -> None:
    answers = await asyncio.gather(*(bench.alice.order("buy", "limit", "0.01", "1") for _ in range(50)))
    assert len({answer.data["order_id"] for answer in answers}) == 50
