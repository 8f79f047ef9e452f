"""Queries: money that came in, went out or moved between wallets."""

from typing import Any, Literal

import msgspec
from sqlalchemy import Connection, Row, and_, or_, select

from openbourse.history.paging import Page, read_page
from openbourse.history.tables import deposits, transfers, withdrawals


class PastDeposit(msgspec.Struct, frozen=True, gc=False):
    """A credited deposit; `sequence` of its command serves as its id."""

    sequence: int
    key: str
    time: int
    user: int
    asset: str
    amount: int


class PastWithdrawal(msgspec.Struct, frozen=True, gc=False):
    """A withdrawal as it stands now."""

    withdrawal_id: int
    key: str
    user: int
    asset: str
    amount: int
    fee_asset: str
    fee: int
    status: Literal["requested", "settled", "cancelled"]
    created_at: int
    updated_at: int


class PastTransfer(msgspec.Struct, frozen=True, gc=False):
    """A transfer between two wallets, of one user or of two."""

    transfer_id: int
    key: str
    time: int
    from_user: int
    from_wallet: str
    to_user: int
    to_wallet: str
    asset: str
    amount: int


def deposits_of(
    connection: Connection, user: int, *, asset: str = "", page: int = 1, limit: int = 10
) -> Page[PastDeposit]:
    """A user's deposits, newest first."""
    query = select(deposits).where(deposits.c.user_id == user)
    if asset:
        query = query.where(deposits.c.asset == asset)
    return read_page(connection, query.order_by(deposits.c.sequence.desc()), _deposit_of, page, limit)


def withdrawals_of(
    connection: Connection, user: int, *, asset: str = "", page: int = 1, limit: int = 10
) -> Page[PastWithdrawal]:
    """A user's withdrawals, newest first."""
    query = select(withdrawals).where(withdrawals.c.user_id == user)
    if asset:
        query = query.where(withdrawals.c.asset == asset)
    newest_first = query.order_by(withdrawals.c.withdrawal_id.desc())
    return read_page(connection, newest_first, _withdrawal_of, page, limit)


def transfers_of(
    connection: Connection,
    user: int,
    *,
    wallet: str = "",
    asset: str = "",
    start: int | None = None,
    end: int | None = None,
    page: int = 1,
    limit: int = 10,
) -> Page[PastTransfer]:
    """Transfers from or to a user (or one wallet of theirs), newest first; times (ms) inclusive."""
    given = and_(transfers.c.from_user_id == user, _matches(transfers.c.from_wallet, wallet))
    received = and_(transfers.c.to_user_id == user, _matches(transfers.c.to_wallet, wallet))
    query = select(transfers).where(or_(given, received))
    if asset:
        query = query.where(transfers.c.asset == asset)
    if start is not None:
        query = query.where(transfers.c.time >= start)
    if end is not None:
        query = query.where(transfers.c.time <= end)
    return read_page(connection, query.order_by(transfers.c.transfer_id.desc()), transfer_of, page, limit)


def _matches(column: Any, value: str) -> Any:
    return column == value if value else column.is_not(None)


def _deposit_of(row: Row[Any]) -> PastDeposit:
    return PastDeposit(row.sequence, row.key, row.time, row.user_id, row.asset, row.amount)


def _withdrawal_of(row: Row[Any]) -> PastWithdrawal:
    return PastWithdrawal(
        withdrawal_id=row.withdrawal_id,
        key=row.key,
        user=row.user_id,
        asset=row.asset,
        amount=row.amount,
        fee_asset=row.fee_asset,
        fee=row.fee,
        status=row.status,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def transfer_of(row: Row[Any]) -> PastTransfer:
    """A row of the transfers."""
    return PastTransfer(
        transfer_id=row.transfer_id,
        key=row.key,
        time=row.time,
        from_user=row.from_user_id,
        from_wallet=row.from_wallet,
        to_user=row.to_user_id,
        to_wallet=row.to_wallet,
        asset=row.asset,
        amount=row.amount,
    )
