"""Deposits from a chain to a balance, and what may come between."""

from pathlib import Path

import pytest
from sqlalchemy import event

from openbourse.core.refusal import Refusal
from openbourse.wallet.intake import Intake
from tests.wallet.desk import CHAIN, USDT, Clock, Desk, money


async def paid(desk: Desk, amount: str = "5") -> str:
    """Somebody pays ann; the transaction."""
    address = await desk.funds.deposit_address(desk.ann, "USDT", CHAIN)
    return desk.chain.pay(address.address, address.memo, "USDT", money(amount))


async def standing(desk: Desk) -> tuple[str, int, int]:
    """Status and confirmations of the newest deposit, and what ann has."""
    newest = (await desk.deposits())[0]
    return newest.status, newest.confirmations, desk.balance(desk.ann)[0] // money("1")


async def test_a_deposit_is_seen_confirmed_credited_and_at_last_irreversible(desk: Desk) -> None:
    tx_id = await paid(desk)
    await desk.venue.wallet.step()
    assert await standing(desk) == ("processing", 0, 0)
    await desk.blocks()
    assert await standing(desk) == ("confirming", 1, 0)
    await desk.blocks()
    assert await standing(desk) == ("finished", 2, 5)
    assert desk.funds.withdrawable(desk.ann, "USDT") == 0
    await desk.blocks(2)
    assert await standing(desk) == ("finished", 4, 5)
    assert desk.funds.withdrawable(desk.ann, "USDT") == money("5")
    await desk.blocks(30)
    assert await standing(desk) == ("finished", 4, 5)
    [deposit] = await desk.deposits()
    assert (deposit.tx_id, deposit.chain, deposit.credited) == (tx_id, CHAIN, money("5"))


async def test_rounds_without_news_write_nothing(desk: Desk) -> None:
    await paid(desk)
    await paid(desk, "0.5")
    for blocks in (0, 1, 1, 1, 1, 1):
        await desk.blocks(blocks)
        await desk.venue.wallet.step()
        sequence = desk.venue.exchange.sequence
        await desk.venue.wallet.step()
        assert desk.venue.exchange.sequence == sequence


async def test_a_round_waits_for_no_disk_but_now_and_then(desk: Desk) -> None:
    """It runs where everybody is served."""
    await paid(desk)
    await desk.blocks(130)
    commits: list[object] = []
    event.listen(desk.venue._wallet_engine, "commit", commits.append)
    for _ in range(50):
        await desk.blocks()
    assert commits == []
    await desk.blocks(50)
    assert len(commits) == 1
    desk.venue.wallet._intake = Intake(
        desk.venue._wallet_engine,
        desk.venue.exchange,
        desk.venue,
        desk.venue.assets,
        desk.venue.wallet.addresses,
    )  # as after a restart
    await paid(desk, "7")
    await desk.blocks(2)
    assert await standing(desk) == ("finished", 2, 12)


async def test_small_deposits_are_held_until_they_reach_the_minimum_together(desk: Desk) -> None:
    await paid(desk, "0.6")
    await desk.blocks(2)
    assert await standing(desk) == ("too_small", 2, 0)
    await desk.blocks(10)
    assert await standing(desk) == ("too_small", 4, 0)
    await paid(desk, "0.4")
    await desk.blocks(2)
    assert [deposit.status for deposit in await desk.deposits()] == ["finished", "finished"]
    assert desk.balance(desk.ann)[0] == money("1")


async def test_what_returns_to_the_next_block_after_a_reorganisation_is_credited_once(desk: Desk) -> None:
    await paid(desk)
    await desk.blocks(1)
    assert desk.chain.reorganise(1, drop=False) == 1
    await desk.venue.wallet.step()
    assert await standing(desk) == ("processing", 0, 0)
    await desk.blocks(10)
    assert await standing(desk) == ("finished", 4, 5)


async def test_what_a_reorganisation_drops_before_it_is_credited_is_void(desk: Desk) -> None:
    await paid(desk)
    await desk.blocks(1)
    desk.chain.reorganise(1, drop=True)
    await desk.blocks(5)
    assert await standing(desk) == ("cancelled", 0, 0)


@pytest.mark.parametrize("drop", [True, False])
async def test_a_reorganisation_of_what_was_credited_waits_for_a_person(desk: Desk, drop: bool) -> None:
    await paid(desk)
    await desk.blocks(2)
    desk.chain.reorganise(2, drop=drop)
    await desk.venue.wallet.step()
    assert await standing(desk) == ("exception", 0, 5)
    await desk.blocks(10)
    assert (await standing(desk))[0] == "exception"
    assert desk.funds.withdrawable(desk.ann, "USDT") == 0  # it stays, and it does not leave


async def test_a_shallow_reorganisation_of_older_blocks_takes_nothing_back(desk: Desk) -> None:
    await paid(desk)
    await desk.blocks(3)
    desk.chain.reorganise(1, drop=True)
    await desk.blocks(3)
    assert await standing(desk) == ("finished", 4, 5)


async def test_deposits_wait_while_they_are_switched_off(desk: Desk) -> None:
    await paid(desk)
    desk.change(deposit_enabled=False)
    await desk.blocks(3)
    assert await standing(desk) == ("confirming", 3, 0)
    desk.venue.assets.put(USDT)
    await desk.venue.wallet.step()
    assert await standing(desk) == ("finished", 3, 5)


async def test_crediting_may_be_delayed(desk: Desk) -> None:
    await paid(desk)
    desk.change(deposit_delay_minutes=1)
    await desk.blocks(19)
    assert (await standing(desk))[0] == "confirming"
    await desk.blocks(2)
    assert await standing(desk) == ("finished", 21, 5)


async def test_an_old_address_is_still_credited(desk: Desk) -> None:
    await paid(desk)
    old = await desk.funds.deposit_address(desk.ann, "USDT", CHAIN)
    new = await desk.funds.renew_deposit_address(desk.ann, "USDT", CHAIN)
    assert new.address != old.address
    assert (await desk.funds.deposit_address(desk.ann, "USDT", CHAIN)) == new
    desk.chain.pay(old.address, "", "USDT", money("7"))
    await desk.blocks(2)
    assert desk.balance(desk.ann)[0] == money("12")


async def test_a_memo_tells_users_of_one_address_apart(desk: Desk) -> None:
    anns = await desk.funds.deposit_address(desk.ann, "XRP", "XRP")
    bobs = await desk.funds.deposit_address(desk.bob, "XRP", "XRP")
    assert anns.address == bobs.address
    assert anns.memo
    assert anns.memo != bobs.memo
    chain = desk.venue.wallet.chains.get("XRP")
    assert chain is not None
    chain.pay(bobs.address, bobs.memo, "XRP", money("3"))  # type: ignore[attr-defined]
    chain.pay(bobs.address, "", "XRP", money("3"))  # type: ignore[attr-defined]
    await desk.blocks(3)
    assert (desk.balance(desk.ann, "XRP"), desk.balance(desk.bob, "XRP")) == ((0, 0), (money("3"), 0))


async def test_what_the_catalogue_does_not_know_is_not_credited(desk: Desk) -> None:
    address = await desk.funds.deposit_address(desk.ann, "USDT", CHAIN)
    desk.chain.pay(address.address, "", "SHIB", money("3"))
    await desk.blocks(5)
    assert await desk.deposits() == []
    for asset, chain, reason in (("SHIB", CHAIN, "unknown_asset"), ("USDT", "BSC", "unknown_chain")):
        with pytest.raises(Refusal, match=reason):
            await desk.funds.deposit_address(desk.ann, asset, chain)


async def test_an_address_shown_once_is_kept_when_deposits_are_switched_off(desk: Desk) -> None:
    address = await desk.funds.deposit_address(desk.ann, "USDT", CHAIN)
    desk.change(deposit_enabled=False)
    assert (await desk.funds.deposit_address(desk.ann, "USDT", CHAIN)) == address
    with pytest.raises(Refusal, match="not_enabled"):
        await desk.funds.deposit_address(desk.bob, "USDT", CHAIN)
    with pytest.raises(Refusal, match="not_enabled"):
        await desk.funds.renew_deposit_address(desk.ann, "USDT", CHAIN)


async def test_an_orderly_restart_changes_nothing(tmp_path: Path) -> None:
    clock = Clock()
    desk = await Desk.open(tmp_path / "venue", clock)
    address = await desk.funds.deposit_address(desk.ann, "USDT", CHAIN)
    await paid(desk)
    for blocks in (1, 1, 1, 1, 20):
        await desk.blocks(blocks)
        await desk.close()
        desk = await Desk.open(tmp_path / "venue", clock)
    assert await standing(desk) == ("finished", 4, 5)
    assert (await desk.funds.deposit_address(desk.ann, "USDT", CHAIN)) == address
    await desk.close()


async def test_a_chain_that_cannot_be_reached_is_asked_again(desk: Desk) -> None:
    await paid(desk)
    desk.chain.available = False
    await desk.blocks(3)
    assert await desk.deposits() == []
    desk.chain.available = True
    await desk.venue.wallet.step()
    assert await standing(desk) == ("finished", 3, 5)
