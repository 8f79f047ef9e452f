"""Money that enters, leaves and moves outside trading; keys make each happen once."""

import msgspec

from openbourse.core.commands import (
    Adjust,
    AnyCommand,
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
from openbourse.core.units import MAX_MONEY
from tests.core.naive.checks import MAX_NAME, known_user
from tests.core.naive.world import Balance, Refusal, Withdrawal, World

Keyed = Deposit | Adjust | Transfer | RequestWithdrawal


def repeats(world: World, command: Keyed) -> bool:
    """True when the key was used by the same request (told as an event); refuses a different one."""
    used = world.used_keys.get((type(command), command.key))
    if used is None:
        return False
    first, first_id = used
    if _without_time(first) != _without_time(command):
        raise Refusal("key_conflict")
    world.events.append(Repeated(command.key, first_id))
    return True


def _without_time(command: AnyCommand) -> AnyCommand:
    return msgspec.structs.replace(command, time=0)


def _use_key(world: World, command: Keyed, first_id: int) -> None:
    world.used_keys[type(command), command.key] = (command, first_id)


def _valid_amount(amount: int) -> None:
    if not 0 < amount <= MAX_MONEY:
        raise Refusal("invalid_amount")


def deposit(world: World, command: Deposit) -> None:
    if repeats(world, command):
        return
    known_user(world, command.user)
    _valid_amount(command.amount)
    world.balance(command.user, "spot", command.asset).available += command.amount
    world.credit_system("custody", command.asset, -command.amount)
    deposit_id = world.new_id()
    _use_key(world, command, deposit_id)
    world.events.append(Deposited(deposit_id, command.key, command.user, command.asset, command.amount))


def adjust(world: World, command: Adjust) -> None:
    if repeats(world, command):
        return
    known_user(world, command.user)
    _valid_amount(abs(command.amount))
    balance = world.balance(command.user, "spot", command.asset)
    if balance.available + command.amount < 0:
        raise Refusal("insufficient_balance")
    balance.available += command.amount
    world.credit_system("adjustments", command.asset, -command.amount)
    adjustment_id = world.new_id()
    _use_key(world, command, adjustment_id)
    world.events.append(
        Adjusted(adjustment_id, command.key, command.user, command.asset, command.amount, command.reason)
    )


def transfer(world: World, command: Transfer) -> None:
    if repeats(world, command):
        return
    sender = known_user(world, command.from_user)
    known_user(world, command.to_user)
    if sender.status == "frozen":
        raise Refusal("user_barred")
    wallets = (command.from_wallet, command.to_wallet)
    same_place = command.from_user == command.to_user and command.from_wallet == command.to_wallet
    if same_place or any(not 0 < len(wallet) <= MAX_NAME for wallet in wallets):
        raise Refusal("invalid_request")
    _valid_amount(command.amount)
    source = world.balance(command.from_user, command.from_wallet, command.asset)
    if command.amount > source.available:
        raise Refusal("insufficient_balance")
    source.available -= command.amount
    world.balance(command.to_user, command.to_wallet, command.asset).available += command.amount
    transfer_id = world.new_id()
    _use_key(world, command, transfer_id)
    world.events.append(
        Transferred(
            transfer_id=transfer_id,
            key=command.key,
            from_user=command.from_user,
            from_wallet=command.from_wallet,
            to_user=command.to_user,
            to_wallet=command.to_wallet,
            asset=command.asset,
            amount=command.amount,
        )
    )


def request_withdrawal(world: World, command: RequestWithdrawal) -> None:
    if repeats(world, command):
        return
    if known_user(world, command.user).status == "frozen":
        raise Refusal("user_barred")
    _valid_amount(command.amount)
    if not 0 <= command.fee <= MAX_MONEY:
        raise Refusal("invalid_amount")
    withdrawal = Withdrawal(
        command.key, command.user, command.asset, command.amount, command.fee_asset, command.fee
    )
    for asset, money in _needs(withdrawal).items():
        if money > world.balance(command.user, "spot", asset).available:
            raise Refusal("insufficient_balance")
    for asset, money in _needs(withdrawal).items():
        _move_to_frozen(world.balance(command.user, "spot", asset), money)
    withdrawal_id = world.new_id()
    world.withdrawals[withdrawal_id] = withdrawal
    _use_key(world, command, withdrawal_id)
    _tell(world, withdrawal_id, withdrawal, "requested")


def _needs(withdrawal: Withdrawal) -> dict[str, int]:
    needs = {withdrawal.asset: withdrawal.amount}
    needs[withdrawal.fee_asset] = needs.get(withdrawal.fee_asset, 0) + withdrawal.fee
    return needs


def _move_to_frozen(balance: Balance, money: int) -> None:
    balance.available -= money
    balance.frozen += money


def settle_withdrawal(world: World, command: SettleWithdrawal) -> None:
    withdrawal = _pending(world, command.withdrawal_id)
    for asset, money in _needs(withdrawal).items():
        world.balance(withdrawal.user, "spot", asset).frozen -= money
    world.credit_system("custody", withdrawal.asset, withdrawal.amount)
    world.credit_system("fees", withdrawal.fee_asset, withdrawal.fee)
    _tell(world, command.withdrawal_id, withdrawal, "settled")


def cancel_withdrawal(world: World, command: CancelWithdrawal) -> None:
    withdrawal = _pending(world, command.withdrawal_id)
    for asset, money in _needs(withdrawal).items():
        _move_to_frozen(world.balance(withdrawal.user, "spot", asset), -money)
    _tell(world, command.withdrawal_id, withdrawal, "cancelled")


def _pending(world: World, withdrawal_id: int) -> Withdrawal:
    withdrawal = world.withdrawals.pop(withdrawal_id, None)
    if withdrawal is None:
        raise Refusal("unknown_withdrawal")
    return withdrawal


def _tell(
    world: World,
    withdrawal_id: int,
    withdrawal: Withdrawal,
    change: WithdrawalChange,
) -> None:
    world.events.append(
        WithdrawalChanged(
            withdrawal_id=withdrawal_id,
            key=withdrawal.key,
            user=withdrawal.user,
            asset=withdrawal.asset,
            amount=withdrawal.amount,
            fee_asset=withdrawal.fee_asset,
            fee=withdrawal.fee,
            change=change,
        )
    )
