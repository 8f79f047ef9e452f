"""Deposit addresses and deposits through their states (account-assets.md B13-B15)."""

from typing import Any

import msgspec
import pytest

from openbourse.core.units import MONEY_UNIT
from openbourse.venue.fund_operations import FundOperations
from openbourse.wallet.catalogue import AssetSpec
from tests.wire.coinex.bench import TRC20, Bench, Client
from tests.wire.coinex.wallet_scenes import PLACE


async def address_of(client: Client) -> str:
    found: dict[str, str] = (await client.get("/assets/deposit-address", **PLACE)).data
    assert found["memo"] == ""
    assert ":" not in found["address"]  # ccxt would cut it there
    return found["address"]


async def on_chain(client: Client, **filters: object) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = (await client.get("/assets/deposit-history", **filters)).data
    return [row for row in rows if row["deposit_method"] == "on_chain"]


# -- addresses --------------------------------------------------------------------------------------


async def test_an_address_stays_until_it_is_renewed(bench: Bench) -> None:
    old = await address_of(bench.alice)
    assert await address_of(bench.alice) == old != await address_of(bench.bob)
    new = (await bench.alice.post("/assets/renewal-deposit-address", **PLACE)).data
    assert new["address"] != old
    assert await address_of(bench.alice) == new["address"]
    made = (await bench.carol.post("/assets/renewal-deposit-address", **PLACE)).data
    assert await address_of(bench.carol) == made["address"]
    for address in (old, new["address"]):
        bench.chain.pay(address, "", "USDT", 5 * MONEY_UNIT)
    await bench.blocks(10)
    assert [row["to_address"] for row in await on_chain(bench.alice)] == [new["address"], old]
    assert (await bench.alice.balance())["USDT"] == ("1000010", "0")


async def test_addresses_with_memos(bench: Bench) -> None:
    chain = msgspec.structs.replace(TRC20, memo_required=True)
    bench.operations.add_asset(AssetSpec("USDT", "USDT", (chain,)))
    one, two = [
        (await each.get("/assets/deposit-address", **PLACE)).data for each in (bench.alice, bench.bob)
    ]
    assert one["address"] == two["address"]
    assert one["memo"] != two["memo"]
    assert one["memo"].isdigit()


async def test_a_sub_account_has_its_own(bench: Bench) -> None:
    main = bench.alice
    await main.post("/account/subs", sub_user_name="desk")
    user = bench.venue.accounts.user_by_name("desk", main.user.id)
    assert user is not None
    desk = Client(bench, user, bench.operations.add_key(user, "coinex"))
    address = await address_of(desk)
    assert address != await address_of(main)
    bench.chain.pay(address, "", "USDT", 5 * MONEY_UNIT)
    await bench.blocks(10)
    assert [row["amount"] for row in await on_chain(desk)] == ["5"]
    assert await on_chain(main) == []


@pytest.mark.parametrize("method", ["get", "post"])
async def test_no_such_place(bench: Bench, method: str) -> None:
    path = "/assets/deposit-address" if method == "get" else "/assets/renewal-deposit-address"
    ask = getattr(bench.alice, method)
    for place in ({"ccy": "XYZ"}, {"chain": "BSC"}, {"chain": ""}, {"ccy": ""}):
        answer = await ask(path, **(PLACE | place))
        assert (answer.code, answer.json["data"]) == (3639, {}), place
    known = await address_of(bench.alice)
    for change in (
        {"deposit_enabled": False},
        {"chains": (msgspec.structs.replace(TRC20, deposit_enabled=False),)},
    ):
        spec = msgspec.structs.replace(AssetSpec("USDT", "USDT", (TRC20,)), **change)
        bench.operations.add_asset(spec)
        assert await address_of(bench.alice) == known  # one that exists is shown, none is made
        assert (await getattr(bench.bob, method)(path, **PLACE)).code == 3639
        config = (await bench.get("/assets/deposit-withdraw-config", ccy="USDT")).data
        shown = (config["asset"]["deposit_enabled"], config["chains"][0]["deposit_enabled"])
        assert shown == (spec.deposit_enabled, spec.chains[0].deposit_enabled)


# -- deposits ---------------------------------------------------------------------------------------


async def test_from_the_chain_to_the_balance(bench: Bench) -> None:
    address = await address_of(bench.carol)
    tx_id = bench.chain.pay(address, "", "USDT", 1500 * MONEY_UNIT)
    await bench.blocks(2)
    (row,) = (answer := await bench.carol.get("/assets/deposit-history")).data
    assert row == {
        "deposit_id": row["deposit_id"],
        "created_at": row["created_at"],
        "tx_id": tx_id,
        "tx_id_display": "",
        "ccy": "USDT",
        "chain": "TRC20",
        "deposit_method": "on_chain",
        "amount": "1500",
        "actual_amount": "",
        "to_address": address,
        "confirmations": 2,
        "status": "confirming",
        "tx_explorer_url": "",
        "to_addr_explorer_url": "",
        "remark": "",
    }
    assert answer.pagination == answer.json["paginatation"] == {"total": 1, "has_next": False}
    assert await bench.carol.balance() == {}
    await bench.blocks(8)
    assert await on_chain(bench.carol) == [
        row | {"confirmations": 10, "status": "finished", "actual_amount": "1500"}
    ]
    assert (await bench.carol.balance())["USDT"] == ("1500", "0")
    await bench.blocks(15)
    (row,) = await on_chain(bench.carol)
    assert (row["status"], row["confirmations"]) == ("finished", 20)
    entries = (await bench.carol.get("/assets/spot/transcation-history", type="deposit")).data
    assert [(entry["change"], entry["balance"]) for entry in entries] == [("1500", "1500")]


async def test_small_ones_wait_for_company(bench: Bench) -> None:
    address = await address_of(bench.carol)
    bench.chain.pay(address, "", "USDT", MONEY_UNIT)
    await bench.blocks(10)
    (small,) = await on_chain(bench.carol)
    assert (small["status"], small["actual_amount"]) == ("too_small", "")
    bench.chain.pay(address, "", "USDT", 2 * MONEY_UNIT)
    await bench.blocks(10)
    assert [(row["status"], row["actual_amount"]) for row in await on_chain(bench.carol)] == [
        ("finished", "2"),
        ("finished", "1"),
    ]


async def test_what_the_chain_takes_back(bench: Bench) -> None:
    address = await address_of(bench.carol)
    bench.chain.pay(address, "", "USDT", 5 * MONEY_UNIT)
    await bench.blocks(3)
    bench.chain.reorganise(3, drop=True)
    await bench.blocks()
    (gone,) = await on_chain(bench.carol)
    assert (gone["status"], gone["actual_amount"], gone["remark"]) == ("cancelled", "", "")
    bench.chain.pay(address, "", "USDT", 5 * MONEY_UNIT)
    await bench.blocks(11)
    assert (await bench.carol.balance())["USDT"] == ("5", "0")
    bench.chain.reorganise(12, drop=True)
    await bench.blocks()
    held = (await on_chain(bench.carol, status="exception"))[0]
    assert held["actual_amount"] == "5"  # nobody is debited in silence
    await FundOperations(bench.venue).resolve_deposit(held["deposit_id"], credit=False, reason="reorganised")
    assert (await bench.carol.balance()).get("USDT", ("0", "0")) == ("0", "0")
    assert {(row["status"], row["actual_amount"]) for row in await on_chain(bench.carol)} == {
        ("cancelled", "")
    }


async def test_what_filters_leave(bench: Bench) -> None:
    address = await address_of(bench.carol)
    transactions = []
    for asset in ("USDT", "BTC", "USDT"):
        transactions.append(bench.chain.pay(address, "", asset, 3 * MONEY_UNIT))
        await bench.blocks(5)
    newest_first = transactions[::-1]
    for filters, found in (
        ({}, newest_first),
        ({"ccy": "BTC"}, [transactions[1]]),
        ({"coin": "BTC"}, [transactions[1]]),
        ({"coin": "BTC", "ccy": "USDT"}, [transactions[2], transactions[0]]),
        ({"status": "finished"}, transactions[1::-1]),
        ({"status": "confirming"}, [transactions[2]]),
        ({"status": "cancelled"}, []),
        ({"tx_id": transactions[0]}, [transactions[0]]),
        ({"tx_id": "0" * 64}, []),
        ({"limit": 2}, newest_first[:2]),
        ({"limit": 2, "page": 2}, newest_first[2:]),
    ):
        rows = await on_chain(bench.carol, **filters)
        assert [row["tx_id"] for row in rows] == found, filters
    page = await bench.carol.get("/assets/deposit-history", limit=2)
    assert page.pagination == page.json["paginatation"] == {"total": 3, "has_next": True}
    assert await on_chain(bench.bob) == []
    assert await on_chain(bench.bob, tx_id=transactions[0]) == []
    for wrong in ({"status": "finish"}, {"limit": 0}, {"tx_id": "x" * 257}):
        assert (await bench.carol.get("/assets/deposit-history", **wrong)).code == 3639


async def test_what_the_operator_credited_came_from_inside(bench: Bench) -> None:
    rows = (await bench.alice.get("/assets/deposit-history", ccy="BTC")).data
    assert [
        (row["deposit_method"], row["actual_amount"], row["to_address"], row["status"]) for row in rows
    ] == [("inter_user", "10", "", "finished")]
