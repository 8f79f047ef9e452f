"""Deposit addresses: to whom money belongs that arrives on a chain.

An address belongs to its user for ever. Renewing gives a new one and keeps crediting the old
(reference/coinex/account-assets.md B13, B14).
"""

from collections.abc import Callable
from typing import Any, Final

import msgspec
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Engine,
    Integer,
    MetaData,
    Row,
    String,
    Table,
    UniqueConstraint,
    insert,
    select,
    update,
)

_metadata = MetaData()
_addresses = Table(
    "deposit_addresses",
    _metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("user_id", BigInteger, nullable=False),
    Column("chain", String(32), nullable=False),
    Column("address", String(256), nullable=False),
    Column("memo", String(64), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("retired", Boolean, nullable=False),
    UniqueConstraint("chain", "address", "memo", name="deposit_addresses_place"),
)
# Memos are numbers of six digits or more, which every chain with memos takes.
_FIRST_MEMO: Final = 100_000

MakeAddress = Callable[[int], str]


class DepositAddress(msgspec.Struct, frozen=True):
    """Where a user receives on a chain; `memo` is "" where none is needed. `created_at` in Unix ms."""

    id: int
    user: int
    chain: str
    address: str
    memo: str
    created_at: int
    retired: bool = False


class AddressBook:
    """All addresses, in memory and in the relational database. Belongs to one thread."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        _metadata.create_all(engine)
        self._current: dict[tuple[int, str], DepositAddress] = {}
        self._owners: dict[tuple[str, str, str], int] = {}
        self._chains: dict[str, None] = {}
        self._last_id = 0
        with engine.connect() as connection:
            for row in connection.execute(select(_addresses).order_by(_addresses.c.id)):
                self._remember(_address_of(row))

    def current(self, user: int, chain: str) -> DepositAddress | None:
        """The address that is shown to a user now."""
        return self._current.get((user, chain))

    def owner(self, chain: str, address: str, memo: str) -> int | None:
        """Whose address this is, or ever was."""
        owner = self._owners.get((chain, address, ""))
        return owner if owner is not None else self._owners.get((chain, address, memo))

    def chains(self) -> list[str]:
        """The chains on which anybody has an address, by name."""
        return sorted(self._chains)

    def give(self, user: int, chain: str, make: MakeAddress, *, memo: bool, now: int) -> DepositAddress:
        """A new address for a user, durable when it returns; the one before is retired.

        `make` derives the address of an index. With `memo` users share the address of index 0 and are told
        apart by their memos.
        """
        number = self._last_id + 1
        given = DepositAddress(
            id=number,
            user=user,
            chain=chain,
            address=make(0 if memo else number),
            memo=str(_FIRST_MEMO + number) if memo else "",
            created_at=now,
        )
        before = self._current.get((user, chain))
        with self._engine.begin() as connection:
            if before is not None:
                retire = update(_addresses).where(_addresses.c.id == before.id).values(retired=True)
                connection.execute(retire)
            connection.execute(insert(_addresses).values(_values(given)))
        self._remember(given)
        return given

    def _remember(self, address: DepositAddress) -> None:
        self._last_id = max(self._last_id, address.id)
        self._owners[(address.chain, address.address, address.memo)] = address.user
        self._chains[address.chain] = None
        if not address.retired:
            self._current[(address.user, address.chain)] = address


def _values(address: DepositAddress) -> dict[str, Any]:
    values = msgspec.structs.asdict(address)
    values["user_id"] = values.pop("user")
    return values


def _address_of(row: Row[Any]) -> DepositAddress:
    return DepositAddress(
        row.id, row.user_id, row.chain, row.address, row.memo, row.created_at, bool(row.retired)
    )
