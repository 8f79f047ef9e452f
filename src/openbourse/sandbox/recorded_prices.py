"""Reference prices from a file: the user's own candles or trades, lived through again.

A CSV file with a header, or a Parquet file. The time is in the column `time`, `timestamp`, `date` or
`created_at` (Unix seconds or milliseconds, or ISO 8601; in Parquet also a time stamp or a date); the price in
`price` or `close`. Rows ascend in time. Names of columns may be in capitals.
"""

import csv
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

from openbourse.core.decimals import parse_decimal, scaled
from openbourse.core.units import UNIT_DECIMALS
from openbourse.sandbox.parquet_rows import MAGIC, ParquetError, parquet_rows

MAX_ROWS: Final = 5_000_000
_TIMES: Final = ("time", "timestamp", "date", "created_at")
_PRICES: Final = ("price", "close")
# Unix times below this are seconds: in milliseconds they would lie in the year 1973.
_SECONDS_BELOW: Final = 10**11


class RecordingError(Exception):
    """The file cannot be replayed; the text is a sentence that names it."""


class Row(NamedTuple):
    """The two texts that count, and where they are: "line 7" of a file for people, "row 7" of others."""

    place: str
    time: str
    price: str


class Recording:
    """Prices by the time since the first of them, in ms."""

    def __init__(self, times: list[int], prices: list[int]) -> None:
        """Both of equal length, not empty; times ascend."""
        self._times = [time - times[0] for time in times]
        self._prices = prices

    @property
    def length_ms(self) -> int:
        """From the first row to the last."""
        return self._times[-1]

    def at(self, elapsed: int) -> int:
        """The price (10^-12) that stood `elapsed` ms after the first; the last one stays for ever."""
        return self._prices[max(0, bisect_right(self._times, elapsed) - 1)]


def read_recording(path: Path) -> Recording:
    """What the file says, be it CSV or Parquet. Raises RecordingError."""
    try:
        with path.open("rb") as file:
            columnar = file.read(len(MAGIC)) == MAGIC
        return _recording(path, _rows_of_parquet(path) if columnar else _rows_of_csv(path))
    except OSError as error:
        raise RecordingError(f"cannot read {path}: {error.strerror or error}") from None
    except (csv.Error, UnicodeDecodeError, ParquetError) as error:
        raise RecordingError(f"cannot read {path}: {error}") from None


def _recording(path: Path, rows: Iterable[Row]) -> Recording:
    times: list[int] = []
    prices: list[int] = []
    for row in rows:
        try:
            time, price = _time(row.time), _price(row.price)
        except (ValueError, TypeError, OverflowError) as error:
            raise RecordingError(f"{path}, {row.place}: {error}") from None
        if price <= 0 or (times and time < times[-1]) or len(times) >= MAX_ROWS:
            raise RecordingError(
                f"{path}, {row.place}: prices are above 0, times ascend, and there are {MAX_ROWS:,} at most"
            )
        times.append(time)
        prices.append(price)
    if not times:
        raise RecordingError(f"{path} has no rows")
    return Recording(times, prices)


def _rows_of_csv(path: Path) -> Iterator[Row]:
    with path.open(newline="", encoding="utf-8-sig") as stream:
        rows = csv.DictReader(stream)
        time, price = _columns(path, rows.fieldnames or ())
        for number, row in enumerate(rows, start=2):
            yield Row(f"line {number}", row[time], row[price])


def _rows_of_parquet(path: Path) -> Iterator[Row]:
    rows = parquet_rows(path, lambda names: _columns(path, names))
    for number, (time, price) in enumerate(rows, start=1):
        yield Row(f"row {number}", time, price)


def _columns(path: Path, present: Iterable[str]) -> tuple[str, str]:
    """The names of the columns for time and price, as the file spells them."""
    fields = {name.strip().lower(): name for name in present}
    found = []
    for names in (_TIMES, _PRICES):
        name = next((fields[name] for name in names if name in fields), None)
        if name is None:
            raise RecordingError(f"{path} has no column {' or '.join(names)}")
        found.append(name)
    return found[0], found[1]


def _time(text: str) -> int:
    try:
        number = float(text)
    except ValueError:
        moment = datetime.fromisoformat(text)
        return round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)
    return round(number * 1000) if number < _SECONDS_BELOW else round(number)


def _price(text: str) -> int:
    return scaled(parse_decimal(text), UNIT_DECIMALS)
