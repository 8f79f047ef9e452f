"""Money that enters, leaves and moves outside trading; keys make each happen once."""

import msgspec

from openbourse.core.commands import Adjust, AnyCommand, Deposit, RequestWithdrawal, Transfer
from openbourse.core.events import Adjusted, Deposited, Repeated, Transferred
from openbourse.core.units import MAX_MONEY
from tests.core.naive.checks import MAX_NAME, known_user
from tests.core.naive.world import Refusal, World

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


def use_key(world: World, command: Keyed, first_id: int) -> None:
    world.used_keys[type(command), command.key] = (command, first_id)


def valid_amount(amount: int) -> None:
    if not 0 < amount <= MAX_MONEY:
        raise Refusal("invalid_amount")


def deposit(world: World, command: Deposit) -> None:
    if repeats(world, command):
        return
    known_user(world, command.user)
    valid_amount(command.amount)
    world.balance(command.user, "spot", command.asset).available += command.amount
    world.credit_system("custody", command.asset, -command.amount)
    deposit_id = world.new_id()
    use_key(world, command, deposit_id)
    world.events.append(Deposited(deposit_id, command.key, command.user, command.asset, command.amount))


def adjust(world: World, command: Adjust) -> None:
    if repeats(world, command):
        return
    known_user(world, command.user)
    valid_amount(abs(command.amount))
    balance = world.balance(command.user, "spot", command.asset)
    if balance.available + command.amount < 0:
        raise Refusal("insufficient_balance")
    balance.available += command.amount
    world.credit_system("adjustments", command.asset, -command.amount)
    adjustment_id = world.new_id()
    use_key(world, command, adjustment_id)
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
    valid_amount(command.amount)
    source = world.balance(command.from_user, command.from_wallet, command.asset)
    if command.amount > source.available:
        raise Refusal("insufficient_balance")
    source.available -= command.amount
    world.balance(command.to_user, command.to_wallet, command.asset).available += command.amount
    transfer_id = world.new_id()
    use_key(world, command, transfer_id)
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
