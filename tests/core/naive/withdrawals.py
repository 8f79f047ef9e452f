"""Withdrawals by the book: every one is remembered, every question answered by looking through them."""

from typing import Any

import msgspec

from openbourse.core.commands import AdvanceWithdrawal, CancelWithdrawal, RequestWithdrawal, SetWithdrawals
from openbourse.core.events import WithdrawalChanged, WithdrawalsSwitched, WithdrawalState
from openbourse.core.units import MAX_MONEY
from tests.core.naive.checks import known_user
from tests.core.naive.deposits import receive_from_user
from tests.core.naive.money import repeats, use_key, valid_amount
from tests.core.naive.world import Balance, Refusal, World

DAY = 24 * 60 * 60 * 1000
LEGAL = {
    ("review", "approved"),
    ("review", "rejected"),
    ("approved", "processing"),
    ("approved", "rejected"),
    ("approved", "confirming"),
    ("processing", "confirming"),
    ("processing", "failed"),
    ("processing", "unknown"),
    ("unknown", "confirming"),
    ("unknown", "failed"),
    ("confirming", "confirming"),
    ("confirming", "finished"),
    ("confirming", "failed"),
    ("confirming", "unknown"),
}


def request_withdrawal(world: World, command: RequestWithdrawal) -> None:
    user = known_user(world, command.user)
    if repeats(world, command):
        return
    if not world.withdrawals_enabled:
        raise Refusal("withdrawals_halted")
    if user.status == "frozen":
        raise Refusal("user_barred")
    _check_fields(world, command)
    if command.daily_limit is not None and _used_today(world, command) + command.amount > command.daily_limit:
        raise Refusal("daily_limit_exceeded")
    for asset, money in _needs(command).items():
        reversible = sum(
            d.credited
            for d in world.deposits.values()
            if (d.user, d.asset, d.irreversible) == (command.user, asset, False)
        )
        if money + reversible > world.balance(command.user, "spot", asset).available:
            raise Refusal("insufficient_balance")
    reviewed = command.review_above is not None and command.amount > command.review_above
    withdrawal_id = world.new_id()
    use_key(world, command, withdrawal_id)
    for asset, money in _needs(command).items():
        _move_to_frozen(world.balance(command.user, "spot", asset), money)
    withdrawal = WithdrawalState(
        withdrawal_id,
        command.key,
        command.user,
        command.asset,
        command.amount,
        command.fee_asset,
        command.fee,
        command.destination,
        command.remark,
        "review" if reviewed else "approved",
        "",
        0,
        "",
        world.now,
        world.now,
    )
    if not reviewed and command.destination.method == "inter_user":
        _hand_over(world, withdrawal)
    else:
        _tell(world, withdrawal)


def _check_fields(world: World, command: RequestWithdrawal) -> None:
    valid_amount(command.amount)
    destination = command.destination
    if any(len(text) > 256 for text in (destination.address, destination.memo, command.remark)):
        raise Refusal("invalid_request")
    if not 0 <= command.fee <= MAX_MONEY:
        raise Refusal("invalid_amount")
    if destination.method == "inter_user":
        known_user(world, destination.receiver)
        if destination.receiver == command.user:
            raise Refusal("invalid_request")
    elif destination.address == "":
        raise Refusal("invalid_request")


def _used_today(world: World, command: RequestWithdrawal) -> int:
    """What was asked for today and is not given back; what ends on a later day stays used."""
    return sum(
        w.amount
        for w in world.withdrawals.values()
        if (w.user, w.asset, w.created_at // DAY) == (command.user, command.asset, world.now // DAY)
        and w.status not in ("cancelled", "rejected", "failed")
    )


def advance_withdrawal(world: World, command: AdvanceWithdrawal) -> None:
    withdrawal = _living(world, command.withdrawal_id)
    if (withdrawal.status, command.status) not in LEGAL:
        raise Refusal("wrong_state")
    if command.status == "processing":
        if not world.withdrawals_enabled:
            raise Refusal("withdrawals_halted")
        if world.users[withdrawal.user].status == "frozen":
            raise Refusal("user_barred")
    tx_id = command.tx_id or withdrawal.tx_id
    if command.status == "confirming" and tx_id == "":
        raise Refusal("invalid_request")
    changed = _changed(
        world,
        withdrawal,
        status=command.status,
        tx_id=tx_id,
        confirmations=(
            command.confirmations
            if command.status in ("confirming", "finished")
            else withdrawal.confirmations
        ),
        note=command.note or withdrawal.note,
    )
    if command.status == "approved" and withdrawal.destination.method == "inter_user":
        _hand_over(world, changed)
    elif command.status == "finished":
        _leave(world, changed)
        world.credit_system("custody", changed.asset, changed.amount)
        _tell(world, changed)
    elif command.status in ("rejected", "failed"):
        _return(world, changed)
    else:
        _tell(world, changed)


def cancel_withdrawal(world: World, command: CancelWithdrawal) -> None:
    withdrawal = _living(world, command.withdrawal_id)
    if withdrawal.user != command.user:
        raise Refusal("unknown_withdrawal")
    if withdrawal.status not in ("review", "approved"):
        raise Refusal("wrong_state")
    _return(world, _changed(world, withdrawal, status="cancelled"))


def set_withdrawals(world: World, command: SetWithdrawals) -> None:
    world.withdrawals_enabled = command.enabled
    world.events.append(WithdrawalsSwitched(command.enabled))


def _needs(request: RequestWithdrawal | WithdrawalState) -> dict[str, int]:
    needs = {request.asset: request.amount}
    needs[request.fee_asset] = needs.get(request.fee_asset, 0) + request.fee
    return needs


def _move_to_frozen(balance: Balance, money: int) -> None:
    balance.available -= money
    balance.frozen += money


def _leave(world: World, withdrawal: WithdrawalState) -> None:
    for asset, money in _needs(withdrawal).items():
        world.balance(withdrawal.user, "spot", asset).frozen -= money
    world.credit_system("fees", withdrawal.fee_asset, withdrawal.fee)


def _hand_over(world: World, withdrawal: WithdrawalState) -> None:
    _leave(world, withdrawal)
    _tell(world, _changed(world, withdrawal, status="finished"))
    receive_from_user(world, withdrawal)


def _return(world: World, withdrawal: WithdrawalState) -> None:
    for asset, money in _needs(withdrawal).items():
        _move_to_frozen(world.balance(withdrawal.user, "spot", asset), -money)
    _tell(world, withdrawal)


def _living(world: World, withdrawal_id: int) -> WithdrawalState:
    withdrawal = world.withdrawals.get(withdrawal_id)
    if withdrawal is None or withdrawal.status in ("finished", "cancelled", "rejected", "failed"):
        raise Refusal("unknown_withdrawal")
    return withdrawal


def _changed(world: World, withdrawal: WithdrawalState, **fields: Any) -> WithdrawalState:
    return msgspec.structs.replace(withdrawal, updated_at=world.now, **fields)


def _tell(world: World, withdrawal: WithdrawalState) -> None:
    world.withdrawals[withdrawal.withdrawal_id] = withdrawal
    world.events.append(WithdrawalChanged(withdrawal))
