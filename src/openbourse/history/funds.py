"""Queries: money that came in, went out or moved between wallets."""

from typing import Any

import msgspec
from sqlalchemy import Connection, Row, and_, or_, select

from openbourse.core.commands import Destination
from openbourse.core.events import DepositState, WithdrawalState
from openbourse.history.paging import Page, read_page
from openbourse.history.tables import deposits, transfers, withdrawals


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
    connection: Connection,
    user: int,
    *,
    asset: str = "",
    status: str = "",
    tx_id: str = "",
    page: int = 1,
    limit: int = 10,
) -> Page[DepositState]:
    """A user's deposits that match every filter given, as they stand now, newest first."""
    query = select(deposits).where(deposits.c.user_id == user)
    for column, value in ((deposits.c.asset, asset), (deposits.c.status, status), (deposits.c.tx_id, tx_id)):
        if value:
            query = query.where(column == value)
    return read_page(connection, query.order_by(deposits.c.deposit_id.desc()), _deposit_of, page, limit)


def withdrawals_of(
    connection: Connection,
    user: int,
    *,
    asset: str = "",
    statuses: tuple[str, ...] = (),
    page: int = 1,
    limit: int = 10,
) -> Page[WithdrawalState]:
    """A user's withdrawals that match every filter given, as they stand now, newest first."""
    query = select(withdrawals).where(withdrawals.c.user_id == user)
    if asset:
        query = query.where(withdrawals.c.asset == asset)
    if statuses:
        query = query.where(withdrawals.c.status.in_(statuses))
    newest_first = query.order_by(withdrawals.c.withdrawal_id.desc())
    return read_page(connection, newest_first, _withdrawal_of, page, limit)


def withdrawal_of(connection: Connection, user: int, withdrawal_id: int) -> WithdrawalState | None:
    """One withdrawal of a user."""
    query = select(withdrawals).where(
        withdrawals.c.withdrawal_id == withdrawal_id, withdrawals.c.user_id == user
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else _withdrawal_of(row)


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


def _deposit_of(row: Row[Any]) -> DepositState:
    return DepositState(
        deposit_id=row.deposit_id,
        key=row.key,
        user=row.user_id,
        asset=row.asset,
        amount=row.amount,
        credited=row.credited,
        method=row.method,
        chain=row.chain,
        address=row.address,
        memo=row.memo,
        tx_id=row.tx_id,
        output=row.output,
        sender=row.sender,
        confirmations=row.confirmations,
        irreversible=row.irreversible,
        status=row.status,
        note=row.note,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _withdrawal_of(row: Row[Any]) -> WithdrawalState:
    return WithdrawalState(
        withdrawal_id=row.withdrawal_id,
        key=row.key,
        user=row.user_id,
        asset=row.asset,
        amount=row.amount,
        fee_asset=row.fee_asset,
        fee=row.fee,
        destination=Destination(row.method, row.chain, row.address, row.memo, row.receiver),
        remark=row.remark,
        status=row.status,
        tx_id=row.tx_id,
        confirmations=row.confirmations,
        note=row.note,
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
