"""Queries: the statement of an account, every change of its balances."""

from collections.abc import Sequence
from typing import Any, get_args

import msgspec
from sqlalchemy import Connection, Row, Select, and_, func, select, union_all

from openbourse.core.events import BalanceCause
from openbourse.history.paging import Page, check_page, read_page
from openbourse.history.tables import balance_changes

_CAUSES: tuple[BalanceCause, ...] = get_args(BalanceCause)


class StatementEntry(msgspec.Struct, frozen=True, gc=False):
    """One change of a balance. `balance` (available plus frozen) is the one after it; money, ms.

    For consecutive entries of one asset, balance = previous balance + change
    (reference/coinex/account-assets.md B8). `reference` is the trade, order, ... behind it.
    """

    sequence: int
    position: int
    time: int
    asset: str
    cause: BalanceCause
    change: int
    balance: int
    reference: int


def statement(
    connection: Connection,
    user: int,
    wallet: str,
    *,
    causes: Sequence[BalanceCause] = (),
    asset: str = "",
    start: int | None = None,
    end: int | None = None,
    page: int = 1,
    limit: int = 10,
) -> Page[StatementEntry]:
    """A wallet's balance changes, newest first; `start` and `end` (ms) are inclusive, empty matches all.

    Each cause is read by itself from the index, in order, and no further than the page reaches: a
    trader's few deposits are found without reading a million trades.
    """
    needed = min(check_page(page, limit) + limit + 1, 2**53)
    columns = balance_changes.c
    parts: list[Select[Any]] = []
    for cause in dict.fromkeys(causes or _CAUSES):
        query = select(balance_changes).where(
            columns.user_id == user, columns.wallet == wallet, columns.cause == cause
        )
        if asset:
            query = query.where(columns.asset == asset)
        if start is not None:
            query = query.where(columns.time >= start)
        if end is not None:
            query = query.where(columns.time <= end)
        newest = query.order_by(columns.time.desc(), columns.sequence.desc(), columns.position.desc())
        parts.append(select(newest.limit(needed).subquery()))
    found = union_all(*parts).subquery()
    return read_page(
        connection,
        select(found).order_by(found.c.sequence.desc(), found.c.position.desc()),
        _entry_of,
        page,
        limit,
    )


def last_posting(connection: Connection, user: int, wallet: str, asset: str) -> tuple[int, int]:
    """What an account holds after its newest change, and the command that made it; zeros without any."""
    page = statement(connection, user, wallet, asset=asset, limit=1)
    return (page.rows[0].balance, page.rows[0].sequence) if page.rows else (0, 0)


def last_postings(connection: Connection, asset: str) -> dict[tuple[int, str], tuple[int, int]]:
    """As `last_posting`, for all accounts of an asset by user and wallet. It reads all of its changes."""
    columns = balance_changes.c
    newest = (
        select(columns.user_id, columns.wallet, func.max(columns.sequence).label("sequence"))
        .where(columns.asset == asset)
        .group_by(columns.user_id, columns.wallet)
        .subquery()
    )
    same = and_(
        columns.user_id == newest.c.user_id,
        columns.wallet == newest.c.wallet,
        columns.sequence == newest.c.sequence,
    )
    rows = (
        select(columns.user_id, columns.wallet, columns.balance, columns.sequence)
        .join(newest, same)
        .where(columns.asset == asset)
        .order_by(columns.sequence, columns.position)
    )
    return {(row.user_id, row.wallet): (row.balance, row.sequence) for row in connection.execute(rows)}


def _entry_of(row: Row[Any]) -> StatementEntry:
    return StatementEntry(
        sequence=row.sequence,
        position=row.position,
        time=row.time,
        asset=row.asset,
        cause=row.cause,
        change=row.change,
        balance=row.balance,
        reference=row.reference,
    )
