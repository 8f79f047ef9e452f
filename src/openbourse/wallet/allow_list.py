"""The withdrawal allow-list: where a user's API keys may send money to.

It covers addresses on chains and users of the venue alike (reference/coinex/conventions.md §2.7). The
operator keeps it for the users: nobody who has only a key can lengthen it.
"""

from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    Column,
    Engine,
    Integer,
    MetaData,
    Row,
    String,
    Table,
    delete,
    insert,
    select,
)

_metadata = MetaData()
_entries = Table(
    "withdrawal_allow_list",
    _metadata,
    Column("id", Integer, primary_key=True),
    Column("user_id", BigInteger, nullable=False, index=True),
    Column("chain", String(32), nullable=False),
    Column("address", String(256), nullable=False),
    Column("memo", String(256), nullable=False),
    Column("remark", String(256), nullable=False),
    Column("created_at", BigInteger, nullable=False),
)

MAX_ENTRIES = 1000


class AllowedAddress(msgspec.Struct, frozen=True):
    """An address with its memo on a chain, or, with an empty `chain`, the name of another user.

    The memo counts: on chains that need one it tells the accounts of a shared address apart.
    """

    chain: str
    address: str
    memo: str = ""
    remark: str = ""
    created_at: int = 0


class WithdrawalAllowList:
    """All entries of all users. Belongs to one thread."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        _metadata.create_all(engine)

    def allows(self, user: int, chain: str, address: str, memo: str) -> bool:
        query = select(_entries.c.id).where(*_same(user, chain, address, memo))
        with self._engine.connect() as connection:
            return connection.execute(query).first() is not None

    def add(self, user: int, entry: AllowedAddress) -> None:
        """Allow an address, durable when it returns. Raises ValueError when the list is full."""
        if self.allows(user, entry.chain, entry.address, entry.memo):
            return
        if len(self.entries(user)) >= MAX_ENTRIES:
            raise ValueError(f"a list has at most {MAX_ENTRIES} addresses")
        with self._engine.begin() as connection:
            connection.execute(insert(_entries).values(user_id=user, **msgspec.structs.asdict(entry)))

    def remove(self, user: int, chain: str, address: str, memo: str) -> bool:
        """Withdraw an address; False when it was not allowed."""
        with self._engine.begin() as connection:
            removed = connection.execute(delete(_entries).where(*_same(user, chain, address, memo)))
        return removed.rowcount > 0

    def entries(self, user: int) -> list[AllowedAddress]:
        """What a user may send to, oldest first."""
        query = select(_entries).where(_entries.c.user_id == user).order_by(_entries.c.id)
        with self._engine.connect() as connection:
            return [_entry_of(row) for row in connection.execute(query)]


def _same(user: int, chain: str, address: str, memo: str) -> list[Any]:
    columns = _entries.c
    return [columns.user_id == user, columns.chain == chain, columns.address == address, columns.memo == memo]


def _entry_of(row: Row[Any]) -> AllowedAddress:
    return AllowedAddress(row.chain, row.address, row.memo, row.remark, row.created_at)
