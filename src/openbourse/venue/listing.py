"""The listing: the numbers under which markets and assets go.

Some protocols name a market or an asset by a number, and their clients keep such numbers in their own
configuration. So a number is given once, kept in the relational database, and never changes or passes to
another. Markets and assets count separately: the two may have equal numbers.
"""

import threading
from collections.abc import Callable
from typing import Final, Literal

from sqlalchemy import (
    BigInteger,
    Column,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    create_engine,
    insert,
    select,
)

Kind = Literal["market", "asset"]

MAX_NUMBER: Final = 2**31 - 1

# Where numbers begin that nobody has chosen: below is room for those that clients of real venues know.
_FIRST_FREE: Final = 1001

_metadata = MetaData()
_numbers = Table(
    "listing_numbers",
    _metadata,
    Column("kind", String(8), primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("number", BigInteger, nullable=False),
    UniqueConstraint("kind", "number", name="listing_number"),
)


class Listing:
    """All numbers, held in memory and kept in the relational database."""

    def __init__(self, url: str) -> None:
        """Open or create the listing in the database at `url`."""
        self._engine = create_engine(url)
        _metadata.create_all(self._engine)
        self._change = threading.Lock()
        self._listeners: list[Callable[[Kind, str, int], None]] = []
        self._number_of: dict[Kind, dict[str, int]] = {"market": {}, "asset": {}}
        self._name_of: dict[Kind, dict[int, str]] = {"market": {}, "asset": {}}
        with self._engine.connect() as connection:
            for row in connection.execute(select(_numbers)):
                self._remember(row.kind, row.name, row.number)

    def number(self, kind: Kind, name: str, preferred: int = 0) -> int:
        """The number of a market or an asset; it is given one now if it has none.

        That is `preferred`, unless it is 0 or taken, else the next free one.
        """
        found = self._number_of[kind].get(name)
        if found is not None:
            return found
        with self._change:
            found = self._number_of[kind].get(name)
            if found is None:
                taken = self._name_of[kind]
                found = preferred if preferred and preferred not in taken else self._next_free(kind)
                self._store(kind, name, found)
            return found

    def name(self, kind: Kind, number: int) -> str | None:
        """The market or asset that has this number, None if none has."""
        return self._name_of[kind].get(number)

    def known(self, kind: Kind, name: str) -> int | None:
        """The number that a market or an asset has; None if it was not given one yet."""
        return self._number_of[kind].get(name)

    def assign(self, kind: Kind, name: str, number: int) -> None:
        """Give this very number. ValueError if it is another's, or if `name` has another already."""
        with self._change:
            self.check(kind, name, number)
            if name not in self._number_of[kind]:
                self._store(kind, name, number)

    def check(self, kind: Kind, name: str, number: int) -> None:
        """Could this number be assigned? Raises ValueError as `assign` does, and changes nothing."""
        if not 1 <= number <= MAX_NUMBER:
            raise ValueError(f"a listing number is from 1 to {MAX_NUMBER}")
        present = self._number_of[kind].get(name, number)
        if present != number:
            raise ValueError(f"the {kind} {name} has number {present} already, and keeps it")
        owner = self._name_of[kind].get(number, name)
        if owner != name:
            raise ValueError(f"number {number} is that of the {kind} {owner}")

    def all(self) -> list[tuple[Kind, str, int]]:
        """Every number that was given."""
        return [(kind, *given) for kind, numbers in self._number_of.items() for given in numbers.items()]

    def on_change(self, listener: Callable[[Kind, str, int], None]) -> None:
        """Call `listener` with every number that is given, in the thread that gives it."""
        self._listeners.append(listener)

    def close(self) -> None:
        self._engine.dispose()

    def _next_free(self, kind: Kind) -> int:
        return max(_FIRST_FREE - 1, *self._name_of[kind], 0) + 1

    def _store(self, kind: Kind, name: str, number: int) -> None:
        with self._engine.begin() as connection:
            connection.execute(insert(_numbers).values(kind=kind, name=name, number=number))
        self._remember(kind, name, number)
        for listener in self._listeners:
            listener(kind, name, number)

    def _remember(self, kind: Kind, name: str, number: int) -> None:
        self._number_of[kind][name] = number
        self._name_of[kind][number] = name
