"""Transfers within one account, and their history (reference/coinex/account-assets.md B22, B23)."""

from functools import partial
from typing import Literal

from msgspec import Struct

from openbourse.history.transfers import PastTransfer, TransferFilter, own_transfers
from openbourse.venue.sub_accounts import check_granted
from openbourse.wire.coinex import envelope
from openbourse.wire.coinex.assets import known_asset
from openbourse.wire.coinex.desk import Call
from openbourse.wire.coinex.endpoint import AnyEndpoint, Endpoint
from openbourse.wire.coinex.errors import ApiError, Code
from openbourse.wire.coinex.numbers import account_type_of, money, money_of, wallet_of
from openbourse.wire.coinex.params import DecimalText, Milliseconds, Name, Paged, Params
from openbourse.wire.coinex.sub_accounts import MAX_PAGE, Nothing

AccountType = Literal["SPOT", "MARGIN", "FUTURES"]
TransferStatus = Literal["created", "deducted", "failed", "finished"]


class TransferParams(Params, kw_only=True, frozen=True):
    """Exactly one side is SPOT; `market` names the margin account."""

    from_account_type: AccountType
    to_account_type: AccountType
    ccy: Name
    amount: DecimalText
    market: Name | None = None


class HistoryParams(Paged, kw_only=True, frozen=True):
    """Transfers of one asset to and from one type of account; times in ms, inclusive."""

    ccy: Name
    transfer_type: Literal["MARGIN", "FUTURES"]
    market: Name | None = None
    status: TransferStatus | None = None
    start_time: Milliseconds | None = None
    end_time: Milliseconds | None = None


class OwnTransfer(Struct, kw_only=True):
    """A transfer between two accounts of one user."""

    id: int
    margin_market: str
    created_at: int
    from_account_type: str
    to_account_type: str
    ccy: str
    amount: str
    status: str


async def transfer(call: Call, params: TransferParams) -> bytes:
    """The new balances are there when this is answered."""
    kinds = (params.from_account_type, params.to_account_type)
    if kinds.count("SPOT") != 1:
        raise ApiError(Code.INVALID_PARAMETER)
    known_asset(call, params.ccy)
    amount = money_of(params.amount)
    if "MARGIN" in kinds:
        _refuse_margin(call, params.market or "")
    source, target = (wallet_of(kind, "") for kind in kinds)
    await call.desk.venue.holdings.transfer(call.signer, source, target, params.ccy, amount)
    return envelope.EMPTY


def _refuse_margin(call: Call, market: str) -> None:
    """No market has margin trading: whatever is named is no margin market."""
    check_granted(call.signer, "margin")
    if market:
        call.desk.market(market)
    raise ApiError(Code.INVALID_PARAMETER)


async def history(call: Call, params: HistoryParams) -> bytes:
    """Newest first. Transfers take effect at once: no other status than `finished` is ever found."""
    if params.status not in (None, "finished"):
        return envelope.page([], has_next=False, total=0)
    wallet = "futures" if params.transfer_type == "FUTURES" else f"margin:{params.market or ''}"
    found = await call.desk.venue.ask(
        partial(
            own_transfers,
            user=call.user,
            wallet=wallet,
            wanted=TransferFilter(asset=params.ccy, start=params.start_time, end=params.end_time),
            page=params.page,
            limit=min(params.limit, MAX_PAGE),
        )
    )
    return envelope.page([_shown(row) for row in found.rows], has_next=found.has_next, total=found.total)


def _shown(row: PastTransfer) -> OwnTransfer:
    market = ""
    for wallet in (row.from_wallet, row.to_wallet):
        if wallet.startswith("margin:"):
            market = wallet.removeprefix("margin:")
    return OwnTransfer(
        id=row.transfer_id,
        margin_market=market,
        created_at=row.time,
        from_account_type=account_type_of(row.from_wallet),
        to_account_type=account_type_of(row.to_wallet),
        ccy=row.asset,
        amount=money(row.amount),
        status="finished",
    )


ENDPOINTS: list[AnyEndpoint] = [
    Endpoint("POST", "/assets/transfer", TransferParams, Nothing, transfer, "trade"),
    Endpoint("GET", "/assets/transfer-history", HistoryParams, OwnTransfer, history, "read", "page"),
]
