"""Treasury: money that the operator credits and debits, and that moves between wallets, each cause once.

Every command here, and every request for a withdrawal, carries an idempotency key. A key that was used by an
equal request is answered with what it did then; by another request it is refused. Keys are part of
the state and never expire.
"""

from openbourse.core.commands import Adjust, Deposit, Transfer
from openbourse.core.events import Adjusted, Deposited, Repeated, Transferred
from openbourse.core.ledger import ADJUSTMENTS, CUSTODY, SPOT
from openbourse.core.refusal import Refusal
from openbourse.core.rules import MAX_CLIENT_ID
from openbourse.core.state import State, UsedKey
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
