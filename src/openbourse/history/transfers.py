"""Queries: transfers between a user's own wallets, and among a main account and its sub-accounts."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Select, func, or_, select

from openbourse.history.paging import read_page
from openbourse.history.tables import transfers


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


class TransferPage(msgspec.Struct, frozen=True):
    """One page, newest first; `total` counts all rows that match."""

    rows: list[PastTransfer]
    has_next: bool
    total: int


class TransferFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What to look for; empty and None match all. Times in ms, inclusive."""

    asset: str = ""
    start: int | None = None
    end: int | None = None


def own_transfers(
    connection: Connection, user: int, wallet: str, wanted: TransferFilter, page: int, limit: int
) -> TransferPage:
    """Between the wallets of one user, to or from `wallet`; a `wallet` that ends in ":" is a beginning."""
    columns = transfers.c
    sides = (columns.from_wallet, columns.to_wallet)
    of_wallet = [side.startswith(wallet) if wallet.endswith(":") else side == wallet for side in sides]
    query = select(transfers).where(columns.from_user_id == user, columns.to_user_id == user, or_(*of_wallet))
    return _page(connection, query, wanted, page, limit)


def family_transfers(
    connection: Connection,
    family: Sequence[int],
    member: int | None,
    wanted: TransferFilter,
    page: int,
    limit: int,
) -> TransferPage:
    """Among the users of a `family`; with `member` only those that this one gave or received."""
    columns = transfers.c
    query = select(transfers).where(
        columns.from_user_id.in_(family),
        columns.to_user_id.in_(family),
        columns.from_user_id != columns.to_user_id,
    )
    if member is not None:
        query = query.where(or_(columns.from_user_id == member, columns.to_user_id == member))
    return _page(connection, query, wanted, page, limit)


def _page(
    connection: Connection, query: Select[Any], wanted: TransferFilter, page: int, limit: int
) -> TransferPage:
    if wanted.asset:
        query = query.where(transfers.c.asset == wanted.asset)
    if wanted.start is not None:
        query = query.where(transfers.c.time >= wanted.start)
    if wanted.end is not None:
        query = query.where(transfers.c.time <= wanted.end)
    total = connection.execute(select(func.count()).select_from(query.subquery())).scalar_one()
    newest_first = query.order_by(transfers.c.transfer_id.desc())
    found = read_page(connection, newest_first, _transfer_of, page, limit)
    return TransferPage(found.rows, found.has_next, total)


def _transfer_of(row: Row[Any]) -> PastTransfer:
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
