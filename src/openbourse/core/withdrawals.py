"""Withdrawals: money on its way out, frozen until it has left the venue or comes back.

The core knows no chain. It keeps each withdrawal's standing, accepts legal steps only, and moves the money
where a step demands it, so that the log covers all of it (reference/coinex/account-assets.md B16, B17).
"""

from typing import Final

import msgspec

from openbourse.core.commands import AdvanceWithdrawal, CancelWithdrawal, RequestWithdrawal, SetWithdrawals
from openbourse.core.deposits import MAX_NAME, credit_from_user, reversible
from openbourse.core.events import WithdrawalChanged, WithdrawalsSwitched, WithdrawalState
from openbourse.core.ledger import CUSTODY, FEES, SPOT
from openbourse.core.refusal import Refusal
from openbourse.core.state import State
from openbourse.core.treasury import check_money, is_repeated, use_key
from openbourse.core.units import MAX_MONEY

DAY: Final = 86_400_000

# The steps that lead on from each status. Cancelling is the user's own and not among them.
NEXT: Final[dict[str, tuple[str, ...]]] = {
    "review": ("approved", "rejected"),
    # It may turn out to have been sent already: a restored venue has forgotten what it did after the backup.
    "approved": ("processing", "rejected", "confirming"),
    "processing": ("confirming", "failed", "unknown"),
    "unknown": ("confirming", "failed"),
    "confirming": ("confirming", "finished", "failed", "unknown"),
}
CANCELLABLE: Final = ("review", "approved")
ENDED: Final = ("finished", "cancelled", "rejected", "failed")


def request_withdrawal(state: State, command: RequestWithdrawal) -> None:
    user = state.user(command.user)
    destination = command.destination
    request = (
        f"{command.user} {command.asset} {command.amount} {command.fee_asset} {command.fee} "
        f"{destination.method} {destination.chain} {destination.address} {destination.memo} "
        f"{destination.receiver}"
    )
    key = f"withdrawal/{command.key}"
    if is_repeated(state, key, request):
        return
    if not state.withdrawals_enabled:
        raise Refusal("withdrawals_halted")
    if user.status == "frozen":
        raise Refusal("user_barred")
    _check_fields(state, command)
    day = state.now // DAY
    withdrawn = _withdrawn(state, command.user, command.asset, day)
    if command.daily_limit is not None and withdrawn + command.amount > command.daily_limit:
        raise Refusal("daily_limit_exceeded", command.asset)
    _check_funds(state, command)
    reviewed = command.review_above is not None and command.amount > command.review_above
    withdrawal = WithdrawalState(
        withdrawal_id=use_key(state, key, request),
        key=command.key,
        user=command.user,
        asset=command.asset,
        amount=command.amount,
        fee_asset=command.fee_asset,
        fee=command.fee,
        destination=destination,
        remark=command.remark,
        status="review" if reviewed else "approved",
        tx_id="",
        confirmations=0,
        note="",
        created_at=state.now,
        updated_at=state.now,
    )
    state.withdrawn[(command.user, command.asset)] = (day, withdrawn + command.amount)
    for asset, amount in holds(withdrawal):
        account = state.ledger.account(command.user, SPOT, asset)
        account.freeze(amount)
        state.balance_changed(account, 0, "withdrawal", withdrawal.withdrawal_id)
    _keep(state, withdrawal)


def _check_fields(state: State, command: RequestWithdrawal) -> None:
    check_money(command.amount, command.asset)
    destination = command.destination
    if max(len(destination.address), len(destination.memo), len(command.remark)) > MAX_NAME:
        raise Refusal("invalid_request", "a text is too long")
    if not 0 <= command.fee <= MAX_MONEY or not command.fee_asset:
        raise Refusal("invalid_amount", "fee")
    if destination.method == "inter_user":
        state.user(destination.receiver)
        if destination.receiver == command.user:
            raise Refusal("invalid_request", "sender and receiver are the same user")
    elif not destination.address:
        raise Refusal("invalid_request", "no address")


def _check_funds(state: State, command: RequestWithdrawal) -> None:
    needed = {command.asset: command.amount}
    needed[command.fee_asset] = needed.get(command.fee_asset, 0) + command.fee
    for asset, amount in needed.items():
        available = state.ledger.available(command.user, SPOT, asset)
        if amount > available - reversible(state, command.user, asset):
            raise Refusal("insufficient_balance", asset)


def advance_withdrawal(state: State, command: AdvanceWithdrawal) -> None:
    withdrawal = _find(state, command.withdrawal_id)
    if command.status not in NEXT[withdrawal.status]:
        raise Refusal("wrong_state", f"from {withdrawal.status} to {command.status}")
    if command.status == "processing":
        _check_sending(state, withdrawal)
    tx_id = command.tx_id or withdrawal.tx_id
    tells_depth = command.status in ("confirming", "finished")
    if command.status == "confirming" and not tx_id:
        raise Refusal("invalid_request", "no transaction")
    _keep(
        state,
        msgspec.structs.replace(
            withdrawal,
            status=command.status,
            tx_id=tx_id,
            confirmations=command.confirmations if tells_depth else withdrawal.confirmations,
            note=command.note or withdrawal.note,
            updated_at=state.now,
        ),
    )


def _check_sending(state: State, withdrawal: WithdrawalState) -> None:
    """Nothing leaves while withdrawals are halted, nor for a user who was frozen since."""
    if not state.withdrawals_enabled:
        raise Refusal("withdrawals_halted")
    if state.user(withdrawal.user).status == "frozen":
        raise Refusal("user_barred")


def cancel_withdrawal(state: State, command: CancelWithdrawal) -> None:
    withdrawal = _find(state, command.withdrawal_id)
    if withdrawal.user != command.user:
        raise Refusal("unknown_withdrawal")
    if withdrawal.status not in CANCELLABLE:
        raise Refusal("wrong_state", f"it is {withdrawal.status}")
    _keep(state, msgspec.structs.replace(withdrawal, status="cancelled", updated_at=state.now))


def set_withdrawals(state: State, command: SetWithdrawals) -> None:
    state.withdrawals_enabled = command.enabled
    state.events.append(WithdrawalsSwitched(command.enabled))


def holds(withdrawal: WithdrawalState) -> list[tuple[str, int]]:
    """The money that a withdrawal holds, by asset."""
    if withdrawal.asset == withdrawal.fee_asset or withdrawal.fee == 0:
        return [(withdrawal.asset, withdrawal.amount + withdrawal.fee)]
    return [(withdrawal.asset, withdrawal.amount), (withdrawal.fee_asset, withdrawal.fee)]


# -- keeping -----------------------------------------------------------------------------------------


def _keep(state: State, withdrawal: WithdrawalState) -> None:
    """Remember a withdrawal as it is now, and do with its money what its new standing demands."""
    if withdrawal.status == "approved" and withdrawal.destination.method == "inter_user":
        withdrawal = msgspec.structs.replace(withdrawal, status="finished")
    if withdrawal.status == "finished":
        _pay_out(state, withdrawal)
    elif withdrawal.status in ENDED:
        _give_back(state, withdrawal)
    if withdrawal.status in ENDED:
        state.withdrawals.pop(withdrawal.withdrawal_id, None)
    else:
        state.withdrawals[withdrawal.withdrawal_id] = withdrawal
    state.events.append(WithdrawalChanged(withdrawal))
    if withdrawal.status == "finished" and withdrawal.destination.method == "inter_user":
        credit_from_user(state, withdrawal)


def _pay_out(state: State, withdrawal: WithdrawalState) -> None:
    """Post what is frozen to custody, or to the receiver, and the fee to the fees."""
    asset, fee_asset = withdrawal.asset, withdrawal.fee_asset
    account = state.ledger.account(withdrawal.user, SPOT, asset)
    if withdrawal.destination.method == "inter_user":
        target = state.ledger.account(withdrawal.destination.receiver, SPOT, asset)
    else:
        target = state.ledger.system_account(CUSTODY, asset)
    account.spend(withdrawal.amount, target)
    state.balance_changed(account, -withdrawal.amount, "withdrawal", withdrawal.withdrawal_id)
    if withdrawal.fee > 0:
        fee_account = state.ledger.account(withdrawal.user, SPOT, fee_asset)
        fee_account.spend(withdrawal.fee, state.ledger.system_account(FEES, fee_asset))
        state.balance_changed(fee_account, -withdrawal.fee, "withdrawal", withdrawal.withdrawal_id)


def _give_back(state: State, withdrawal: WithdrawalState) -> None:
    """Release what is frozen, and the day's limit if it is still that day."""
    for asset, amount in holds(withdrawal):
        account = state.ledger.account(withdrawal.user, SPOT, asset)
        account.release(amount)
        state.balance_changed(account, 0, "withdrawal", withdrawal.withdrawal_id)
    day, withdrawn = state.withdrawn[(withdrawal.user, withdrawal.asset)]
    if day == withdrawal.created_at // DAY:
        state.withdrawn[(withdrawal.user, withdrawal.asset)] = (day, withdrawn - withdrawal.amount)


def _withdrawn(state: State, user: int, asset: str, day: int) -> int:
    latest, amount = state.withdrawn.get((user, asset), (day, 0))
    return amount if latest == day else 0


def _find(state: State, withdrawal_id: int) -> WithdrawalState:
    withdrawal = state.withdrawals.get(withdrawal_id)
    if withdrawal is None:
        raise Refusal("unknown_withdrawal")
    return withdrawal
