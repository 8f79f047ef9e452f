"""Queries: money that came in and went out."""

from typing import Any

from sqlalchemy import Connection, Row, select

from openbourse.core.commands import Destination
from openbourse.core.events import DepositState, WithdrawalState
from openbourse.history.paging import CountedPage, read_counted_page
from openbourse.history.tables import deposits, withdrawals


def deposits_of(
    connection: Connection,
    user: int,
    *,
    asset: str = "",
    status: str = "",
    tx_id: str = "",
    page: int = 1,
    limit: int = 10,
) -> CountedPage[DepositState]:
    """A user's deposits that match every filter given, as they stand now, newest first."""
    query = select(deposits).where(deposits.c.user_id == user)
    for column, value in ((deposits.c.asset, asset), (deposits.c.status, status), (deposits.c.tx_id, tx_id)):
        if value:
            query = query.where(column == value)
    return read_counted_page(
        connection, query.order_by(deposits.c.deposit_id.desc()), _deposit_of, page, limit
    )


def withdrawals_of(
    connection: Connection,
    user: int,
    *,
    asset: str = "",
    statuses: tuple[str, ...] = (),
    page: int = 1,
    limit: int = 10,
) -> CountedPage[WithdrawalState]:
    """A user's withdrawals that match every filter given, as they stand now, newest first."""
    query = select(withdrawals).where(withdrawals.c.user_id == user)
    if asset:
        query = query.where(withdrawals.c.asset == asset)
    if statuses:
        query = query.where(withdrawals.c.status.in_(statuses))
    newest_first = query.order_by(withdrawals.c.withdrawal_id.desc())
    return read_counted_page(connection, newest_first, _withdrawal_of, page, limit)


def withdrawal_of(connection: Connection, user: int, withdrawal_id: int) -> WithdrawalState | None:
    """One withdrawal of a user."""
    query = select(withdrawals).where(
        withdrawals.c.withdrawal_id == withdrawal_id, withdrawals.c.user_id == user
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else _withdrawal_of(row)


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
