"""Money of sub-accounts: balances, transfers, and their history (account-assets.md A11-A14)."""

from functools import partial
from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from openbourse.accounts.records import User
from openbourse.history.transfers import PastTransfer, TransferFilter, family_transfers
from openbourse.venue.sub_accounts import Pocket
from openbourse.wire.coinex import envelope
from openbourse.wire.coinex.assets import Balance, known_asset, spot_rows
from openbourse.wire.coinex.balances import (
    FuturesBalance,
    MarginBalance,
    PairAmounts,
    futures_rows,
    margin_rows,
)
from openbourse.wire.coinex.desk import Call
from openbourse.wire.coinex.endpoint import AnyEndpoint, Endpoint
from openbourse.wire.coinex.errors import ApiError, Code
from openbourse.wire.coinex.numbers import account_type_of, money, money_of, wallet_of
from openbourse.wire.coinex.params import DecimalText, Milliseconds, Name, Paged, Params
from openbourse.wire.coinex.sub_accounts import MAX_PAGE, Nothing


class BalanceParams(Params, kw_only=True, frozen=True):
    """One type of account of a sub-account; `market` counts for MARGIN only."""

    sub_user_name: Name
    market_type: Literal["SPOT", "MARGIN", "FUTURES"]
    market: Name | None = None


class SpotBalanceParams(Params, kw_only=True, frozen=True):
    """The spot account of a sub-account, one asset or all."""

    sub_user_name: Name
    ccy: Name | None = None


class TransferParams(Params, kw_only=True, frozen=True):
    """An absent name stands for the main account."""

    from_account_type: Literal["SPOT", "FUTURES"]
    to_account_type: Literal["SPOT", "FUTURES"]
    from_user_name: Name | None = None
    to_user_name: Name | None = None
    ccy: Name
    amount: DecimalText


class HistoryParams(Paged, kw_only=True, frozen=True):
    """Transfers from or to one sub-account, or all; times in ms, inclusive."""

    sub_user_name: Name | None = None
    ccy: Name | None = None
    start_time: Milliseconds | None = None
    end_time: Milliseconds | None = None


class SubAccountBalance(Struct, kw_only=True):
    """One row of the type of account that was asked for, in the form that its owner would see."""

    available: str | PairAmounts
    frozen: str | PairAmounts
    ccy: str | UnsetType = UNSET
    margin: str | UnsetType = UNSET
    unrealized_pnl: str | UnsetType = UNSET
    transferrable: str | UnsetType = UNSET
    equity: str | UnsetType = UNSET
    margin_account: str | UnsetType = UNSET
    base_ccy: str | UnsetType = UNSET
    quote_ccy: str | UnsetType = UNSET
    repaid: PairAmounts | UnsetType = UNSET
    interest: PairAmounts | UnsetType = UNSET
    risk_rate: str | UnsetType = UNSET
    rik_rate: str | UnsetType = UNSET
    liq_price: str | UnsetType = UNSET


class FamilyTransfer(Struct, kw_only=True):
    """A transfer between a main account, whose name is empty, and its sub-accounts."""

    id: int
    created_at: int
    from_user_name: str
    to_user_name: str
    from_account_type: str
    to_account_type: str
    ccy: str
    amount: str
    status: str


async def balance(call: Call, params: BalanceParams) -> bytes:
    """As the sub-account itself would see it."""
    user = await _subject(call, params.sub_user_name)
    rows: list[Balance] | list[FuturesBalance] | list[MarginBalance]
    if params.market_type == "SPOT":
        rows = await spot_rows(call, user.id)
    elif params.market_type == "FUTURES":
        rows = await futures_rows(call, user.id)
    else:
        rows = margin_rows(call, params.market)
    return envelope.success(rows)


async def spot_balance(call: Call, params: SpotBalanceParams) -> bytes:
    rows = await spot_rows(call, (await _subject(call, params.sub_user_name)).id)
    return envelope.success([row for row in rows if params.ccy in (None, row.ccy)])


async def _subject(call: Call, name: str) -> User:
    """The caller's sub-account of that name; a sub-account may name itself only (4512)."""
    if not call.signer.parent:
        return await call.desk.sub_accounts.find(call.signer, name)
    if name != call.signer.name:
        raise ApiError(Code.SUB_ACCOUNT_LACKS_PERMISSION)
    return call.signer


async def transfer(call: Call, params: TransferParams) -> bytes:
    """At least one name is given; the new balances are there when this is answered."""
    source = Pocket(params.from_user_name or "", wallet_of(params.from_account_type, ""))
    target = Pocket(params.to_user_name or "", wallet_of(params.to_account_type, ""))
    known_asset(call, params.ccy)
    amount = money_of(params.amount)
    await call.desk.sub_accounts.transfer(call.signer, source, target, params.ccy, amount)
    return envelope.EMPTY


async def history(call: Call, params: HistoryParams) -> bytes:
    """Newest first. A sub-account sees what it gave and received itself."""
    main = call.signer.parent or call.signer.id
    names = {main: ""} | await call.desk.sub_accounts.names(call.signer)
    member = call.user if call.signer.parent else None
    if params.sub_user_name is not None:
        member = (await _subject(call, params.sub_user_name)).id
    found = await call.desk.venue.ask(
        partial(
            family_transfers,
            family=list(names),
            member=member,
            wanted=TransferFilter(asset=params.ccy or "", start=params.start_time, end=params.end_time),
            page=params.page,
            limit=min(params.limit, MAX_PAGE),
        )
    )
    rows = [_shown(row, names) for row in found.rows]
    return envelope.page(rows, has_next=found.has_next, total=found.total)


def _shown(row: PastTransfer, names: dict[int, str]) -> FamilyTransfer:
    return FamilyTransfer(
        id=row.transfer_id,
        created_at=row.time,
        from_user_name=names[row.from_user],
        to_user_name=names[row.to_user],
        from_account_type=account_type_of(row.from_wallet),
        to_account_type=account_type_of(row.to_wallet),
        ccy=row.asset,
        amount=money(row.amount),
        status="finished",
    )


ENDPOINTS: list[AnyEndpoint] = [
    Endpoint("GET", "/account/subs/balance", BalanceParams, list[SubAccountBalance], balance, "read"),
    Endpoint("GET", "/account/subs/spot-balance", SpotBalanceParams, list[Balance], spot_balance, "read"),
    Endpoint("POST", "/account/subs/transfer", TransferParams, Nothing, transfer, "trade", main_only=True),
    Endpoint("GET", "/account/subs/transfer-history", HistoryParams, FamilyTransfer, history, "read", "page"),
]
