"""Column types of the history."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Integer, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import UserDefinedType


class Amount(UserDefinedType[int]):
    """An exact integer of any size, kept as decimal text.

    Money counts in 10^-24 and does not fit into 64 bits; text is exact in every database and needs no
    conversion that could round. Nothing is ever summed or compared in SQL.
    """

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "TEXT"

    def bind_processor(self, dialect: Dialect) -> Callable[[int | None], str]:  # noqa: ARG002 - SQLAlchemy asks
        return str

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[str], int]:  # noqa: ARG002 - as above
        return int


# SQLite stores rows by their INTEGER PRIMARY KEY, and only by one that is called so.
_INT64 = BigInteger().with_variant(Integer(), "sqlite")


def amount(name: str) -> Column[int]:
    """A price, quantity, rate or amount of money in the scales of `core.units`."""
    return Column(name, Amount(), nullable=False)


def whole(name: str, primary_key: bool = False) -> Column[int]:
    """An id, a sequence number or a time in ms."""
    return Column(name, _INT64, primary_key=primary_key, nullable=False, autoincrement=False)


def word(name: str, primary_key: bool = False) -> Column[str]:
    return Column(name, Text(), primary_key=primary_key, nullable=False)


def flag(name: str) -> Column[bool]:
    return Column(name, Boolean(), nullable=False)
