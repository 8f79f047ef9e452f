"""Bad input gets the reference's code, changes nothing, and is not even written to the log."""

from typing import Any

import msgspec
import pytest

from tests.wire.coinex.bench import Bench

GOOD: dict[str, Any] = {
    "market": "BTCUSDT",
    "market_type": "SPOT",
    "side": "buy",
    "type": "limit",
    "amount": "0.01",
    "price": "50000",
}

FIELDS: list[dict[str, Any]] = [
    {"amount": "-0.01"},
    {"amount": "0"},
    {"amount": "NaN"},
    {"amount": "Infinity"},
    {"amount": "1e400"},
    {"amount": "1" + "0" * 30},
    {"amount": "9" * 5000},
    {"amount": "0x10"},
    {"amount": "1_000"},
    {"amount": "٣"},
    {"amount": "1,5"},
    {"amount": " 1"},
    {"amount": True},
    {"amount": []},
    {"amount": {"value": "1"}},
    {"amount": None},
    {"amount": ""},
    {"price": "-1"},
    {"price": "0"},
    {"price": "0.001"},
    {"price": "1e16"},
    {"price": None},
    {"market": "XYZUSDT"},
    {"market": "btcusdt"},
    {"market": ""},
    {"market": 7},
    {"market": "B" * 10_000},
    {"market_type": "spot"},
    {"market_type": "FUTURES"},
    {"market_type": None},
    {"side": "long"},
    {"side": 1},
    {"type": "LIMIT"},
    {"type": "stop"},
    {"client_id": "x" * 33},
    {"client_id": "no blanks"},
    {"client_id": "ü"},
    {"client_id": "a\n"},
    {"client_id": 5},
    {"is_hide": "maybe"},
    {"is_hide": 1},
    {"stp_mode": "none"},
    {"type": "market", "ccy": "ETH"},
    {"type": "market", "ccy": "ETH", "amount": "1"},
]


@pytest.mark.parametrize("fields", FIELDS, ids=str)
async def test_a_bad_field(bench: Bench, fields: dict[str, Any]) -> None:
    before, sequence = bench.fingerprint(), bench.venue.exchange.sequence
    answer = await bench.alice.post("/spot/order", **(GOOD | fields))
    assert (answer.status, answer.code, answer.json["data"]) == (200, 3639, {})
    assert answer.message.startswith("Invalid Parameter")
    assert (bench.fingerprint(), bench.venue.exchange.sequence) == (before, sequence)


@pytest.mark.parametrize("name", ["market", "market_type", "side", "type", "amount", "price"])
async def test_a_missing_field(bench: Bench, name: str) -> None:
    answer = await bench.alice.post("/spot/order", **{key: GOOD[key] for key in GOOD if key != name})
    assert answer.code == 3639


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", 3639),
        (b"{}", 3639),
        (b"[]", 3639),
        (b"null", 3639),
        (b"17", 3639),
        (b'"text"', 3639),
        (b"{", 4004),
        (b"not json", 4004),
        (b"\xff\xfe", 4004),
        (b'{"market":NaN}', 4004),
        (b'{"a":' * 100 + b"1" + b"}" * 100, 4004),
        (b"[" * 100 + b"]" * 100, 4004),
        (b"[" * 500_000, 4004),
        (msgspec.json.encode(GOOD) + b"x", 4004),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_a_bad_body(bench: Bench, body: bytes, code: int) -> None:
    before, sequence = bench.fingerprint(), bench.venue.exchange.sequence
    answer = await bench.alice.send("/spot/order", body)
    assert (answer.status, answer.code, answer.json["data"]) == (200, code, {})
    assert (bench.fingerprint(), bench.venue.exchange.sequence) == (before, sequence)


async def test_a_body_over_the_limit(bench: Bench) -> None:
    before, sequence = bench.fingerprint(), bench.venue.exchange.sequence
    body = msgspec.json.encode(GOOD | {"padding": "x" * 1024 * 1024})
    answer = await bench.alice.send("/spot/order", body)
    assert (answer.status, answer.code) == (200, 4004)
    assert (bench.fingerprint(), bench.venue.exchange.sequence) == (before, sequence)
    just_under = msgspec.json.encode(GOOD | {"padding": "x" * (1024 * 1024 - 200)})
    assert (await bench.alice.send("/spot/order", just_under)).code == 0


async def test_unknown_fields_are_ignored(bench: Bench) -> None:
    answer = await bench.alice.post("/spot/order", **GOOD, clientOrderId="x", option={"deep": [1]})
    assert answer.code == 0


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("/spot/order-status", {"market": "BTCUSDT"}),
        ("/spot/order-status", {"market": "BTCUSDT", "order_id": "x"}),
        ("/spot/order-status", {"market": "BTCUSDT", "order_id": "-1"}),
        ("/spot/order-status", {"market": "BTCUSDT", "order_id": "99999999999999999999"}),
        ("/spot/order-status", {"market": "XYZ", "order_id": "1"}),
        ("/spot/batch-order-status", {"market": "BTCUSDT", "order_ids": "1,,2"}),
        ("/spot/batch-order-status", {"market": "BTCUSDT", "order_ids": ",".join(["1"] * 51)}),
        ("/spot/pending-order", {}),
        ("/spot/pending-order", {"market_type": "SPOT", "limit": "0"}),
        ("/spot/finished-order", {"market_type": "SPOT", "page": "-1"}),
        ("/spot/finished-order", {"market_type": "SPOT", "side": "both"}),
        ("/spot/user-deals", {"market_type": "SPOT"}),
        ("/spot/user-deals", {"market_type": "SPOT", "market": "BTCUSDT", "start_time": "x"}),
        ("/account/trade-fee-rate", {"market_type": "SPOT", "market": "XYZ"}),
        ("/account/trade-fee-rate", {"market_type": "FUTURES", "market": "BTCUSDT"}),
    ],
    ids=str,
)
async def test_a_bad_query(bench: Bench, path: str, params: dict[str, str]) -> None:
    answer = await bench.alice.get(path, **params)
    assert (answer.status, answer.code, answer.json["data"]) == (200, 3639, {})


async def test_the_end_of_time_has_two_spellings(bench: Bench) -> None:
    await bench.alice.order("sell", "limit", "1", "60000")
    await bench.bob.order("buy", "limit", "1", "60000")
    spot = {"market": "BTCUSDT", "market_type": "SPOT"}
    for name in ("end_time", "end_Time"):
        assert (await bench.alice.get("/spot/user-deals", **spot, **{name: 1})).data == []
        end = bench.clock.now()
        assert len((await bench.alice.get("/spot/user-deals", **spot, **{name: end})).data) == 1


async def test_ids_in_lists_are_whole_numbers(bench: Bench) -> None:
    for ids in (["x"], [1.5], [-1], [None], "1", []):
        answer = await bench.alice.post("/spot/cancel-batch-order", market="BTCUSDT", order_ids=ids)
        assert answer.code == 3639, ids


@pytest.mark.parametrize("value", ["yes", 1, None, ""])
async def test_the_account_setting_is_a_flag(bench: Bench, value: object) -> None:
    assert (await bench.alice.post("/account/settings", cet_discount_enabled=value)).code == 3639
