"""Deposits by the book: every output ever reported is remembered by its name."""

from typing import Any

import msgspec

from openbourse.core.commands import ReportDeposit, ResolveDeposit
from openbourse.core.events import DepositChanged, DepositState, Repeated, WithdrawalState
from tests.core.naive.checks import known_user
from tests.core.naive.money import valid_amount
from tests.core.naive.world import Refusal, World


def report_deposit(world: World, command: ReportDeposit) -> None:
    known_user(world, command.user)
    name = f"{command.chain}/{command.tx_id}/{command.output}"
    before = world.deposits.get(name)
    if before is None:
        _check_new(command)
        before = _unseen(world, command, name)
    elif _facts(before) != _facts(command):
        raise Refusal("key_conflict")
    if before.status == "finished" and before.irreversible:
        world.events.append(Repeated(name, before.deposit_id))
        return
    seen = msgspec.structs.replace(
        before, confirmations=command.confirmations, irreversible=command.finding == "irreversible"
    )
    after = _life(seen, command)
    if after.status == "too_small":
        pile = [after, *(d for d in world.deposits.values() if _piled_with(after, d))]
        if sum(deposit.amount for deposit in pile) >= command.minimum:
            for deposit in sorted(pile, key=lambda deposit: deposit.deposit_id):
                _credit(world, deposit)
            return
    if after == before:
        world.events.append(Repeated(name, before.deposit_id))
    else:
        _tell(world, after)


def _check_new(command: ReportDeposit) -> None:
    valid_amount(command.amount)
    if command.finding == "gone":
        raise Refusal("unknown_deposit")
    if command.output < 0 or "" in (command.chain, command.tx_id):
        raise Refusal("invalid_request")
    if any(len(text) > 256 for text in (command.chain, command.tx_id, command.address, command.memo)):
        raise Refusal("invalid_request")


def _facts(about: ReportDeposit | DepositState) -> tuple[Any, ...]:
    return about.user, about.asset, about.amount, about.address, about.memo


def _unseen(world: World, command: ReportDeposit, name: str) -> DepositState:
    return DepositState(
        world.new_id(),
        name,
        command.user,
        command.asset,
        command.amount,
        0,
        "on_chain",
        command.chain,
        command.address,
        command.memo,
        command.tx_id,
        command.output,
        0,
        -1,
        False,
        "processing",
        "",
        world.now,
        world.now,
    )


def _life(deposit: DepositState, command: ReportDeposit) -> DepositState:
    """The next station, written as the table of the reference: status and finding, then what follows."""
    on_chain = command.finding != "gone"
    deep = command.finding in ("safe", "irreversible")
    if deposit.status == "exception":
        return deposit
    if deposit.status == "cancelled" and on_chain:
        return _noted(deposit, "exception", "it was void and is on the chain again")
    if deposit.status == "cancelled":
        return deposit
    if deposit.status == "finished" and (not on_chain or command.confirmations == 0):
        return _noted(deposit, "exception", "it was credited and has left the chain")
    if deposit.status == "finished":
        return deposit
    if not on_chain:
        return _noted(deposit, "cancelled", "it has left the chain")
    if deep:
        return _noted(deposit, "too_small", deposit.note)
    return _noted(deposit, "processing" if command.confirmations <= 0 else "confirming", deposit.note)


def _noted(deposit: DepositState, status: Any, note: str) -> DepositState:
    return msgspec.structs.replace(deposit, status=status, note=note)


def _piled_with(deposit: DepositState, other: DepositState) -> bool:
    place = deposit.user, deposit.chain, deposit.asset
    same_place = (other.user, other.chain, other.asset) == place
    return other.status == "too_small" and same_place and other.deposit_id != deposit.deposit_id


def _credit(world: World, deposit: DepositState, note: str = "") -> None:
    world.balance(deposit.user, "spot", deposit.asset).available += deposit.amount
    world.credit_system("custody", deposit.asset, -deposit.amount)
    _tell(world, msgspec.structs.replace(deposit, credited=deposit.amount, status="finished", note=note))


def resolve_deposit(world: World, command: ResolveDeposit) -> None:
    found = [d for d in world.deposits.values() if d.deposit_id == command.deposit_id]
    if not found or (found[0].status == "finished" and found[0].irreversible):
        raise Refusal("unknown_deposit")
    deposit = found[0]
    if deposit.status not in ("exception", "too_small"):
        raise Refusal("wrong_state")
    if command.credit:
        final = msgspec.structs.replace(deposit, irreversible=True)
        if deposit.credited:
            _tell(world, _noted(final, "finished", command.note))
        else:
            _credit(world, final, command.note)
        return
    balance = world.balance(deposit.user, "spot", deposit.asset)
    if deposit.credited > balance.available:
        raise Refusal("insufficient_balance")
    balance.available -= deposit.credited
    world.credit_system("custody", deposit.asset, deposit.credited)
    void = msgspec.structs.replace(deposit, credited=0, irreversible=False)
    _tell(world, _noted(void, "cancelled", command.note))


def receive_from_user(world: World, withdrawal: WithdrawalState) -> None:
    """What another user sent, as the receiver's list of deposits shows it.

    "Finished at once, no fee, no confirmations", with an empty chain, address and hash
    (reference/coinex/account-assets.md B15): a deposit on no chain whose whole life is over when it begins.
    Custody has no part in it, since nothing comes in from outside, and nobody can ever report on it, so that
    it need not be remembered.
    """
    receiver, gift = withdrawal.destination.receiver, withdrawal.amount
    purse = world.balance(receiver, "spot", withdrawal.asset)
    purse.available = purse.available + gift
    nowhere = ReportDeposit(world.now, "", "", 0, receiver, withdrawal.asset, gift, "", "", 0, "irreversible")
    begun = _unseen(world, nowhere, f"withdrawal/{withdrawal.withdrawal_id}")
    over = msgspec.structs.replace(
        begun, status="finished", irreversible=True, confirmations=0, credited=gift
    )
    told = msgspec.structs.replace(over, method="inter_user", sender=withdrawal.user, note=withdrawal.remark)
    world.events.append(DepositChanged(told))


def _tell(world: World, deposit: DepositState) -> None:
    deposit = msgspec.structs.replace(deposit, updated_at=world.now)
    world.deposits[deposit.key] = deposit
    world.events.append(DepositChanged(deposit))
