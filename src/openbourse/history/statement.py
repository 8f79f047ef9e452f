"""Queries: the statement of an account, every change of its balances."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, get_args

import msgspec
from sqlalchemy import BigInteger, Connection, Row, Select, and_, bindparam, func, select, union_all

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
    values = {
        "of_user": user,
        "of_wallet": wallet,
        "of_asset": asset or None,
        "since": start,
        "until": end,
        "needed": min(check_page(page, limit) + limit + 1, 2**53),
    }
    given = tuple(name for name, value in values.items() if value is not None)
    query = _newest_first(tuple(dict.fromkeys(causes or _CAUSES)), given)
    return read_page(connection, query, _entry_of, page, limit, values)


@lru_cache(maxsize=64)
def _newest_first(causes: tuple[BalanceCause, ...], given: tuple[str, ...]) -> Select[Any]:
    """The query of a statement, of which these values will be `given`.

    To put it together takes ten times as long as to carry it out, and holds up the loop.
    """
    columns = balance_changes.c
    conditions = {
        "of_user": columns.user_id == bindparam("of_user"),
        "of_wallet": columns.wallet == bindparam("of_wallet"),
        "of_asset": columns.asset == bindparam("of_asset"),
        "since": columns.time >= bindparam("since"),
        "until": columns.time <= bindparam("until"),
    }
    wanted = and_(*(condition for name, condition in conditions.items() if name in given))
    parts: list[Select[Any]] = []
    for cause in causes:
        query = select(balance_changes).where(wanted, columns.cause == cause)
        newest = query.order_by(columns.time.desc(), columns.sequence.desc(), columns.position.desc())
        parts.append(select(newest.limit(bindparam("needed", type_=BigInteger())).subquery()))
    found = union_all(*parts).subquery()
    return select(found).order_by(found.c.sequence.desc(), found.c.position.desc())


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
