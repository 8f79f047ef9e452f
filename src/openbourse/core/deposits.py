"""Deposits from chains: each output of a transaction is credited at most once, for ever.

The wallet reports what it sees, as often as it likes; what an output has become is decided here. A deposit
stays in the state until it is credited and irreversible; its key, chain/transaction/output, stays for ever
(reference/coinex/account-assets.md, deposit states).
"""

from typing import Final

import msgspec

from openbourse.core.commands import ReportDeposit, ResolveDeposit
from openbourse.core.events import DepositChanged, DepositState, DepositStatus, Repeated, WithdrawalState
from openbourse.core.ledger import CUSTODY, SPOT
from openbourse.core.refusal import Refusal
from openbourse.core.state import State
from openbourse.core.treasury import check_money, use_key

MAX_NAME: Final = 256


def report_deposit(state: State, command: ReportDeposit) -> None:
    state.user(command.user)
    key = deposit_key(command.chain, command.tx_id, command.output)
    request = f"{command.user} {command.asset} {command.amount} {command.address} {command.memo}"
    used = state.used_keys.get(state_key(key))
    if used is None:
        _check_new(command)
        _advance(state, _new_deposit(state, command, key, request), command)
        return
    if used.request != request:
        raise Refusal("key_conflict", key)
    deposit = state.deposits.get(used.used_for)
    if deposit is None:  # credited and irreversible: nothing can become of it any more
        state.events.append(Repeated(key, used.used_for))
    else:
        _advance(state, deposit, command)


def _check_new(command: ReportDeposit) -> None:
    check_money(command.amount, command.asset)
    if command.finding == "gone":
        raise Refusal("unknown_deposit")
    if not command.chain or not command.tx_id or command.output < 0:
        raise Refusal("invalid_request", "chain, transaction and output are needed")
    if max(len(command.chain), len(command.tx_id), len(command.address), len(command.memo)) > MAX_NAME:
        raise Refusal("invalid_request", "a name is too long")


def _new_deposit(state: State, command: ReportDeposit, key: str, request: str) -> DepositState:
    return DepositState(
        deposit_id=use_key(state, state_key(key), request),
        key=key,
        user=command.user,
        asset=command.asset,
        amount=command.amount,
        credited=0,
        method="on_chain",
        chain=command.chain,
        address=command.address,
        memo=command.memo,
        tx_id=command.tx_id,
        output=command.output,
        sender=0,
        confirmations=-1,  # differs from any report, so that the first one is always news
        irreversible=False,
        status="processing",
        note="",
        created_at=state.now,
        updated_at=state.now,
    )


def _advance(state: State, deposit: DepositState, command: ReportDeposit) -> None:
    """Bring a deposit up to what the chain shows now; a report that is no news changes nothing."""
    status, note = _judged(deposit, command)
    changed = msgspec.structs.replace(
        deposit,
        confirmations=command.confirmations,
        irreversible=command.finding == "irreversible",
        status=status,
        note=note,
    )
    if status == "too_small":
        held = _held_with(state, changed)
        if sum(each.amount for each in held) >= command.minimum:
            for each in held:
                _credit(state, each)
            return
    if changed == deposit:
        state.events.append(Repeated(deposit.key, deposit.deposit_id))
    else:
        _keep(state, msgspec.structs.replace(changed, updated_at=state.now))


def _judged(deposit: DepositState, command: ReportDeposit) -> tuple[DepositStatus, str]:
    """The status that a report leads to, and what a person should know of it.

    A credited deposit that left the chain is never debited in silence, nor is one credited that was void
    and came back: both wait for a person. What is deep enough is `too_small` until the minimum is looked at.
    """
    before = deposit.status
    if before == "exception":
        return "exception", deposit.note
    if before == "cancelled":
        if command.finding == "gone":
            return "cancelled", deposit.note
        return "exception", "it was void and is on the chain again"
    if before == "finished":
        if command.finding == "gone" or command.confirmations == 0:
            return "exception", "it was credited and has left the chain"
        return "finished", deposit.note
    if command.finding == "gone":
        return "cancelled", "it has left the chain"
    if command.finding == "seen":
        return ("confirming" if command.confirmations > 0 else "processing"), deposit.note
    return "too_small", deposit.note


def _held_with(state: State, deposit: DepositState) -> list[DepositState]:
    """The held deposits of the same user, chain and asset by ascending id, this one as it is given."""
    place = (deposit.user, deposit.chain, deposit.asset)
    held = [
        other
        for other in state.deposits.values()
        if other.status == "too_small"
        and (other.user, other.chain, other.asset) == place
        and other.deposit_id != deposit.deposit_id
    ]
    return sorted([*held, deposit], key=_deposit_id)


def _deposit_id(deposit: DepositState) -> int:
    return deposit.deposit_id


def _credit(state: State, deposit: DepositState, note: str = "") -> None:
    account = state.ledger.account(deposit.user, SPOT, deposit.asset)
    state.ledger.system_account(CUSTODY, deposit.asset).pay(deposit.amount, account)
    state.balance_changed(account, deposit.amount, "deposit", deposit.deposit_id)
    _keep(
        state,
        msgspec.structs.replace(
            deposit, credited=deposit.amount, status="finished", note=note, updated_at=state.now
        ),
    )


def _take_back(state: State, deposit: DepositState) -> None:
    account = state.ledger.account(deposit.user, SPOT, deposit.asset)
    account.pay(deposit.amount, state.ledger.system_account(CUSTODY, deposit.asset))
    state.balance_changed(account, -deposit.amount, "deposit", deposit.deposit_id)


def _keep(state: State, deposit: DepositState) -> None:
    if deposit.status == "finished" and deposit.irreversible:
        state.deposits.pop(deposit.deposit_id, None)
    else:
        state.deposits[deposit.deposit_id] = deposit
    state.events.append(DepositChanged(deposit))


def resolve_deposit(state: State, command: ResolveDeposit) -> None:
    deposit = state.deposits.get(command.deposit_id)
    if deposit is None:
        raise Refusal("unknown_deposit")
    if deposit.status != "exception" and deposit.status != "too_small":
        raise Refusal("wrong_state", f"it is {deposit.status}")
    credited = deposit.credited != 0
    if credited and not command.credit:
        if deposit.amount > state.ledger.available(deposit.user, SPOT, deposit.asset):
            raise Refusal("insufficient_balance", deposit.asset)
        _take_back(state, deposit)
        deposit = msgspec.structs.replace(deposit, credited=0)
    if not command.credit:
        changed = msgspec.structs.replace(deposit, status="cancelled", irreversible=False)
        _keep(state, msgspec.structs.replace(changed, note=command.note, updated_at=state.now))
        return
    # A person has decided, so nothing that the chain does counts any more.
    final = msgspec.structs.replace(deposit, irreversible=True, note=command.note, updated_at=state.now)
    if credited:
        _keep(state, msgspec.structs.replace(final, status="finished"))
    else:
        _credit(state, final, command.note)


def credit_from_user(state: State, withdrawal: WithdrawalState) -> None:
    """Tell the receiver of a withdrawal between users of the money, which is in the account already."""
    receiver = withdrawal.destination.receiver
    deposit_id = state.new_id()
    account = state.ledger.account(receiver, SPOT, withdrawal.asset)
    state.balance_changed(account, withdrawal.amount, "deposit", deposit_id)
    deposit = DepositState(
        deposit_id=deposit_id,
        key=f"withdrawal/{withdrawal.withdrawal_id}",
        user=receiver,
        asset=withdrawal.asset,
        amount=withdrawal.amount,
        credited=withdrawal.amount,
        method="inter_user",
        chain="",
        address="",
        memo="",
        tx_id="",
        output=0,
        sender=withdrawal.user,
        confirmations=0,
        irreversible=True,
        status="finished",
        note=withdrawal.remark,
        created_at=state.now,
        updated_at=state.now,
    )
    state.events.append(DepositChanged(deposit))


def reversible(state: State, user: int, asset: str) -> int:
    """The money of a user that a chain could still take away: credited, and not irreversible."""
    return sum(
        deposit.credited
        for deposit in state.deposits.values()
        if deposit.user == user and deposit.asset == asset and not deposit.irreversible
    )


def deposit_key(chain: str, tx_id: str, output: int) -> str:
    """What names an output for ever."""
    return f"{chain}/{tx_id}/{output}"


def state_key(key: str) -> str:
    """The key of an output among the used keys of the state."""
    return f"chain/{key}"
