"""Withdrawals: arithmetic, states, refusals, and what others see of them (account-assets.md B16-B18)."""

from typing import Any, get_args

import msgspec
import pytest

from openbourse.core.commands import SetUserStatus, SetWithdrawals
from openbourse.core.events import WithdrawalStatus
from openbourse.core.units import MONEY_UNIT
from openbourse.venue.fund_operations import FundOperations
from openbourse.venue.venue import accepted
from openbourse.wallet.catalogue import AssetSpec
from openbourse.wire.coinex.withdrawals import STATUS_WORDS, StatusWord
from tests.wire.calling import Answer
from tests.wire.coinex.bench import START, TRC20, Bench, Client, address_outside
from tests.wire.coinex.wallet_scenes import OUT, withdrawal

TO_BOB = {"ccy": "USDT", "amount": "250", "to_address": "bob", "withdraw_method": "inter_user"}


async def listed(client: Client, **filters: object) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = (await client.get("/assets/withdraw", **filters)).data
    return rows


async def usdt(client: Client) -> tuple[str, str]:
    return (await client.balance())["USDT"]


async def cancelled(bench: Bench, number: int) -> Answer:
    return await bench.treasurer(bench.alice).post("/assets/cancel-withdraw", withdraw_id=number)


def change(bench: Bench, **fields: object) -> None:
    """Other terms of USDT."""
    bench.operations.add_asset(msgspec.structs.replace(AssetSpec("USDT", "USDT", (TRC20,)), **fields))


# -- from the request to the end --------------------------------------------------------------------


async def test_from_the_request_to_the_chain(bench: Bench) -> None:
    answer = (await withdrawal(bench, amount="22.445744", remark="rent")).data
    assert answer == {
        "withdraw_id": answer["withdraw_id"],
        "created_at": START,
        "withdraw_method": "on_chain",
        "ccy": "USDT",
        "chain": "TRC20",
        "memo": "",
        "amount": "24.845744",
        "actual_amount": "22.445744",
        "tx_fee": "2.4",
        "fee_ccy": "USDT",
        "fee_asset": "USDT",
        "fee_amount": "2.4",
        "tx_id": "",
        "to_address": address_outside(),
        "confirmations": 0,
        "explorer_address_url": "",
        "explorer_tx_url": "",
        "status": "audited",
        "remark": "rent",
    }
    assert await listed(bench.alice) == [answer]
    assert await usdt(bench.alice) == ("999975.154256", "24.845744")
    await bench.venue.wallet.step()
    (sent,) = await listed(bench.alice)
    assert (sent["status"], sent["confirmations"], len(sent["tx_id"])) == ("confirming", 0, 64)
    late = await cancelled(bench, answer["withdraw_id"])
    assert (late.code, late.json["data"]) == (3639, {})
    await bench.blocks(3)
    assert (await listed(bench.alice))[0] == sent | {"confirmations": 3}
    await bench.blocks(20)
    (done,) = await listed(bench.alice)
    assert (done["status"], done["tx_id"]) == ("finished", sent["tx_id"])
    assert await usdt(bench.alice) == ("999975.154256", "0")
    entries = (await bench.alice.get("/assets/spot/transcation-history", type="withdraw")).data
    assert sorted(entry["change"] for entry in entries) == ["-2.4", "-22.445744"]


async def test_between_users_it_is_free_and_at_once(bench: Bench) -> None:
    bench.allow(bench.alice, "bob", "")
    answer = await bench.treasurer(bench.alice).post(
        "/assets/withdraw", **TO_BOB, remark="lunch", chain="TRC20"
    )
    row = answer.data
    expected = {"withdraw_method": "inter_user", "chain": "", "status": "finished", "to_address": "bob"}
    expected |= {"tx_fee": "0", "fee_amount": "0", "amount": "250", "actual_amount": "250", "tx_id": ""}
    assert {name: row[name] for name in expected} == expected
    assert (await usdt(bench.alice), await usdt(bench.bob)) == (("999750", "0"), ("1000250", "0"))
    received = (await bench.bob.get("/assets/deposit-history", ccy="USDT")).data[0]
    expected = {"deposit_method": "inter_user", "chain": "", "tx_id": "", "to_address": "alice"}
    expected |= {"amount": "250", "actual_amount": "250", "status": "finished", "remark": "lunch"}
    assert {name: received[name] for name in expected} == expected
    assert received["deposit_id"] != row["withdraw_id"]


async def test_taking_one_back(bench: Bench) -> None:
    number = (await withdrawal(bench)).data["withdraw_id"]
    assert await usdt(bench.alice) == ("999747.6", "252.4")
    bob = bench.treasurer(bench.bob)
    assert (await bob.post("/assets/cancel-withdraw", withdraw_id=number)).code == 3639
    assert (await cancelled(bench, number)).data == {}
    assert await usdt(bench.alice) == ("1000000", "0")
    (row,) = await listed(bench.alice)
    assert (row["status"], row["tx_id"]) == ("cancelled", "")
    for again in (number, 10**15, "x", -1, None):
        assert (await cancelled(bench, again)).code == 3639  # type: ignore[arg-type]
    await bench.blocks(3)
    assert await usdt(bench.alice) == ("1000000", "0")


async def test_a_person_looks_at_large_ones(bench: Bench) -> None:
    change(bench, review_above=249 * MONEY_UNIT)
    bench.allow(bench.alice, "bob", "")
    treasurer, operator = bench.treasurer(bench.alice), FundOperations(bench.venue)
    states = [(await withdrawal(bench)).data for _ in range(3)]
    states.append((await treasurer.post("/assets/withdraw", **TO_BOB)).data)
    assert {state["status"] for state in states} == {"audit_required"}
    numbers = [state["withdraw_id"] for state in states]
    await bench.blocks(2)
    assert len(await listed(bench.alice, status="audit_required")) == 4
    await operator.approve(numbers[0])
    await operator.reject(numbers[1], "no such address")
    assert (await cancelled(bench, numbers[2])).data == {}
    await operator.approve(numbers[3])
    words = {row["withdraw_id"]: row["status"] for row in await listed(bench.alice)}
    assert [words[number] for number in numbers] == ["audited", "cancelled", "cancelled", "finished"]
    assert await usdt(bench.alice) == ("999497.6", "252.4")


async def test_when_nobody_knows_and_when_it_fails(bench: Bench) -> None:
    bench.chain.fail_next("timeout_not_sent")
    unknown = (await withdrawal(bench)).data["withdraw_id"]
    await bench.blocks(2)
    bench.chain.fail_next("refused")
    failed = (await withdrawal(bench)).data["withdraw_id"]
    await bench.blocks(2)
    assert [row["status"] for row in await listed(bench.alice)] == ["failed", "processing"]
    assert (await cancelled(bench, unknown)).code == 3639
    assert await usdt(bench.alice) == ("999747.6", "252.4")
    await FundOperations(bench.venue).mark_not_sent(unknown, "looked for it")
    assert [row["withdraw_id"] for row in await listed(bench.alice, status="failed")] == [failed, unknown]
    assert await usdt(bench.alice) == ("1000000", "0")


# -- refusals ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"ccy": "XYZ"}, 3639),
        ({"ccy": None}, 3639),
        ({"amount": None}, 3639),
        ({"amount": "0"}, 3639),
        ({"amount": "-5"}, 3639),
        ({"amount": "lots"}, 3639),
        ({"amount": "2.399999"}, 3639),
        ({"amount": "5.0000001"}, 3639),
        ({"amount": "5." + "0" * 24 + "1"}, 3639),
        ({"amount": "1000000"}, 3109),
        ({"amount": "999997.600001"}, 3109),
        ({"chain": None}, 3639),
        ({"chain": "BSC"}, 3639),
        ({"to_address": None}, 3639),
        ({"to_address": "a" * 257}, 3639),
        ({"to_address": "somewhere"}, 310),
        ({"to_address": address_outside()[:-1] + "1"}, 310),
        ({"to_address": address_outside(2)}, 310),
        ({"memo": "7"}, 310),
        ({"withdraw_method": "by_post"}, 3639),
        ({"fee_ccy": "CET"}, 3639),
        ({"extra": {"chain_id": "0"}}, 3639),
        ({"extra": "0"}, 3639),
        ({"remark": "r" * 257}, 3639),
        (TO_BOB | {"to_address": "carol"}, 310),
        (TO_BOB | {"to_address": "nobody"}, 310),
        (TO_BOB | {"to_address": "ghost"}, 3639),
        (TO_BOB | {"to_address": "alice"}, 3639),
        (TO_BOB | {"amount": "1000001"}, 3109),
    ],
    ids=str,
)
async def test_no_such_withdrawal(bench: Bench, changed: dict[str, Any], code: int) -> None:
    bench.allow(bench.alice, address_outside())
    for name in ("alice", "bob", "ghost"):
        bench.allow(bench.alice, name, "")
    treasurer = bench.treasurer(bench.alice)
    before = bench.fingerprint()
    answer = await treasurer.post("/assets/withdraw", **(OUT | changed))
    assert (answer.status, answer.code, answer.json["data"]) == (200, code, {})
    if code == 310:
        assert answer.message == "Invalid Withdrawal Address."
    if code == 3109:
        assert answer.message == "balance not enough"
    assert bench.fingerprint() == before
    assert await listed(bench.alice) == []


async def test_the_whole_balance_with_its_fee(bench: Bench) -> None:
    assert (await withdrawal(bench, amount="999997.6", fee_ccy="USDT", extra={})).data["amount"] == "1000000"
    assert await usdt(bench.alice) == ("0", "1000000")


async def test_amounts_may_be_numbers(bench: Bench) -> None:
    assert (await withdrawal(bench, amount=2.4)).data["actual_amount"] == "2.4"
    assert (await withdrawal(bench, amount="5.100000")).data["actual_amount"] == "5.1"


async def test_a_memo_where_the_chain_wants_one(bench: Bench) -> None:
    change(bench, chains=(msgspec.structs.replace(TRC20, memo_required=True),))
    assert (await withdrawal(bench)).code == 3639
    assert (await withdrawal(bench, memo="7")).code == 310
    bench.allow(bench.alice, address_outside(), memo="7")
    assert (await withdrawal(bench, memo="7")).data["memo"] == "7"


async def test_the_limit_of_a_day(bench: Bench) -> None:
    change(bench, daily_limit=500 * MONEY_UNIT)
    assert [(await withdrawal(bench)).code for _ in range(2)] == [0, 0]
    over = await withdrawal(bench)
    assert (over.code, over.message) == (105, "daily withdrawal limit exceeded")
    await cancelled(bench, (await listed(bench.alice))[0]["withdraw_id"])
    assert (await withdrawal(bench)).code == 0
    bench.clock.time += 24 * 3600 * 1000
    assert (await withdrawal(bench)).code == 0


async def test_what_keeps_money_in(bench: Bench) -> None:
    """The public description says so before anybody asks (B19)."""

    async def told() -> tuple[bool, bool]:
        config = (await bench.get("/assets/deposit-withdraw-config", ccy="USDT")).data
        return config["asset"]["withdraw_enabled"], config["chains"][0]["withdraw_enabled"]

    assert await told() == (True, True)
    change(bench, withdraw_enabled=False)
    assert ((await withdrawal(bench)).code, await told()) == (3639, (False, True))
    change(bench, chains=(msgspec.structs.replace(TRC20, withdraw_enabled=False),))
    assert ((await withdrawal(bench)).code, await told()) == (3639, (True, False))
    change(bench, user_transfer_enabled=False)
    bench.allow(bench.alice, "bob", "")
    treasurer = bench.treasurer(bench.alice)
    assert (await treasurer.post("/assets/withdraw", **TO_BOB)).code == 3639
    change(bench)
    for enabled, code in ((False, 4001), (True, 0)):
        accepted(await bench.venue.submit(SetWithdrawals(bench.venue.now(), enabled)))
        assert ((await withdrawal(bench)).code, await told()) == (code, (enabled, True))
    barred = SetUserStatus(bench.venue.now(), bench.alice.user.id, "frozen")
    accepted(await bench.venue.submit(barred))
    assert (await withdrawal(bench)).code == 4115
    assert (await usdt(bench.alice)) == ("999747.6", "252.4")


async def test_deposits_that_are_not_irreversible_stay(bench: Bench) -> None:
    """Credited at safe_confirmations, free to leave at irreversible_confirmations."""
    address = (await bench.carol.get("/assets/deposit-address", ccy="USDT", chain="TRC20")).data["address"]
    bench.chain.pay(address, "", "USDT", 100 * MONEY_UNIT)
    await bench.blocks(10)
    assert await usdt(bench.carol) == ("100", "0")
    bench.alice = bench.carol
    assert (await withdrawal(bench, amount="50")).code == 3109
    await bench.blocks(10)
    assert (await withdrawal(bench, amount="50")).code == 0


# -- the list ---------------------------------------------------------------------------------------


async def test_what_filters_leave(bench: Bench) -> None:
    numbers = [(await withdrawal(bench)).data["withdraw_id"] for _ in range(3)]
    numbers.append((await withdrawal(bench, ccy="BTC", amount="5")).data["withdraw_id"])
    await cancelled(bench, numbers[1])
    newest_first = numbers[::-1]
    for filters, found in (
        ({}, newest_first),
        ({"ccy": "BTC"}, numbers[3:]),
        ({"ccy": "ETH"}, []),
        ({"status": "cancelled"}, [numbers[1]]),
        ({"status": "audited", "ccy": "USDT"}, [numbers[2], numbers[0]]),
        ({"status": "created"}, []),
        ({"status": "cancellation_failed"}, []),
        ({"withdraw_id": numbers[2]}, [numbers[2]]),
        ({"withdraw_id": numbers[2], "status": "cancelled"}, []),
        ({"withdraw_id": numbers[2], "ccy": "BTC"}, []),
        ({"withdraw_id": 1}, []),
        ({"withdraw_id": numbers[2], "page": 2}, []),
        ({"limit": 3}, newest_first[:3]),
        ({"limit": 3, "page": 2}, newest_first[3:]),
    ):
        assert [row["withdraw_id"] for row in await listed(bench.alice, **filters)] == found, filters
    page = (await bench.alice.get("/assets/withdraw", limit=3)).pagination
    assert page == {"total": 4, "has_next": True}
    assert await listed(bench.bob) == []
    assert await listed(bench.bob, withdraw_id=numbers[0]) == []
    for wrong in ({"status": "audit"}, {"page": 0}, {"withdraw_id": "x"}):
        assert (await bench.alice.get("/assets/withdraw", **wrong)).code == 3639


def test_every_state_has_a_word() -> None:
    assert set(STATUS_WORDS) == set(get_args(WithdrawalStatus))
    unused = set(get_args(StatusWord)) - set(STATUS_WORDS.values())
    assert unused == {"created", "cancellation_failed"}
