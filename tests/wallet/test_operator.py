"""What the operator decides about money on its way, through the desk that the command line talks to."""

from typing import Any

import msgspec
import pytest
from sqlalchemy import true

from openbourse.core.refusal import Refusal
from openbourse.venue.control import ControlError
from openbourse.venue.funds import WithdrawalRequest
from openbourse.venue.operator_desk import OperatorDesk
from openbourse.wallet.allow_list import AllowedAddress
from openbourse.wallet.catalogue import AssetSpec, ChainSpec
from tests.wallet.desk import CHAIN, USDT, Desk, money

ETHER = AssetSpec("ETH", "Ethereum", (ChainSpec("ERC20", 0, 0, 0, 8, 2, 4),))


async def do(desk: Desk, **request: Any) -> Any:
    return await OperatorDesk(desk.venue).answer(msgspec.json.encode(request))


async def reviewed(desk: Desk) -> int:
    await desk.endow(desk.ann, "100")
    desk.venue.assets.put(msgspec.structs.replace(USDT, review_above=money("5")))
    return (await desk.withdraw()).withdrawal_id


async def unknown(desk: Desk) -> int:
    await desk.endow(desk.ann, "100")
    desk.chain.fail_next("timeout_sent")
    number = (await desk.withdraw()).withdrawal_id
    await desk.venue.wallet.step()
    return number


async def test_approving_sends(desk: Desk) -> None:
    number = await reviewed(desk)
    [row] = await do(desk, do="withdrawal.list", status="review")
    assert (row["withdrawal"], row["user"], row["amount"], row["fee"]) == (number, "ann", "10", "1")
    await do(desk, do="withdrawal.approve", withdrawal=number)
    await desk.blocks(3)
    assert (await desk.withdrawal(number)).status == "finished"


async def test_rejecting_gives_back(desk: Desk) -> None:
    number = await reviewed(desk)
    await do(desk, do="withdrawal.reject", withdrawal=number, reason="who is this?")
    rejected = await desk.withdrawal(number)
    assert (rejected.status, rejected.note) == ("rejected", "who is this?")
    assert desk.balance(desk.ann) == (money("100"), 0)
    with pytest.raises(ControlError, match="unknown withdrawal"):
        await do(desk, do="withdrawal.approve", withdrawal=number)


async def test_an_unknown_withdrawal_that_was_sent_is_followed(desk: Desk) -> None:
    number = await unknown(desk)
    with pytest.raises(ControlError, match="wrong state"):
        await do(desk, do="withdrawal.approve", withdrawal=number)
    tx_id = desk.chain._rows(true())[0].tx_id
    await do(desk, do="withdrawal.sent", withdrawal=number, tx_id=tx_id)
    await desk.blocks(3)
    assert (await desk.withdrawal(number)).status == "finished"
    assert len(desk.payments()) == 1


async def test_an_unknown_withdrawal_that_was_not_sent_is_given_back(desk: Desk) -> None:
    number = await unknown(desk)
    await do(desk, do="withdrawal.not_sent", withdrawal=number, reason="the node says so")
    assert (await desk.withdrawal(number)).status == "failed"
    assert desk.balance(desk.ann) == (money("100"), 0)


async def test_what_is_not_in_doubt_is_not_decided_by_hand(desk: Desk) -> None:
    """Above all what the wallet is sending at this moment."""
    await desk.endow(desk.ann, "100")
    number = (await desk.withdraw()).withdrawal_id
    for _ in range(2):
        with pytest.raises(ControlError, match="no unknown withdrawal"):
            await do(desk, do="withdrawal.not_sent", withdrawal=number, reason="x")
        await desk.venue.wallet.step()


async def test_halting_everything(desk: Desk) -> None:
    await desk.endow(desk.ann, "100")
    await do(desk, do="withdrawal.switch", enabled=False)
    with pytest.raises(Refusal, match="withdrawals_halted"):
        await desk.withdraw()
    await do(desk, do="withdrawal.switch", enabled=True)
    assert (await desk.withdraw()).status == "approved"


async def test_faucet_reorganisation_and_a_held_deposit(desk: Desk) -> None:
    await do(desk, do="chain.faucet", user="ann", asset="USDT", amount="5")
    await desk.blocks(2)
    assert desk.balance(desk.ann) == (money("5"), 0)
    assert await do(desk, do="chain.reorganise", chain=CHAIN, depth=5, drop=True) == {"transactions": 1}
    await desk.blocks()
    [held] = await do(desk, do="held.list")
    assert (held["status"], held["credited"], held["user"]) == ("exception", True, "ann")
    await do(desk, do="held.resolve", deposit=held["deposit"], credit=False, reason="double spend")
    assert desk.balance(desk.ann) == (0, 0)
    assert await do(desk, do="held.list") == []
    for request in (
        {"do": "chain.faucet", "user": "ann", "asset": "USDT", "amount": "-5"},
        {"do": "chain.faucet", "user": "ann", "asset": "USDT", "amount": "5", "chain": "BSC"},
        {"do": "chain.reorganise", "chain": CHAIN, "depth": 0},
        {"do": "chain.reorganise", "chain": "BSC", "depth": 1},
    ):
        with pytest.raises(ControlError):
            await do(desk, **request)


async def test_an_address_with_a_slip_is_not_allowed(desk: Desk) -> None:
    with pytest.raises(ControlError, match="no address of TRC20"):
        await do(desk, do="allow.add", user="ann", address="TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6u", chain=CHAIN)


async def test_an_address_is_the_same_in_whatever_case_it_is_spelt(desk: Desk) -> None:
    desk.venue.assets.put(ETHER)
    await desk.endow(desk.ann, "9", "ETH")
    to_bob = (await desk.funds.deposit_address(desk.bob, "ETH", "ERC20")).address
    small, large = to_bob.lower(), "0x" + to_bob[2:].upper()
    request = WithdrawalRequest(asset="ETH", amount=money("1"), address=to_bob, chain="ERC20")
    await do(desk, do="allow.add", user="ann", address=small, chain="ERC20")
    for spelling in (to_bob, small, large):
        asked = msgspec.structs.replace(request, address=spelling)
        state = await desk.funds.submit_withdrawal(desk.ann, asked)
        assert state.destination.address == spelling
    await desk.blocks(4)
    assert desk.balance(desk.bob, "ETH") == (money("3"), 0)
    await do(desk, do="allow.remove", user="ann", address=large, chain="ERC20")
    with pytest.raises(Refusal, match="address_not_allowed"):
        await desk.funds.submit_withdrawal(desk.ann, request)


async def test_an_address_allowed_before_spellings_were_known_stays_allowed(desk: Desk) -> None:
    desk.venue.assets.put(ETHER)
    await desk.endow(desk.ann, "9", "ETH")
    small = "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"
    desk.venue.wallet.allow_list.add(desk.ann, AllowedAddress("ERC20", small))
    await desk.funds.submit_withdrawal(
        desk.ann, WithdrawalRequest(asset="ETH", amount=money("1"), address=small, chain="ERC20")
    )
    await do(desk, do="allow.remove", user="ann", address=small, chain="ERC20")
    assert [entry.chain for entry in desk.venue.wallet.allow_list.entries(desk.ann)] == [CHAIN, ""]
