"""Withdrawals: ask for one, take it back, see what became of them (account-assets.md B16-B18).

There is no key by which a request could be repeated: a client that tries again after a time-out asks for a
second withdrawal, as on the real server.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

from msgspec import Struct

from openbourse.core.decimals import money_text, parse_decimal
from openbourse.core.events import WithdrawalState, WithdrawalStatus
from openbourse.venue.funds import WithdrawalRequest
from openbourse.wire.coinex import envelope
from openbourse.wire.coinex.desk import Call
from openbourse.wire.coinex.endpoint import AnyEndpoint, Endpoint
from openbourse.wire.coinex.errors import ApiError, Code
from openbourse.wire.coinex.numbers import money, money_of
from openbourse.wire.coinex.params import DecimalText, Id, LongText, Name, NeededText, Paged, Params
from openbourse.wire.coinex.sub_accounts import MAX_PAGE, Nothing

Method = Literal["on_chain", "inter_user"]
StatusWord = Literal[
    "created",
    "audit_required",
    "audited",
    "processing",
    "confirming",
    "finished",
    "cancelled",
    "cancellation_failed",
    "failed",
]

# The documentation has one word for what a user or the exchange called off. A payment of which nobody
# knows whether it was sent is still under way to its owner. `created` (waiting for an e-mail) does not
# happen, nor does `cancellation_failed`: a cancel that comes too late is refused.
STATUS_WORDS: Final[Mapping[WithdrawalStatus, StatusWord]] = MappingProxyType(
    {
        "review": "audit_required",
        "approved": "audited",
        "processing": "processing",
        "unknown": "processing",
        "confirming": "confirming",
        "finished": "finished",
        "cancelled": "cancelled",
        "rejected": "cancelled",
        "failed": "failed",
    }
)


class WithdrawParams(Params, kw_only=True, frozen=True):
    """`amount` is what the receiver gets. `chain` is needed unless it goes to another user, by name."""

    ccy: Name
    amount: DecimalText
    to_address: NeededText
    chain: Name | None = None
    withdraw_method: Method | None = None
    memo: LongText = ""
    fee_ccy: Name | None = None
    extra: dict[str, str] | None = None
    remark: LongText = ""


class CancelParams(Params, kw_only=True, frozen=True):
    """One's own withdrawal."""

    withdraw_id: Id


class WithdrawalsParams(Paged, kw_only=True, frozen=True):
    """Filters; what is absent matches all."""

    ccy: Name | None = None
    withdraw_id: Id | None = None
    status: StatusWord | None = None


class Withdrawal(Struct, kw_only=True):
    """A withdrawal: `amount` leaves the account, of which the receiver gets `actual_amount`.

    The fee has two names and its asset has two.
    """

    withdraw_id: int
    created_at: int
    withdraw_method: str
    ccy: str
    chain: str
    memo: str
    amount: str
    actual_amount: str
    tx_fee: str
    fee_ccy: str
    fee_asset: str
    fee_amount: str
    tx_id: str
    to_address: str
    confirmations: int
    explorer_address_url: str
    explorer_tx_url: str
    status: StatusWord
    remark: str


async def withdraw(call: Call, params: WithdrawParams) -> bytes:
    """Ask for a withdrawal to an address, or another user, on the account's allow-list.

    The fee comes on top of the amount, and both are held until it has ended.
    """
    if params.extra:
        # What cannot be honoured might decide where the money goes.
        raise ApiError(Code.INVALID_PARAMETER)
    method = params.withdraw_method or "on_chain"
    request = WithdrawalRequest(
        asset=params.ccy,
        amount=_exact_money(params.amount),
        address=params.to_address,
        method=method,
        chain="" if method == "inter_user" else params.chain or "",
        memo=params.memo,
        fee_asset=params.fee_ccy or "",
        remark=params.remark,
    )
    return envelope.success(_shown(await call.desk.funds.submit_withdrawal(call.user, request)))


def _exact_money(text: str) -> int:
    """Amounts of withdrawals are not truncated: too many decimals are refused (B16)."""
    amount = money_of(text)
    if parse_decimal(money_text(amount)) != parse_decimal(text):
        raise ApiError(Code.INVALID_PARAMETER)
    return amount


async def cancel(call: Call, params: CancelParams) -> bytes:
    """Take a withdrawal back that is not being sent yet; its money is free again."""
    await call.desk.funds.cancel_withdrawal(call.user, params.withdraw_id)
    return envelope.EMPTY


async def history(call: Call, params: WithdrawalsParams) -> bytes:
    """Newest first."""
    if params.withdraw_id is not None:
        return await _one(call, params, params.withdraw_id)
    statuses = tuple(status for status, word in STATUS_WORDS.items() if word == params.status)
    if params.status is not None and not statuses:
        return envelope.page([], has_next=False, total=0)
    found = await call.desk.funds.withdrawals(
        call.user,
        asset=params.ccy or "",
        statuses=statuses,
        page=params.page,
        limit=min(params.limit, MAX_PAGE),
    )
    return envelope.page([_shown(row) for row in found.rows], has_next=found.has_next, total=found.total)


async def _one(call: Call, params: WithdrawalsParams, number: int) -> bytes:
    """The list of the one withdrawal of that number, if the other filters match it."""
    state = await call.desk.funds.withdrawal(call.user, number)
    rows = [] if state is None else [_shown(state)]
    rows = [row for row in rows if params.ccy in (None, row.ccy) and params.status in (None, row.status)]
    return envelope.page(rows if params.page == 1 else [], has_next=False, total=len(rows))


def _shown(state: WithdrawalState) -> Withdrawal:
    destination = state.destination
    fee = money(state.fee)
    return Withdrawal(
        withdraw_id=state.withdrawal_id,
        created_at=state.created_at,
        withdraw_method=destination.method,
        ccy=state.asset,
        chain=destination.chain,
        memo=destination.memo,
        # A fee in another asset is no part of this one's amount.
        amount=money(state.amount + (state.fee if state.fee_asset == state.asset else 0)),
        actual_amount=money(state.amount),
        tx_fee=fee,
        fee_ccy=state.fee_asset,
        fee_asset=state.fee_asset,
        fee_amount=fee,
        tx_id=state.tx_id,
        to_address=destination.address,
        confirmations=state.confirmations,
        explorer_address_url="",
        explorer_tx_url="",
        status=STATUS_WORDS[state.status],
        remark=state.remark,
    )


ENDPOINTS: list[AnyEndpoint] = [
    Endpoint("POST", "/assets/withdraw", WithdrawParams, Withdrawal, withdraw, "withdraw", main_only=True),
    Endpoint("POST", "/assets/cancel-withdraw", CancelParams, Nothing, cancel, "withdraw", main_only=True),
    Endpoint("GET", "/assets/withdraw", WithdrawalsParams, Withdrawal, history, "read", "page"),
]
