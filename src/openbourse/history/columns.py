"""Column types of the history."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Integer, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, UserDefinedType


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


class Whole(TypeDecorator[int]):
    """A 64-bit integer. Larger numbers, which clients may ask for, compare as the largest there is.

    SQLite stores rows by their INTEGER PRIMARY KEY, and only by one that is called so.
    """

    impl = BigInteger().with_variant(Integer(), "sqlite")
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> int | None:  # noqa: ARG002 - as above
        return None if value is None else min(max(value, -(2**63)), 2**63 - 1)


def amount(name: str) -> Column[int]:
    """A price, quantity, rate or amount of money in the scales of `core.units`."""
    return Column(name, Amount(), nullable=False)


def whole(name: str, primary_key: bool = False) -> Column[int]:
    """An id, a sequence number or a time in ms."""
    return Column(name, Whole(), primary_key=primary_key, nullable=False, autoincrement=False)


def word(name: str, primary_key: bool = False) -> Column[str]:
    return Column(name, Text(), primary_key=primary_key, nullable=False)


def flag(name: str) -> Column[bool]:
    return Column(name, Boolean(), nullable=False)
