"""Sub-accounts: life, keys and money, with every documented refusal (account-assets.md A1-A14)."""

import asyncio
from typing import Any

import pytest

from openbourse.accounts.accounts import KEY_LIFE_MS, MAX_SUB_ACCOUNTS
from openbourse.core.commands import SetUserStatus
from tests.wire.coinex.bench import START, Bench, Client

INTO = {"from_account_type": "SPOT", "to_account_type": "SPOT", "ccy": "USDT"}


async def create(bench: Bench, name: str = "desk-1", **more: object) -> None:
    assert (await bench.alice.post("/account/subs", sub_user_name=name, **more)).data == {}


async def key_of(bench: Bench, name: str, **more: object) -> tuple[Client, dict[str, Any]]:
    """A client with a new key of a sub-account, signing with the secret that the answer showed."""
    given = {"ip_whitelist": [], "trade_enabled": True} | more
    data = (await bench.alice.post("/account/subs/api", sub_user_name=name, **given)).data
    key = bench.venue.accounts.find_key(data["access_id"])
    assert key is not None
    assert key.secret == data["secret_key"]
    return Client(bench, key.owner, key), data


async def names(bench: Bench, **params: object) -> list[str]:
    return [row["sub_user_name"] for row in (await bench.alice.get("/account/subs", **params)).data]


# -- the accounts -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"sub_user_name": "ab"},
        {"sub_user_name": "a" * 27},
        {"sub_user_name": "no_underscore"},
        {"sub_user_name": "no blank"},
        {"sub_user_name": "ümlaut"},
        {"sub_user_name": "line\n"},
        {"sub_user_name": 12345},
        {"sub_user_name": "taken-1"},
        {"sub_user_name": "desk-1", "permissions": ["SPOT"]},
        {"sub_user_name": "desk-1", "permissions": "API"},
        {"sub_user_name": "desk-1", "remark": "r" * 51},
    ],
    ids=str,
)
async def test_no_such_sub_account_is_made(bench: Bench, params: dict[str, Any]) -> None:
    await create(bench, "taken-1")
    before = bench.fingerprint()
    answer = await bench.alice.post("/account/subs", **params)
    assert (answer.code, answer.json["data"], answer.message) == (3639, {}, "Invalid Parameter")
    assert bench.fingerprint() == before


async def test_names_are_of_one_main_account_and_twenty_are_the_most(bench: Bench) -> None:
    for number in range(MAX_SUB_ACCOUNTS):
        await create(bench, f"desk-{number}")
    assert (await bench.alice.post("/account/subs", sub_user_name="desk-21")).code == 3639
    assert (await bench.bob.post("/account/subs", sub_user_name="desk-1")).code == 0
    answer = await bench.alice.get("/account/subs", page=2, limit=15)
    assert [row["sub_user_name"] for row in answer.data] == [f"desk-{n}" for n in (4, 3, 2, 1, 0)]
    assert answer.pagination == {"total": 20, "has_next": False}
    answer = await bench.alice.get("/account/subs", limit=1)
    assert answer.pagination == {"total": 20, "has_next": True}
    assert (await bench.alice.get("/account/subs", page=3)).data == []


async def test_what_the_list_says(bench: Bench) -> None:
    await create(bench, "desk-1", permissions=["API", "FUTURES"])
    await create(bench, "desk-2")
    rows = {row["sub_user_name"]: row for row in (await bench.alice.get("/account/subs")).data}
    assert rows["desk-1"]["permissions"] == ["FUTURES", "API"]
    assert rows["desk-2"]["permissions"] == ["FUTURES", "MARGIN", "AMM", "API"]
    assert rows["desk-1"]["balance_usd"] == "0"
    assert await names(bench, sub_user_name="desk-2") == ["desk-2"]
    assert await names(bench, sub_user_name="desk") == []
    assert await names(bench, is_frozen="true") == []


async def test_the_value_is_that_of_the_last_prices(bench: Bench) -> None:
    await create(bench)
    await bench.alice.post("/account/subs/transfer", **INTO, to_user_name="desk-1", amount="1000.5")
    for asset, amount in (("BTC", "0.1"), ("ETH", "1")):
        sent = INTO | {"ccy": asset, "amount": amount, "to_user_name": "desk-1"}
        assert (await bench.alice.post("/account/subs/transfer", **sent)).code == 0
    await bench.bob.order("sell", "limit", "1", "60000.5")
    await bench.alice.order("buy", "limit", "0.5", "60000.5")
    (row,) = (await bench.alice.get("/account/subs")).data
    assert row["balance_usd"] == "7000.55"  # 1000.5 + 0.1 * 60000.5; ETH has never traded


async def test_a_frozen_one_can_do_nothing_until_it_is_enabled_again(bench: Bench) -> None:
    await create(bench)
    desk, _ = await key_of(bench, "desk-1")
    await bench.alice.post("/account/subs/transfer", **INTO, to_user_name="desk-1", amount="1000")
    assert (await desk.order("buy", "limit", "0.01", "50000")).code == 0
    for _ in range(2):  # freezing what is frozen succeeds
        assert (await bench.alice.post("/account/subs/frozen", sub_user_name="desk-1")).data == {}
    assert (await desk.get("/assets/spot/balance")).code == 4011
    assert (await desk.order("buy", "limit", "0.01", "50000")).code == 4011
    terms = bench.venue.exchange.user_terms(desk.user.id)
    assert terms is not None
    assert terms.status == "no_trading"
    assert await names(bench) == []
    (row,) = (await bench.alice.get("/account/subs", is_frozen="true")).data
    assert (row["sub_user_name"], row["is_frozen"]) == ("desk-1", True)
    # Nothing may be paid in, what is free may be pulled out.
    paid_in = await bench.alice.post("/account/subs/transfer", **INTO, to_user_name="desk-1", amount="1")
    assert (paid_in.code, paid_in.message) == (49, "transfer to this sub-account is refused")
    pulled = await bench.alice.post("/account/subs/transfer", **INTO, from_user_name="desk-1", amount="500")
    assert pulled.code == 0
    for _ in range(2):
        assert (await bench.alice.post("/account/subs/unfrozen", sub_user_name="desk-1")).data == {}
    assert await desk.balance() == {"USDT": ("0", "500")}
    assert (await desk.post("/spot/cancel-all-order", market="BTCUSDT", market_type="SPOT")).code == 0
    assert (await desk.order("buy", "limit", "0.01", "50000")).code == 0


async def test_what_the_operator_froze_stays_frozen(bench: Bench) -> None:
    await create(bench)
    desk, _ = await key_of(bench, "desk-1")
    await bench.venue.submit(SetUserStatus(START, desk.user.id, "frozen"))
    bench.venue.accounts.edit_user(desk.user.id, status="frozen")
    assert (await bench.alice.post("/account/subs/unfrozen", sub_user_name="desk-1")).code == 4115
    assert (await desk.get("/account/info")).code == 4011


@pytest.mark.parametrize("path", ["/account/subs/frozen", "/account/subs/unfrozen"])
async def test_an_unknown_name(bench: Bench, path: str) -> None:
    for params in ({"sub_user_name": "nobody"}, {"sub_user_name": "alice"}, {}):
        assert (await bench.alice.post(path, **params)).code == 3639


async def test_who_am_i(bench: Bench) -> None:
    await create(bench)
    desk, _ = await key_of(bench, "desk-1")
    answer = await desk.get("/account/subs/info")
    assert answer.data == {"user_type": "SUB_ACCOUNT", "sub_user_name": "desk-1"}
    assert (await desk.get("/account/info")).data["user_id"] == desk.user.public_id


# -- keys -------------------------------------------------------------------------------------------


async def test_a_key_from_its_creation_to_its_end(bench: Bench) -> None:
    await create(bench)
    desk, made = await key_of(bench, "desk-1", ip_whitelist=["127.0.0.1"], remark="quotes")
    shown = {name: value for name, value in made.items() if name != "secret_key"}
    assert (made["expires_at"], made["is_expired"], made["withdraw_enabled"]) == (0, False, False)
    assert (made["created_at"], made["ip_whitelist"], made["remark"]) == (START, ["127.0.0.1"], "quotes")
    assert len(made["secret_key"]) == 48
    assert (await desk.get("/account/info")).code == 0
    listed = await bench.alice.get("/account/subs/api", sub_user_name="desk-1")
    assert listed.data == [shown]
    assert listed.pagination == {"total": 1, "has_next": False}
    number = made["api_id"]
    detail = (await bench.alice.get("/account/subs/api-detail", api_id=number)).data
    assert detail == shown | {"secret_key": ""}  # shown once, at creation

    edit = {"sub_user_name": "desk-1", "api_id": number}
    changed = (await bench.alice.post("/account/subs/edit-api", **edit, can_trade=False)).data
    assert changed == detail | {"trade_enabled": False}
    desk.key = bench.venue.accounts.key(number)
    assert (await desk.order("buy", "limit", "1", "1")).code == 158
    both = await bench.alice.post("/account/subs/edit-api", **edit, can_trade=False, trade_enabled=True)
    assert both.data["trade_enabled"] is True
    changed = (await bench.alice.post("/account/subs/edit-api", **edit, ip_whitelist=[], remark="r")).data
    assert (changed["ip_whitelist"], changed["expires_at"]) == ([], START + KEY_LIFE_MS)
    changed = (await bench.alice.post("/account/subs/edit-api", **edit, ip_whitelist=["10.0.0.9"])).data
    assert (changed["expires_at"], changed["remark"]) == (0, "r")
    assert (await desk.get("/account/info")).code == 4007

    assert (await bench.alice.post("/account/subs/delete-api", api_id=number)).data == {}
    assert (await desk.get("/account/info")).code == 4005
    assert (await bench.alice.get("/account/subs/api", sub_user_name="desk-1")).data == []
    assert (await bench.alice.post("/account/subs/delete-api", api_id=number)).code == 3639
    assert (await bench.alice.get("/account/subs/api-detail", api_id=number)).code == 3639


async def test_a_key_without_addresses_expires(bench: Bench) -> None:
    await create(bench)
    _, made = await key_of(bench, "desk-1")
    assert made["expires_at"] == START + KEY_LIFE_MS
    forever = bench.operations.add_key(bench.alice.user, "coinex", never_expires=True)
    bench.clock.time += KEY_LIFE_MS
    alice = Client(bench, bench.alice.user, forever)
    (row,) = (await alice.get("/account/subs/api", sub_user_name="desk-1")).data
    assert row["is_expired"] is True


@pytest.mark.parametrize(("permission", "code"), [("MARGIN", 4117), ("FUTURES", 4512)])
async def test_margin_orders_need_a_permission_first(bench: Bench, permission: str, code: int) -> None:
    """conventions.md §2.6: it is checked before anything is said about the market."""
    await create(bench, permissions=["API", permission])
    desk, _ = await key_of(bench, "desk-1")
    order = {"market": "BTCUSDT", "market_type": "MARGIN", "side": "buy", "type": "limit"}
    order |= {"amount": "0.01", "price": "50000", "trigger_price": "60000"}
    for path in ("/spot/order", "/spot/stop-order"):
        assert (await desk.post(path, **order)).code == code
    for path in ("/spot/batch-order", "/spot/batch-stop-order"):
        (item,) = (await desk.post(path, orders=[order])).data
        assert (item["code"], item["data"]) == (code, None)
    unknown = await desk.post("/spot/order", **(order | {"market": "XYZ"}))
    assert unknown.code == (4512 if code == 4512 else 3639)


async def test_keys_of_the_other_protocol_are_not_shown(bench: Bench) -> None:
    await create(bench)
    user = bench.venue.accounts.user_by_name("desk-1", bench.alice.user.id)
    assert user is not None
    other = bench.operations.add_key(user, "coinw")
    assert (await bench.alice.get("/account/subs/api", sub_user_name="desk-1")).data == []
    assert (await bench.alice.get("/account/subs/api-detail", api_id=other.id)).code == 3639


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"sub_user_name": "nobody"}, 3639),
        ({"sub_user_name": "no-keys"}, 4512),
        ({"sub_user_name": None}, 3639),
        ({"ip_whitelist": None}, 3639),
        ({"ip_whitelist": ["300.1.1.1"]}, 3639),
        ({"ip_whitelist": ["localhost"]}, 3639),
        ({"ip_whitelist": "127.0.0.1"}, 3639),
        ({"ip_whitelist": [f"10.0.0.{n}" for n in range(51)]}, 3639),
        ({"trade_enabled": None}, 3639),
        ({"trade_enabled": "perhaps"}, 3639),
        ({"remark": "r" * 51}, 3639),
    ],
    ids=str,
)
async def test_no_such_key_is_made(bench: Bench, changed: dict[str, Any], code: int) -> None:
    await create(bench)
    await create(bench, "no-keys", permissions=["FUTURES"])
    good = {"sub_user_name": "desk-1", "ip_whitelist": [], "trade_enabled": True}
    assert (await bench.alice.post("/account/subs/api", **(good | changed))).code == code
    assert (await bench.alice.get("/account/subs/api", sub_user_name="desk-1")).data == []


async def test_fifty_keys_are_the_most(bench: Bench) -> None:
    await create(bench)
    user = bench.venue.accounts.user_by_name("desk-1", bench.alice.user.id)
    assert user is not None
    for _ in range(50):
        bench.operations.add_key(user, "coinex")
    given = {"sub_user_name": "desk-1", "ip_whitelist": [], "trade_enabled": True}
    assert (await bench.alice.post("/account/subs/api", **given)).code == 3639
    answer = await bench.alice.get("/account/subs/api", sub_user_name="desk-1", limit=1000)
    assert (len(answer.data), answer.pagination) == (50, {"total": 50, "has_next": False})


async def test_a_key_is_edited_by_its_own_name_only(bench: Bench) -> None:
    await create(bench, "desk-1")
    await create(bench, "desk-2")
    _, made = await key_of(bench, "desk-1")
    wrong = {"sub_user_name": "desk-2", "api_id": made["api_id"], "trade_enabled": False}
    assert (await bench.alice.post("/account/subs/edit-api", **wrong)).code == 3639
    assert (await bench.alice.post("/account/subs/edit-api", sub_user_name="desk-1", api_id=9)).code == 3639
    assert bench.venue.accounts.key(made["api_id"]).trade_allowed


# -- money ------------------------------------------------------------------------------------------


async def test_money_goes_around_and_leaves_its_trace(bench: Bench) -> None:
    await create(bench, "desk-1")
    await create(bench, "desk-2")
    desk, _ = await key_of(bench, "desk-1")
    steps: list[dict[str, str]] = [
        {"to_user_name": "desk-1", "amount": "1000.123456789012345678"},
        {"from_user_name": "desk-1", "to_user_name": "desk-2", "amount": "400"},
        {"from_user_name": "desk-2", "amount": "150"},
        {"to_user_name": "desk-2", "to_account_type": "FUTURES", "amount": "7"},
        {"from_user_name": "desk-2", "from_account_type": "FUTURES", "amount": "2"},
    ]
    for step in steps:
        bench.clock.time += 1000
        assert (await bench.alice.post("/account/subs/transfer", **(INTO | step))).data == {}
    main = await bench.alice.balance()
    assert main["USDT"] == ("999144.876543210987654322", "0")
    assert await desk.balance() == {"USDT": ("600.123456789012345678", "0")}
    asked = {"sub_user_name": "desk-2", "market_type": "FUTURES"}
    (row,) = (await bench.alice.get("/account/subs/balance", **asked)).data
    assert (row["available"], row["transferrable"], row["equity"]) == ("5", "5", "5")
    asked = {"sub_user_name": "desk-2", "market_type": "SPOT"}
    assert (await bench.alice.get("/account/subs/balance", **asked)).data == [
        {"ccy": "USDT", "available": "250", "frozen": "0"}
    ]

    answer = await bench.alice.get("/account/subs/transfer-history")
    assert answer.pagination == {"total": 5, "has_next": False}
    rows = answer.data[::-1]
    for row, step in zip(rows, steps, strict=True):
        expected = {"from_user_name": "", "to_user_name": ""} | INTO | step | {"status": "finished"}
        assert {name: row[name] for name in expected} == expected
    assert [row["created_at"] for row in rows] == [START + 1000 * n for n in range(1, 6)]
    of_desk = await bench.alice.get("/account/subs/transfer-history", sub_user_name="desk-1")
    assert of_desk.data == rows[1::-1]
    assert (await desk.get("/account/subs/transfer-history")).data == rows[1::-1]
    between = {"start_time": START + 2000, "end_time": START + 3000}
    assert (await bench.alice.get("/account/subs/transfer-history", **between)).data == rows[2:0:-1]
    second = await bench.alice.get("/account/subs/transfer-history", page=2, limit=2)
    assert (second.data, second.pagination) == (rows[2:0:-1], {"total": 5, "has_next": True})
    assert (await bench.alice.get("/account/subs/transfer-history", ccy="BTC")).data == []
    assert (await bench.bob.get("/account/subs/transfer-history")).data == []


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({}, 3639),
        ({"from_user_name": "desk-1", "to_user_name": "desk-1"}, 3639),
        ({"to_user_name": "nobody"}, 3639),
        ({"from_user_name": "nobody"}, 3639),
        ({"to_user_name": "bob"}, 3639),
        ({"from_user_name": "desk-1", "to_user_name": "desk-2", "to_account_type": "FUTURES"}, 3639),
        ({"from_user_name": "desk-1", "to_user_name": "desk-2", "from_account_type": "FUTURES"}, 3639),
        ({"to_user_name": "desk-1", "to_account_type": "MARGIN"}, 3639),
        ({"to_user_name": "desk-1", "from_account_type": None}, 3639),
        ({"to_user_name": "desk-1", "ccy": "XYZ"}, 3639),
        ({"to_user_name": "desk-1", "ccy": None}, 3639),
        ({"to_user_name": "desk-1", "amount": None}, 3639),
        ({"to_user_name": "desk-1", "amount": "0"}, 3639),
        ({"to_user_name": "desk-1", "amount": "-1"}, 3639),
        ({"to_user_name": "desk-1", "amount": "1e-25"}, 3639),
        ({"to_user_name": "desk-1", "amount": "1e16"}, 3639),
        ({"to_user_name": "desk-1", "amount": "NaN"}, 3639),
        ({"to_user_name": "desk-1", "amount": "1000000.000000000000000001"}, 3109),
        ({"from_user_name": "desk-1"}, 3109),
        ({"to_user_name": "spot-only", "to_account_type": "FUTURES"}, 4512),
        ({"from_user_name": "spot-only", "from_account_type": "FUTURES"}, 4512),
    ],
    ids=str,
)
async def test_no_such_transfer(bench: Bench, changed: dict[str, Any], code: int) -> None:
    for name in ("desk-1", "desk-2"):
        await create(bench, name)
    await create(bench, "spot-only", permissions=["API"])
    before = bench.fingerprint()
    answer = await bench.alice.post("/account/subs/transfer", **(INTO | {"amount": "5"} | changed))
    assert (answer.code, answer.json["data"]) == (code, {})
    assert bench.fingerprint() == before


async def test_a_sub_account_looks_at_itself_only(bench: Bench) -> None:
    await create(bench, "desk-1")
    await create(bench, "desk-2")
    desk, _ = await key_of(bench, "desk-1")
    for path, more in (
        ("/account/subs/balance", {"market_type": "SPOT"}),
        ("/account/subs/spot-balance", {}),
        ("/account/subs/transfer-history", {}),
    ):
        assert (await desk.get(path, sub_user_name="desk-1", **more)).data == []
        assert (await desk.get(path, sub_user_name="desk-2", **more)).code == 4512
        assert (await bench.alice.get(path, sub_user_name="nobody", **more)).code == 3639


async def test_balances_that_are_asked_for_wrongly(bench: Bench) -> None:
    await create(bench)
    for params in ({}, {"market_type": "AMM"}, {"market_type": "MARGIN", "market": "NOPE"}):
        assert (await bench.alice.get("/account/subs/balance", sub_user_name="desk-1", **params)).code == 3639
    margin = {"sub_user_name": "desk-1", "market_type": "MARGIN"}
    assert (await bench.alice.get("/account/subs/balance", **margin)).data == []
    await bench.alice.post("/account/subs/transfer", **INTO, to_user_name="desk-1", amount="1")
    asked = {"sub_user_name": "desk-1", "ccy": "BTC"}
    assert (await bench.alice.get("/account/subs/spot-balance", **asked)).data == []


async def test_of_many_transfers_of_all_one_wins(bench: Bench) -> None:
    await create(bench, "desk-1")
    await create(bench, "desk-2")
    for _ in range(3):
        moves = [
            bench.alice.post(
                "/account/subs/transfer",
                **(INTO | {"ccy": "BTC", "amount": "10", "to_user_name": f"desk-{1 + turn % 2}"}),
            )
            for turn in range(200)
        ]
        found = [answer.code for answer in await asyncio.gather(*moves)]
        assert sorted(found) == [0] + [3109] * 199
        winner = f"desk-{1 + found.index(0) % 2}"
        back = INTO | {"ccy": "BTC", "amount": "10", "from_user_name": winner}
        assert (await bench.alice.post("/account/subs/transfer", **back)).code == 0
    assert (await bench.alice.balance())["BTC"] == ("10", "0")
