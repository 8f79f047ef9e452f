"""Treasury: money that comes, goes and moves between wallets, each cause exactly once.

Every command here but settling and cancelling carries an idempotency key. A key that was used by an
equal request is answered with what it did then; by another request it is refused. Keys are part of
the state and never expire.
"""

from openbourse.core.commands import (
    Adjust,
    CancelWithdrawal,
    Deposit,
    RequestWithdrawal,
    SettleWithdrawal,
    Transfer,
)
from openbourse.core.events import (
    Adjusted,
    Deposited,
    Repeated,
    Transferred,
    WithdrawalChange,
    WithdrawalChanged,
)
from openbourse.core.ledger import ADJUSTMENTS, CUSTODY, FEES
from openbourse.core.refusal import Refusal
from openbourse.core.rules import MAX_CLIENT_ID, SPOT
from openbourse.core.state import State, UsedKey, Withdrawal
from openbourse.core.units import MAX_MONEY


def deposit(state: State, command: Deposit) -> None:
    state.user(command.user)
    request = f"{command.user} {command.asset} {command.amount}"
    key = f"deposit/{command.key}"
    if is_repeated(state, key, request):
        return
    check_money(command.amount, command.asset)
    deposit_id = use_key(state, key, request)
    account = state.ledger.account(command.user, SPOT, command.asset)
    state.ledger.system_account(CUSTODY, command.asset).pay(command.amount, account)
    state.balance_changed(account, command.amount, "deposit", deposit_id)
    state.events.append(Deposited(deposit_id, command.key, command.user, command.asset, command.amount))


def adjust(state: State, command: Adjust) -> None:
    state.user(command.user)
    request = f"{command.user} {command.asset} {command.amount} {command.reason}"
    key = f"adjust/{command.key}"
    if is_repeated(state, key, request):
        return
    amount = command.amount
    check_money(abs(amount), command.asset)
    if -amount > state.ledger.available(command.user, SPOT, command.asset):
        raise Refusal("insufficient_balance", command.asset)
    adjustment_id = use_key(state, key, request)
    account = state.ledger.account(command.user, SPOT, command.asset)
    adjustments = state.ledger.system_account(ADJUSTMENTS, command.asset)
    if amount > 0:
        adjustments.pay(amount, account)
    else:
        account.pay(-amount, adjustments)
    state.balance_changed(account, amount, "adjustment", adjustment_id)
    state.events.append(
        Adjusted(adjustment_id, command.key, command.user, command.asset, amount, command.reason)
    )


def transfer(state: State, command: Transfer) -> None:
    source_user = state.user(command.from_user)
    state.user(command.to_user)
    request = (
        f"{command.from_user} {command.from_wallet} {command.to_user} {command.to_wallet}"
        f" {command.asset} {command.amount}"
    )
    key = f"transfer/{command.key}"
    if is_repeated(state, key, request):
        return
    if source_user.status == "frozen":
        raise Refusal("user_barred")
    check_wallet(command.from_wallet)
    check_wallet(command.to_wallet)
    if command.from_user == command.to_user and command.from_wallet == command.to_wallet:
        raise Refusal("invalid_request", "source and target are the same wallet")
    check_money(command.amount, command.asset)
    if command.amount > state.ledger.available(command.from_user, command.from_wallet, command.asset):
        raise Refusal("insufficient_balance", command.asset)
    transfer_id = use_key(state, key, request)
    source = state.ledger.account(command.from_user, command.from_wallet, command.asset)
    target = state.ledger.account(command.to_user, command.to_wallet, command.asset)
    source.pay(command.amount, target)
    state.balance_changed(source, -command.amount, "transfer", transfer_id)
    state.balance_changed(target, command.amount, "transfer", transfer_id)
    state.events.append(
        Transferred(
            transfer_id,
            command.key,
            command.from_user,
            command.from_wallet,
            command.to_user,
            command.to_wallet,
            command.asset,
            command.amount,
        )
    )


def request_withdrawal(state: State, command: RequestWithdrawal) -> None:
    user = state.user(command.user)
    request = f"{command.user} {command.asset} {command.amount} {command.fee_asset} {command.fee}"
    key = f"withdrawal/{command.key}"
    if is_repeated(state, key, request):
        return
    if user.status == "frozen":
        raise Refusal("user_barred")
    check_money(command.amount, command.asset)
    if not 0 <= command.fee <= MAX_MONEY or not command.fee_asset:
        raise Refusal("invalid_amount", "fee")
    same = command.asset == command.fee_asset
    needed = command.amount + command.fee if same else command.amount
    if needed > state.ledger.available(command.user, SPOT, command.asset):
        raise Refusal("insufficient_balance", command.asset)
    if not same and command.fee > state.ledger.available(command.user, SPOT, command.fee_asset):
        raise Refusal("insufficient_balance", command.fee_asset)
    withdrawal_id = use_key(state, key, request)
    withdrawal = Withdrawal(
        withdrawal_id,
        command.key,
        command.user,
        (command.asset, command.amount),
        (command.fee_asset, command.fee),
    )
    state.withdrawals[withdrawal_id] = withdrawal
    for asset, amount in holds(withdrawal):
        account = state.ledger.account(command.user, SPOT, asset)
        account.freeze(amount)
        state.balance_changed(account, 0, "withdrawal", withdrawal_id)
    state.events.append(changed(withdrawal, "requested"))


def settle_withdrawal(state: State, command: SettleWithdrawal) -> None:
    withdrawal = take_withdrawal(state, command.withdrawal_id)
    asset, fee_asset = withdrawal.asset, withdrawal.fee_asset
    account = state.ledger.account(withdrawal.user, SPOT, asset)
    account.spend(withdrawal.amount, state.ledger.system_account(CUSTODY, asset))
    state.balance_changed(account, -withdrawal.amount, "withdrawal", withdrawal.withdrawal_id)
    if withdrawal.fee > 0:
        fee_account = state.ledger.account(withdrawal.user, SPOT, fee_asset)
        fee_account.spend(withdrawal.fee, state.ledger.system_account(FEES, fee_asset))
        state.balance_changed(fee_account, -withdrawal.fee, "withdrawal", withdrawal.withdrawal_id)
    state.events.append(changed(withdrawal, "settled"))


def cancel_withdrawal(state: State, command: CancelWithdrawal) -> None:
    withdrawal = take_withdrawal(state, command.withdrawal_id)
    for asset, amount in holds(withdrawal):
        account = state.ledger.account(withdrawal.user, SPOT, asset)
        account.release(amount)
        state.balance_changed(account, 0, "withdrawal", withdrawal.withdrawal_id)
    state.events.append(changed(withdrawal, "cancelled"))


def holds(withdrawal: Withdrawal) -> list[tuple[str, int]]:
    """The money that a withdrawal holds, by asset."""
    if withdrawal.asset == withdrawal.fee_asset or withdrawal.fee == 0:
        return [(withdrawal.asset, withdrawal.amount + withdrawal.fee)]
    return [(withdrawal.asset, withdrawal.amount), (withdrawal.fee_asset, withdrawal.fee)]


def changed(withdrawal: Withdrawal, change: WithdrawalChange) -> WithdrawalChanged:
    return WithdrawalChanged(
        withdrawal.withdrawal_id,
        withdrawal.key,
        withdrawal.user,
        withdrawal.asset,
        withdrawal.amount,
        withdrawal.fee_asset,
        withdrawal.fee,
        change,
    )


def take_withdrawal(state: State, withdrawal_id: int) -> Withdrawal:
    withdrawal = state.withdrawals.pop(withdrawal_id, None)
    if withdrawal is None:
        raise Refusal("unknown_withdrawal")
    return withdrawal


def is_repeated(state: State, key: str, request: str) -> bool:
    """Report a key that was used before by an equal request; refuse one used by another."""
    used = state.used_keys.get(key)
    if used is None:
        return False
    if used.request != request:
        raise Refusal("key_conflict", key)
    state.events.append(Repeated(key.partition("/")[2], used.used_for))
    return True


def use_key(state: State, key: str, request: str) -> int:
    """Remember a key for ever; returns the new id that goes with it."""
    new_id = state.new_id()
    state.used_keys[key] = UsedKey(new_id, request)
    return new_id


def check_money(amount: int, asset: str) -> None:
    if not 0 < amount <= MAX_MONEY:
        raise Refusal("invalid_amount")
    if not asset:
        raise Refusal("invalid_request", "no asset")


def check_wallet(wallet: str) -> None:
    if not 0 < len(wallet) <= MAX_CLIENT_ID:
        raise Refusal("invalid_request", "wallet name")
