"""Withdrawal actions (reference/coinw/legacy.md §9)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from msgspec import Raw, Struct

from openbourse.core.events import WithdrawalState, WithdrawalStatus
from openbourse.core.units import MONEY_DECIMALS
from openbourse.venue.funds import WithdrawalRequest
from openbourse.wire.coinw import values
from openbourse.wire.coinw.desk import Action, Call
from openbourse.wire.coinw.envelope import Answer
from openbourse.wire.coinw.errors import ApiError, Code, wrong
from openbourse.wire.coinw.numbers import money
from openbourse.wire.coinw.terms import terms_of

MAX_RECORDS: Final = 100

_DISABLED: Final = "withdrawals of this currency are disabled"

_WAITING: Final = (1, "等待提现")
_UNDER_WAY: Final = (2, "正在处理")
# Status numbers and words: 4 is all that came to nothing, whoever it was that ended it (§5).
STATUSES: Final[Mapping[WithdrawalStatus, tuple[int, str]]] = MappingProxyType(
    {
        "review": _WAITING,
        "approved": _WAITING,
        "processing": _UNDER_WAY,
        "unknown": _UNDER_WAY,
        "confirming": _UNDER_WAY,
        "finished": (3, "提现成功"),
        "cancelled": (4, "用户撤销"),
        "rejected": (4, "已拒绝"),
        "failed": (4, "提现失败"),
    }
)


class Record(Struct, rename={"created_at": "createTime"}, kw_only=True):
    """A withdrawal; `amount` is what the receiver gets.

    `id` is not in the documentation, but without it nobody could cancel.
    """

    amount: Raw
    fees: Raw
    withdraw_virtual_address: str
    created_at: int
    status: int
    status_s: str
    id: int


async def withdraw(call: Call) -> Answer:
    """Ask for a withdrawal to a verified address; the fee is taken out of the amount."""
    if not call.desk.settings.withdrawals:
        raise ApiError(Code.NO_WITHDRAWAL)
    parameters = call.parameters
    asset = await call.currency()
    terms = terms_of(call.desk.venue.directory, asset)
    address = values.required(parameters, "withdrawaddress")
    values.required(parameters, "amount")
    if terms.chain is None:
        raise ApiError(Code.FAILED, _DISABLED)
    precision = terms.chain.withdrawal_precision
    amount = values.amount(parameters, "amount", MONEY_DECIMALS, precision, terms.most)
    if amount < terms.least or amount <= terms.fee:
        raise wrong("amount is below the minimum")
    if terms.chain.memo_required:
        values.required(parameters, "memo")
    if not terms.withdraw_enabled:
        raise ApiError(Code.FAILED, _DISABLED)
    request = WithdrawalRequest(
        asset=asset.name,
        amount=amount - terms.fee,
        address=address,
        chain=terms.chain.name,
        memo=parameters.get("memo"),
    )
    await call.desk.funds.submit_withdrawal(call.user, request)
    return Answer(None)


async def cancel_withdraw(call: Call) -> Answer:
    """Take a withdrawal back that waits. The page has two names for its number."""
    given = {call.parameters.get(name) for name in ("withdraw_id", "id")} - {""}
    if len(given) > 1:
        raise wrong("withdraw_id and id differ")
    name = "withdraw_id" if call.parameters.get("withdraw_id") else "id"
    await call.desk.funds.cancel_withdrawal(call.user, values.order_id(call.parameters, name))
    return Answer(None)


async def withdraw_record(call: Call) -> Answer:
    """The newest withdrawals of a currency, newest first."""
    asset = (await call.currency()).name
    page = await call.desk.funds.withdrawals(call.user, asset=asset, limit=MAX_RECORDS)
    return Answer([_record(state) for state in page.rows])


def _record(state: WithdrawalState) -> Record:
    status, word = STATUSES[state.status]
    return Record(
        amount=money(state.amount),
        # A fee in another currency is no part of this one's amount.
        fees=money(state.fee if state.fee_asset == state.asset else 0),
        withdraw_virtual_address=state.destination.address,
        created_at=state.created_at,
        status=status,
        status_s=word,
        id=state.withdrawal_id,
    )


ACTIONS: Final = (
    Action("cancel_withdraw", "withdraw", "Cancel withdraw successfully", cancel_withdraw),
    Action("withdraw", "withdraw", "Withdraw successfully, please wait for processing.", withdraw),
    Action("withdraw_record", "withdraw", "Get digital asset withdrawal history", withdraw_record),
)
