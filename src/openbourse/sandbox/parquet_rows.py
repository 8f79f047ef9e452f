"""Two columns of a Parquet file, as the texts that a CSV file would have. Needs `openbourse[parquet]`."""

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any, Final

MAGIC: Final = b"PAR1"
# So many rows are in memory at a time.
_PAGE: Final = 65_536


class ParquetError(Exception):
    """The file, or what reads it, is not usable; the text says why."""


def parquet_rows(path: Path, choose: Callable[[Iterable[str]], tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The time (Unix ms where the column has a type of time) and the price of each row.

    `choose` picks their columns from all that there are. Raises ParquetError; OSError.
    """
    try:
        arrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError:
        raise ParquetError(
            "Parquet needs the package pyarrow: pip install 'openbourse[parquet]', or write CSV"
        ) from None
    try:
        with parquet.ParquetFile(path) as file:
            time, price = choose(file.schema_arrow.names)
            for page in file.iter_batches(batch_size=_PAGE, columns=[time, price]):
                times = _milliseconds(arrow, page.column(time)).to_pylist()
                yield from zip(map(_text, times), map(_text, page.column(price).to_pylist()), strict=True)
    except arrow.ArrowException as error:
        raise ParquetError(" ".join(str(error).split())[:200]) from None


def _milliseconds(arrow: Any, column: Any) -> Any:
    """A column of moments as whole milliseconds; a moment that names no zone is UTC. Others as they are."""
    if arrow.types.is_date(column.type):
        column = column.cast(arrow.timestamp("ms"))
    if arrow.types.is_timestamp(column.type):
        zone = column.type.tz
        return column.cast(arrow.timestamp("ms", tz=zone), safe=False).cast(arrow.int64())
    return column


def _text(value: object) -> str:
    if isinstance(value, float):
        # The shortest decimal number that is this float: what the file's author meant.
        return format(Decimal(repr(value)), "f")
    return "" if value is None else str(value)
