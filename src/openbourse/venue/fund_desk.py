"""The operator's requests about money that comes and goes, carried out; part of the operator's desk."""

from collections.abc import Awaitable, Callable
from typing import Any

from openbourse.accounts.records import User
from openbourse.core.decimals import money_text
from openbourse.core.events import DepositState, WithdrawalState
from openbourse.venue import fund_requests as requests
from openbourse.venue.control import ControlError
from openbourse.venue.fund_operations import FundOperations
from openbourse.venue.numbers import money
from openbourse.venue.venue import Venue
from openbourse.wallet.allow_list import AllowedAddress
from openbourse.wallet.catalogue import AssetSpec

Result = dict[str, Any] | list[dict[str, Any]]


class FundDesk:
    """One method for each kind of request; see OperatorDesk for what they may raise."""

    def __init__(self, venue: Venue) -> None:
        self._venue = venue
        self._operations = FundOperations(venue)
        self.methods: dict[type, Callable[[Any], Awaitable[Result]]] = {
            requests.ListWithdrawals: self._list_withdrawals,
            requests.ApproveWithdrawal: self._approve,
            requests.RejectWithdrawal: self._reject,
            requests.MarkSent: self._mark_sent,
            requests.MarkNotSent: self._mark_not_sent,
            requests.SwitchWithdrawals: self._switch_withdrawals,
            requests.ListHeld: self._list_held,
            requests.ResolveHeld: self._resolve_held,
            requests.AdjustBalance: self._adjust,
            requests.SetStanding: self._set_standing,
            requests.SetLimits: self._set_limits,
            requests.SwitchAsset: self._switch_asset,
            requests.Allow: self._allow,
            requests.Disallow: self._disallow,
            requests.ListAllowed: self._list_allowed,
            requests.UseFaucet: self._faucet,
            requests.Reorganise: self._reorganise,
        }

    # -- withdrawals -------------------------------------------------------------------------------

    async def _list_withdrawals(self, request: requests.ListWithdrawals) -> Result:
        waiting = self._operations.waiting_withdrawals()
        return [self._withdrawal_row(w) for w in waiting if request.status in ("", w.status)]

    async def _approve(self, request: requests.ApproveWithdrawal) -> Result:
        await self._operations.approve(request.withdrawal)
        return {"withdrawal": request.withdrawal, "status": "approved"}

    async def _reject(self, request: requests.RejectWithdrawal) -> Result:
        await self._operations.reject(request.withdrawal, request.reason)
        return {"withdrawal": request.withdrawal, "status": "rejected"}

    async def _mark_sent(self, request: requests.MarkSent) -> Result:
        await self._operations.mark_sent(request.withdrawal, request.tx_id)
        return {"withdrawal": request.withdrawal, "status": "confirming"}

    async def _mark_not_sent(self, request: requests.MarkNotSent) -> Result:
        await self._operations.mark_not_sent(request.withdrawal, request.reason)
        return {"withdrawal": request.withdrawal, "status": "failed"}

    async def _switch_withdrawals(self, request: requests.SwitchWithdrawals) -> Result:
        await self._operations.switch_withdrawals(enabled=request.enabled, compared=request.compared)
        return {"withdrawals": "enabled" if request.enabled else "halted"}

    # -- deposits and balances ---------------------------------------------------------------------

    async def _list_held(self, _: requests.ListHeld) -> Result:
        return [self._deposit_row(deposit) for deposit in self._operations.held_deposits()]

    async def _resolve_held(self, request: requests.ResolveHeld) -> Result:
        await self._operations.resolve_deposit(request.deposit, credit=request.credit, reason=request.reason)
        return {"deposit": request.deposit, "status": "finished" if request.credit else "cancelled"}

    async def _adjust(self, request: requests.AdjustBalance) -> Result:
        user, amount = self._user(request.user), money("the amount", request.amount)
        if amount == 0:
            raise ControlError("an adjustment by nothing")
        await self._operations.adjust(user, request.asset, amount, request.reason, request.key)
        return self._balance_row(user, request.asset)

    async def _set_standing(self, request: requests.SetStanding) -> Result:
        await self._operations.set_user_status(self._user(request.name), request.status)
        return {"user": request.name, "status": request.status}

    # -- terms -------------------------------------------------------------------------------------

    async def _set_limits(self, request: requests.SetLimits) -> Result:
        daily = None if request.daily is None else _limit("the daily limit", request.daily)
        review = None if request.review is None else _limit("the review limit", request.review)
        return _terms_row(self._operations.set_limits(request.asset, daily, review))

    async def _switch_asset(self, request: requests.SwitchAsset) -> Result:
        changed = self._operations.switch_asset(
            request.asset, request.chain, deposits=request.deposits, withdrawals=request.withdrawals
        )
        return _terms_row(changed)

    async def _allow(self, request: requests.Allow) -> Result:
        entry = AllowedAddress(request.chain, request.address, request.memo, request.remark)
        self._operations.allow(self._user(request.user), entry)
        return {"user": request.user, "allowed": request.address}

    async def _disallow(self, request: requests.Disallow) -> Result:
        entry = AllowedAddress(request.chain, request.address, request.memo)
        self._operations.disallow(self._user(request.user), entry)
        return {"user": request.user, "removed": request.address}

    async def _list_allowed(self, request: requests.ListAllowed) -> Result:
        entries = self._venue.wallet.allow_list.entries(self._user(request.user).id)
        return [
            {
                "chain": entry.chain or "another user",
                "address": entry.address,
                "memo": entry.memo,
                "remark": entry.remark,
                "created_at": entry.created_at,
            }
            for entry in entries
        ]

    # -- the sandbox -------------------------------------------------------------------------------

    async def _faucet(self, request: requests.UseFaucet) -> Result:
        amount = _limit("the amount", request.amount)
        user = self._user(request.user)
        tx_id = await self._operations.faucet(user, request.asset, amount, request.chain)
        return {"transaction": tx_id}

    async def _reorganise(self, request: requests.Reorganise) -> Result:
        if request.depth < 1:
            raise ControlError("the depth is at least 1")
        chain = self._operations.simulated_chain(request.chain)
        return {"transactions": chain.reorganise(request.depth, drop=request.drop)}

    # -- finding and telling -----------------------------------------------------------------------

    def _user(self, name: str) -> User:
        user = self._venue.accounts.user_by_name(name)
        if user is None:
            raise ControlError(f"there is no user {name}")
        return user

    def _withdrawal_row(self, withdrawal: WithdrawalState) -> dict[str, Any]:
        return {
            "withdrawal": withdrawal.withdrawal_id,
            "user": self._venue.accounts.user(withdrawal.user).name,
            "asset": withdrawal.asset,
            "amount": money_text(withdrawal.amount),
            "fee": money_text(withdrawal.fee),
            "chain": withdrawal.destination.chain or "another user",
            "address": withdrawal.destination.address,
            "status": withdrawal.status,
            "note": withdrawal.note,
            "created_at": withdrawal.created_at,
        }

    def _deposit_row(self, deposit: DepositState) -> dict[str, Any]:
        return {
            "deposit": deposit.deposit_id,
            "user": self._venue.accounts.user(deposit.user).name,
            "asset": deposit.asset,
            "amount": money_text(deposit.amount),
            "chain": deposit.chain,
            "transaction": deposit.tx_id,
            "status": deposit.status,
            "credited": deposit.credited > 0,
            "note": deposit.note,
        }

    def _balance_row(self, user: User, asset: str) -> dict[str, Any]:
        available, frozen = self._venue.exchange.balances(user.id, "spot")[asset]
        return {
            "user": user.name,
            "asset": asset,
            "available": money_text(available),
            "frozen": money_text(frozen),
        }


def _limit(what: str, text: str) -> int:
    amount = money(what, text)
    if amount <= 0:
        raise ControlError(f"{what} must be positive")
    return amount


def _terms_row(spec: AssetSpec) -> dict[str, Any]:
    row: dict[str, Any] = {"asset": spec.name}
    for name in ("daily_limit", "review_above"):
        limit = getattr(spec, name)
        row[name] = "none" if limit is None else money_text(limit)
    row["deposits"], row["withdrawals"] = spec.deposit_enabled, spec.withdraw_enabled
    for chain in spec.chains:
        row[f"deposits on {chain.name}"] = chain.deposit_enabled
        row[f"withdrawals on {chain.name}"] = chain.withdraw_enabled
    return row
