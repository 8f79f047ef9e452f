"""Withdrawals in numbers, their states, and what keeps money in (reference/coinw/legacy.md §9)."""

from typing import Any, get_args

import msgspec

from openbourse.core.commands import SetUserStatus, SetWithdrawals
from openbourse.core.events import WithdrawalStatus
from openbourse.core.units import MONEY_UNIT
from openbourse.venue.funds import WithdrawalRequest
from openbourse.venue.venue import accepted
from openbourse.wire.coinw.settings import CoinwSettings
from openbourse.wire.coinw.withdrawals import MAX_RECORDS, STATUSES
from tests.wire.coinw.bench import ASSETS, CHAIN, START, Bench, Client, address_outside

ADDRESS = address_outside()


def request(**changes: object) -> dict[str, object]:
    return {"symbol": 50, "amount": "0.1", "withdrawaddress": ADDRESS} | changes


async def withdraw(client: Client, **changes: object) -> int:
    return (await client.post("withdraw", **request(**changes))).code


async def records(client: Client, symbol: object = 50) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await client.post("withdraw_record", symbol=symbol)).data
    return found


def balance(bench: Bench, asset: str = "BTC") -> tuple[int, int]:
    return bench.venue.exchange.balances(bench.alice.user.id, "spot")[asset]


async def test_from_the_request_to_the_chain(bench: Bench) -> None:
    bench.verify(bench.alice, ADDRESS)
    assert (await bench.alice.post("withdraw", **request())).data is None
    # The amount is taken in full, the receiver gets what is left of it.
    assert balance(bench) == (99 * MONEY_UNIT // 10, MONEY_UNIT // 10)
    assert (await bench.alice.post("userinfo")).data["frozen"]["BTC"] == 0.1
    (row,) = await records(bench.alice)
    assert row == {
        "amount": 0.0996,
        "fees": 0.0004,
        "withdraw_virtual_address": ADDRESS,
        "createTime": START,
        "status": 1,
        "status_s": "等待提现",
        "id": row["id"],
    }
    await bench.blocks()
    (sent,) = await records(bench.alice, "btc")
    assert (sent["status"], sent["status_s"]) == (2, "正在处理")
    assert (await bench.alice.post("cancel_withdraw", id=row["id"])).code == 500
    await bench.blocks(3)
    (done,) = await records(bench.alice, "BTC")
    assert (done["status"], done["status_s"]) == (3, "提现成功")
    assert balance(bench) == (99 * MONEY_UNIT // 10, 0)
    assert await records(bench.alice, 16) == await records(bench.bob) == []


async def test_taking_one_back(bench: Bench) -> None:
    bench.verify(bench.alice, ADDRESS)
    for names in (("id",), ("withdraw_id",), ("id", "withdraw_id")):
        assert await withdraw(bench.alice) == 200
        number = (await records(bench.alice))[0]["id"]
        assert (await bench.bob.post("cancel_withdraw", id=number)).code == 500
        assert (await bench.alice.post("cancel_withdraw", **dict.fromkeys(names, number))).data is None
        newest = (await records(bench.alice))[0]
        assert (newest["status"], newest["status_s"]) == (4, "用户撤销")
        assert balance(bench) == (10 * MONEY_UNIT, 0)
        assert (await bench.alice.post("cancel_withdraw", id=number)).code == 500


async def test_numbers_of_withdrawals_that_are_wrong(bench: Bench) -> None:
    for params in ({}, {"id": "1", "withdraw_id": "2"}, {"id": "x"}, {"withdraw_id": "-1"}):
        assert (await bench.alice.post("cancel_withdraw", **params)).code == 10003
    assert (await bench.alice.post("cancel_withdraw", id=12345)).code == 500


async def test_requests_that_are_wrong(bench: Bench) -> None:
    bench.verify(bench.alice, ADDRESS)
    for changes in (
        {"symbol": ""},
        {"symbol": "78"},
        {"symbol": "BTC_USDT"},
        {"symbol": "XYZ"},
        {"amount": ""},
        {"amount": "0"},
        {"amount": "-1"},
        {"amount": "0.00099999"},
        {"amount": "0.100000001"},
        {"amount": "9999999999999999"},
        {"withdrawaddress": ""},
    ):
        assert await withdraw(bench.alice, **changes) == 10003, changes
    assert await records(bench.alice) == []
    # Exactly the published minimum passes.
    least = (await bench.post("action=currencys")).data["BTC"]["minQty"]
    assert least == 0.001
    assert await withdraw(bench.alice, amount=least) == 200
    assert (await records(bench.alice))[0]["amount"] == 0.0006


async def test_addresses_have_to_be_verified(bench: Bench) -> None:
    bench.verify(bench.bob, ADDRESS)
    for address in (ADDRESS, "123456", address_outside(2)):
        assert await withdraw(bench.alice, withdrawaddress=address) == 500
    assert await records(bench.alice) == []


async def test_memos(bench: Bench) -> None:
    tagged = msgspec.structs.replace(CHAIN, memo_required=True)
    bench.operations.add_asset(msgspec.structs.replace(ASSETS[0], chains=(tagged,)))
    bench.verify(bench.alice, ADDRESS, "107")
    assert await withdraw(bench.alice) == 10003
    assert await withdraw(bench.alice, memo="108") == 500
    assert await withdraw(bench.alice, memo="107") == 200
    # What is wrong with the request comes first (§4), also where nothing could be withdrawn.
    bench.operations.add_asset(msgspec.structs.replace(ASSETS[0], chains=(tagged,), withdraw_enabled=False))
    assert await withdraw(bench.alice, memo="") == 10003
    assert await withdraw(bench.alice, memo="107") == 500


async def test_limits_of_a_currency(bench: Bench) -> None:
    bench.verify(bench.alice, ADDRESS)
    limited = msgspec.structs.replace(ASSETS[0], daily_limit=MONEY_UNIT, review_above=5 * MONEY_UNIT // 10)
    bench.operations.add_asset(limited)
    assert (await bench.post("action=currencys")).data["BTC"]["maxQty"] == 1.0004
    assert await withdraw(bench.alice, amount="1.0005") == 10003
    assert await withdraw(bench.alice, amount="0.6004") == 200
    await bench.blocks(3)
    # A person has to look at it first.
    assert (await records(bench.alice))[0]["status"] == 1
    assert await withdraw(bench.alice, amount="0.4005") == 500
    assert await withdraw(bench.alice, amount="0.4004") == 200


async def test_what_keeps_money_in(bench: Bench) -> None:
    bench.verify(bench.alice, ADDRESS)
    assert await withdraw(bench.alice, amount="10.0001") == 500
    accepted(await bench.venue.submit(SetWithdrawals(bench.venue.now(), False)))
    assert await withdraw(bench.alice) == 500
    assert (await bench.post("action=currencys")).data["BTC"]["withDraw"] == "0"
    accepted(await bench.venue.submit(SetWithdrawals(bench.venue.now(), True)))
    bench.operations.add_asset(msgspec.structs.replace(ASSETS[0], withdraw_enabled=False))
    assert await withdraw(bench.alice) == 500
    # What is wrong with the request comes first (§4).
    for amount in ("", "x", "0.00099999"):
        assert await withdraw(bench.alice, amount=amount) == 10003
    assert (await bench.post("action=currencys")).data["BTC"]["withDraw"] == "0"
    bench.operations.add_asset(msgspec.structs.replace(ASSETS[0], chains=()))
    assert await withdraw(bench.alice) == 500
    assert await withdraw(bench.alice, amount="") == 10003
    bench.operations.add_asset(ASSETS[0])
    user = bench.alice.user.id
    accepted(await bench.venue.submit(SetUserStatus(bench.venue.now(), user, "frozen")))
    assert await withdraw(bench.alice) == 10005
    assert balance(bench) == (10 * MONEY_UNIT, 0)


async def test_the_operator_s_switch(bench: Bench) -> None:
    bench.verify(bench.alice, ADDRESS)
    assert await withdraw(bench.alice) == 200
    bench.serve(CoinwSettings(rate_limits=False))
    assert await withdraw(bench.alice) == 10005
    assert (await bench.post("action=currencys")).data["BTC"]["withDraw"] == "0"
    (row,) = await records(bench.alice)
    assert (await bench.alice.post("cancel_withdraw", id=row["id"])).code == 200


async def test_permissions(bench: Bench) -> None:
    trader = await bench.client("trader", withdraw_allowed=False)
    for action in ("withdraw", "cancel_withdraw", "withdraw_record"):
        assert (await trader.post(action)).code == 10005
    listed = await bench.client("listed", allow_list=["10.1.0.0/16"])
    assert (await listed.post("withdraw_record", symbol=50)).code == 10005


async def test_withdrawals_of_another_protocol_are_listed(bench: Bench) -> None:
    bench.verify(bench.alice, ADDRESS)
    wanted = WithdrawalRequest(asset="BTC", amount=MONEY_UNIT, address=ADDRESS, chain=CHAIN.name)
    state = await bench.dialect._desk.funds.submit_withdrawal(bench.alice.user.id, wanted)
    (row,) = await records(bench.alice)
    assert (row["id"], row["amount"], row["fees"]) == (state.withdrawal_id, 1, 0.0004)


async def test_at_most_a_hundred_are_listed(bench: Bench) -> None:
    bench.verify(bench.alice, ADDRESS)
    for _ in range(MAX_RECORDS + 1):
        assert await withdraw(bench.alice, amount="0.001") == 200
    rows = await records(bench.alice)
    numbers = [row["id"] for row in rows]
    assert (len(rows), numbers) == (MAX_RECORDS, sorted(numbers, reverse=True))


def test_every_state_has_a_number_and_a_word() -> None:
    assert set(STATUSES) == set(get_args(WithdrawalStatus))
