"""Reference prices from a file: the user's own candles or trades, lived through again.

A CSV file with a header. The time is in the column `time`, `timestamp`, `date` or `created_at` (Unix
seconds or milliseconds, or ISO 8601); the price in `price` or `close`. Rows ascend in time.
"""

import csv
from bisect import bisect_right
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from openbourse.core.decimals import parse_decimal, scaled
from openbourse.core.units import UNIT_DECIMALS

MAX_ROWS: Final = 5_000_000
_TIMES: Final = ("time", "timestamp", "date", "created_at")
_PRICES: Final = ("price", "close")
# Unix times below this are seconds: in milliseconds they would lie in the year 1973.
_SECONDS_BELOW: Final = 10**11


class RecordingError(Exception):
    """The file cannot be replayed; the text is a sentence that names it."""


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
    """Raises RecordingError."""
    times: list[int] = []
    prices: list[int] = []
    try:
        with path.open(newline="", encoding="utf-8-sig") as stream:
            rows = csv.DictReader(stream)
            fields = {name.strip().lower(): name for name in rows.fieldnames or ()}
            time_field, price_field = _field(path, fields, _TIMES), _field(path, fields, _PRICES)
            for number, row in enumerate(rows, start=2):
                time, price = _time(row[time_field]), _price(row[price_field])
                if price <= 0 or (times and time < times[-1]) or len(times) >= MAX_ROWS:
                    raise RecordingError(f"{path}, line {number}: prices are above 0, times ascend")
                times.append(time)
                prices.append(price)
    except OSError as error:
        raise RecordingError(f"cannot read {path}: {error.strerror}") from None
    except (ValueError, TypeError, csv.Error) as error:
        raise RecordingError(f"{path}, line {len(times) + 2}: {error}") from None
    if not times:
        raise RecordingError(f"{path} has no rows")
    return Recording(times, prices)


def _field(path: Path, fields: Mapping[str, str], names: tuple[str, ...]) -> str:
    for name in names:
        if name in fields:
            return fields[name]
    raise RecordingError(f"{path} has no column {' or '.join(names)}")


def _time(text: str) -> int:
    try:
        number = float(text)
    except ValueError:
        moment = datetime.fromisoformat(text)
        return round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)
    return round(number * 1000) if number < _SECONDS_BELOW else round(number)


def _price(text: str) -> int:
    return scaled(parse_decimal(text), UNIT_DECIMALS)
