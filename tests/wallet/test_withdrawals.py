"""Withdrawals from a request to a transaction: what is refused, what is sent, and how often."""

import asyncio
from typing import Any

import msgspec
import pytest

from openbourse.core.commands import AdvanceWithdrawal, SetUserStatus, SetWithdrawals, Transfer
from openbourse.core.events import Refused
from openbourse.core.refusal import Refusal
from openbourse.venue.funds import WithdrawalRequest
from openbourse.venue.venue import accepted
from openbourse.wallet.allow_list import AllowedAddress
from tests.waiting import SECONDS
from tests.wallet.desk import CHAIN, USDT, Desk, address_outside, money

GOOD = WithdrawalRequest(asset="USDT", amount=money("10"), address=address_outside(), chain=CHAIN)
TO_BOB = WithdrawalRequest(asset="USDT", amount=money("10"), address="bob", method="inter_user")


async def test_a_withdrawal_is_sent_and_followed_to_its_end(desk: Desk) -> None:
    await desk.endow(desk.ann, "100")
    asked = await desk.withdraw("10")
    assert (asked.status, asked.amount, asked.fee) == ("approved", money("10"), money("1"))
    assert desk.balance(desk.ann) == (money("89"), money("11"))
    await desk.venue.wallet.step()
    sent = await desk.withdrawal(asked.withdrawal_id)
    assert (sent.status, sent.confirmations, len(sent.tx_id)) == ("confirming", 0, 64)
    await desk.blocks()
    assert (await desk.withdrawal(asked.withdrawal_id)).confirmations == 1
    await desk.blocks()
    done = await desk.withdrawal(asked.withdrawal_id)
    assert (done.status, done.confirmations, done.tx_id) == ("finished", 2, sent.tx_id)
    assert desk.balance(desk.ann) == (money("89"), 0)
    assert desk.payments() == [f"withdrawal-{asked.withdrawal_id}"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"asset": "SHIB"}, "unknown_asset"),
        ({"chain": "BSC"}, "unknown_chain"),
        ({"chain": ""}, "unknown_chain"),
        ({"amount": money("1.99")}, "invalid_amount"),
        ({"amount": money("2.0000001")}, "invalid_amount"),
        ({"amount": 0}, "invalid_amount"),
        ({"address": address_outside()[:-1] + "1"}, "address_invalid"),
        ({"address": "somewhere"}, "address_invalid"),
        ({"address": address_outside(2)}, "address_not_allowed"),
        ({"memo": "7"}, "address_not_allowed"),
        ({"fee_asset": "CET"}, "invalid_request"),
        ({"amount": money("99.5")}, "insufficient_balance"),
        ({"method": "inter_user", "address": "eve"}, "address_not_allowed"),
        ({"method": "inter_user", "address": "nobody"}, "unknown_receiver"),
        ({"remark": "r" * 300}, "invalid_request"),
    ],
)
async def test_what_is_refused_changes_nothing(desk: Desk, changes: dict[str, Any], reason: str) -> None:
    """account-assets.md B16."""
    await desk.endow(desk.ann, "100")
    desk.venue.wallet.allow_list.add(desk.ann, AllowedAddress("", "nobody"))
    with pytest.raises(Refusal) as refused:
        await desk.funds.submit_withdrawal(desk.ann, msgspec.structs.replace(GOOD, **changes))
    assert refused.value.reason == reason
    assert desk.balance(desk.ann) == (money("100"), 0)
    assert (await desk.funds.withdrawals(desk.ann)).rows == []


async def test_a_chain_with_memos_wants_one(desk: Desk) -> None:
    request = WithdrawalRequest(asset="XRP", amount=money("1"), address="rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh")
    with pytest.raises(Refusal, match="memo_required"):
        await desk.funds.submit_withdrawal(desk.ann, msgspec.structs.replace(request, chain="XRP"))


@pytest.mark.parametrize("of_chain", [True, False])
async def test_nothing_is_withdrawn_where_it_is_switched_off(desk: Desk, of_chain: bool) -> None:
    if of_chain:
        desk.change(withdraw_enabled=False)
    else:
        desk.venue.assets.put(msgspec.structs.replace(USDT, withdraw_enabled=False))
    with pytest.raises(Refusal, match="not_enabled"):
        await desk.withdraw()


async def test_between_users_it_is_immediate_and_free(desk: Desk) -> None:
    await desk.endow(desk.ann, "100")
    sent = await desk.funds.submit_withdrawal(desk.ann, TO_BOB)
    assert (sent.status, sent.fee) == ("finished", 0)
    assert (desk.balance(desk.ann)[0], desk.balance(desk.bob)[0]) == (money("90"), money("10"))
    [received] = (await desk.funds.deposits(desk.bob)).rows
    assert (received.method, received.status, received.amount) == ("inter_user", "finished", money("10"))
    assert await desk.funds.sender_names([received.sender]) == {received.sender: "ann"}
    desk.venue.assets.put(msgspec.structs.replace(USDT, user_transfer_enabled=False))
    with pytest.raises(Refusal, match="not_enabled"):
        await desk.funds.submit_withdrawal(desk.ann, TO_BOB)


async def test_a_payment_to_another_user_of_the_venue_arrives_there(desk: Desk) -> None:
    await desk.endow(desk.ann, "100")
    address = (await desk.funds.deposit_address(desk.bob, "USDT", CHAIN)).address
    desk.venue.wallet.allow_list.add(desk.ann, AllowedAddress(CHAIN, address))
    await desk.funds.submit_withdrawal(desk.ann, msgspec.structs.replace(GOOD, address=address))
    await desk.blocks(6)
    assert (desk.balance(desk.ann), desk.balance(desk.bob)) == ((money("89"), 0), (money("10"), 0))


async def test_limits_of_the_catalogue_are_in_force(desk: Desk) -> None:
    await desk.endow(desk.ann, "100")
    limits = {"daily_limit": money("30"), "review_above": money("20")}
    desk.venue.assets.put(msgspec.structs.replace(USDT, **limits))
    reviewed = await desk.withdraw("21")
    assert reviewed.status == "review"
    await desk.blocks(3)
    assert desk.payments() == []
    with pytest.raises(Refusal, match="daily_limit_exceeded"):
        await desk.withdraw("10")
    now = desk.venue.now()
    accepted(await desk.venue.submit(AdvanceWithdrawal(now, reviewed.withdrawal_id, "approved")))
    await desk.blocks(3)
    assert (await desk.withdrawal(reviewed.withdrawal_id)).status == "finished"


async def test_cancelling(desk: Desk) -> None:
    await desk.endow(desk.ann, "100")
    first, second = await desk.withdraw(), await desk.withdraw()
    assert (await desk.funds.cancel_withdrawal(desk.ann, first.withdrawal_id)).status == "cancelled"
    await desk.blocks()
    assert desk.payments() == [f"withdrawal-{second.withdrawal_id}"]
    for user, number, reason in (
        (desk.ann, first.withdrawal_id, "wrong_state"),
        (desk.ann, second.withdrawal_id, "wrong_state"),
        (desk.bob, second.withdrawal_id, "unknown_withdrawal"),
        (desk.ann, 4711, "unknown_withdrawal"),
    ):
        with pytest.raises(Refusal, match=reason):
            await desk.funds.cancel_withdrawal(user, number)


async def test_a_refused_broadcast_gives_the_money_back(desk: Desk) -> None:
    await desk.endow(desk.ann, "100")
    desk.chain.fail_next("refused")
    asked = await desk.withdraw()
    await desk.blocks(3)
    failed = await desk.withdrawal(asked.withdrawal_id)
    assert (failed.status, failed.note) == ("failed", "the simulated chain refused the payment")
    assert (desk.balance(desk.ann), desk.payments()) == ((money("100"), 0), [])


@pytest.mark.parametrize("accident", ["timeout_sent", "timeout_not_sent"])
async def test_a_broadcast_without_answer_waits_for_a_person(desk: Desk, accident: Any) -> None:
    await desk.endow(desk.ann, "100")
    desk.chain.fail_next(accident)
    asked = await desk.withdraw()
    await desk.blocks(10)
    assert (await desk.withdrawal(asked.withdrawal_id)).status == "unknown"
    assert desk.balance(desk.ann) == (money("89"), money("11"))
    assert len(desk.payments()) == (1 if accident == "timeout_sent" else 0)
    with pytest.raises(Refusal, match="wrong_state"):
        await desk.funds.cancel_withdrawal(desk.ann, asked.withdrawal_id)


async def test_a_payment_that_leaves_the_chain_waits_for_a_person(desk: Desk) -> None:
    await desk.endow(desk.ann, "100")
    asked = await desk.withdraw()
    await desk.venue.wallet.step()
    await desk.blocks()
    desk.chain.reorganise(1, drop=False)
    await desk.venue.wallet.step()
    assert (await desk.withdrawal(asked.withdrawal_id)).confirmations == 0
    await desk.blocks()
    desk.chain.reorganise(1, drop=True)
    await desk.blocks()
    assert (await desk.withdrawal(asked.withdrawal_id)).status == "unknown"


async def test_nothing_is_sent_while_withdrawals_are_halted_or_the_user_is_frozen(desk: Desk) -> None:
    await desk.endow(desk.ann, "100")
    asked = await desk.withdraw()
    await desk.venue.submit(SetWithdrawals(desk.venue.now(), enabled=False))
    await desk.blocks(2)
    with pytest.raises(Refusal, match="withdrawals_halted"):
        await desk.withdraw()
    await desk.venue.submit(SetWithdrawals(desk.venue.now(), enabled=True))
    await desk.venue.submit(SetUserStatus(desk.venue.now(), desk.ann, "frozen"))
    await desk.blocks(2)
    assert (desk.payments(), (await desk.withdrawal(asked.withdrawal_id)).status) == ([], "approved")
    await desk.venue.submit(SetUserStatus(desk.venue.now(), desk.ann, "active"))
    await desk.blocks()
    assert len(desk.payments()) == 1


async def test_the_running_wallet_sends_without_being_asked(desk: Desk) -> None:
    await desk.endow(desk.ann, "100")
    desk.venue.wallet.start(every_seconds=3600)
    await asyncio.sleep(0)
    asked = await desk.withdraw()
    async with asyncio.timeout(SECONDS):
        while (await desk.withdrawal(asked.withdrawal_id)).status != "confirming":  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.02)


# -- races -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["on_chain", "inter_user"])
async def test_of_two_hundred_withdrawals_of_the_whole_balance_one_wins(desk: Desk, method: str) -> None:
    await desk.endow(desk.ann, "11")
    request = GOOD if method == "on_chain" else msgspec.structs.replace(TO_BOB, amount=money("11"))
    results = await asyncio.gather(
        *(desk.funds.submit_withdrawal(desk.ann, request) for _ in range(200)), return_exceptions=True
    )
    refused = [result for result in results if isinstance(result, Refusal)]
    assert [refusal.reason for refusal in refused] == ["insufficient_balance"] * 199
    assert desk.balance(desk.ann)[0] == 0
    await desk.blocks(3)
    assert desk.balance(desk.ann) == (0, 0)
    assert len(desk.payments()) == (1 if method == "on_chain" else 0)


async def test_of_withdrawals_and_transfers_of_the_whole_balance_one_wins(desk: Desk) -> None:
    await desk.endow(desk.ann, "11")

    async def transfer(number: int) -> bool:
        command = Transfer(
            desk.venue.now(), f"race-{number}", desk.ann, "spot", desk.ann, "futures", "USDT", money("11")
        )
        return not isinstance((await desk.venue.submit(command))[0], Refused)

    async def withdraw() -> bool:
        try:
            return (await desk.withdraw("10")).status == "approved"
        except Refusal as refusal:
            return refusal.reason != "insufficient_balance"

    attempts = [withdraw() if number % 2 else transfer(number) for number in range(200)]
    assert sum(await asyncio.gather(*attempts)) == 1


async def test_no_race_passes_the_daily_limit(desk: Desk) -> None:
    await desk.endow(desk.ann, "10000")
    desk.venue.assets.put(msgspec.structs.replace(USDT, daily_limit=money("35")))
    results = await asyncio.gather(*(desk.withdraw("10") for _ in range(200)), return_exceptions=True)
    reasons = [result.reason for result in results if isinstance(result, Refusal)]
    assert reasons == ["daily_limit_exceeded"] * 197


async def test_cancelling_races_sending_and_only_one_wins(desk: Desk) -> None:
    await desk.endow(desk.ann, "1000")
    asked = [await desk.withdraw("10") for _ in range(20)]
    cancels = [desk.funds.cancel_withdrawal(desk.ann, each.withdrawal_id) for each in asked[::-1]]
    results = await asyncio.gather(desk.venue.wallet.step(), *cancels, return_exceptions=True)
    cancelled = sum(isinstance(result, msgspec.Struct) for result in results[1:])
    assert len(desk.payments()) + cancelled == 20
    assert desk.balance(desk.ann)[1] == len(desk.payments()) * money("11")


async def test_one_key_is_one_withdrawal(desk: Desk) -> None:
    await desk.endow(desk.ann, "100")
    asked = [desk.funds.submit_withdrawal(desk.ann, GOOD, key="once") for _ in range(20)]
    assert len({each.withdrawal_id for each in await asyncio.gather(*asked)}) == 1
    assert desk.balance(desk.ann)[1] == money("11")
