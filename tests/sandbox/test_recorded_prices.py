import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from openbourse.core.units import UNIT
from openbourse.sandbox.recorded_prices import RecordingError, read_recording
from openbourse.sandbox.reference_price import ReferencePrices


def write(path: Path, text: str) -> Path:
    file = path / "prices.csv"
    file.write_text(text)
    return file


@pytest.mark.parametrize(
    "text",
    [
        "timestamp,open,high,low,close,volume\n1700000000,1,2,0.5,1.5,9\n1700000060,1.5,2,1,1.75,9\n",
        "time,price,amount\n1700000000000,1.5,9\n1700000060000,1.75,9\n",
        "Date,Close\n2023-11-14T22:13:20,1.5\n2023-11-14 22:14:20+00:00,1.75\n",
        "\ufeffcreated_at,price\n1700000000000,1.5\n1700000060000,1.75\n",
    ],
)
def test_candles_and_trades_in_the_usual_spellings(tmp_path: Path, text: str) -> None:
    recording = read_recording(write(tmp_path, text))
    assert recording.length_ms == 60_000
    prices = [recording.at(elapsed) for elapsed in (-5, 0, 59_999, 60_000, 10**9)]
    assert [price * 100 // UNIT for price in prices] == [150, 150, 150, 175, 175]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("time,price\n", "no rows"),
        ("", "no column time"),
        ("time,volume\n1,2\n", "no column price or close"),
        ("time,price\n5,1\n4,1\n", "line 3: prices are above 0, times ascend"),
        ("time,price\n5,0\n", "line 2: prices are above 0"),
        ("time,price\n5,much\n", "line 2: not a decimal number"),
        ("time,price\nyesterday,1\n", "line 2"),
        ("time,price\n5\n", "line 2"),
    ],
)
def test_what_cannot_be_replayed_is_named(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(RecordingError, match=why):
        read_recording(write(tmp_path, text))
    with pytest.raises(RecordingError, match="cannot read"):
        read_recording(tmp_path / "none.csv")


def test_a_followed_asset_lives_its_recording_from_now_on(tmp_path: Path) -> None:
    prices = ReferencePrices({"BTC": 60_000 * UNIT, "ETH": 3_000 * UNIT}, "USDT", Random(1), 1_000_000)
    file = write(tmp_path, "time,price\n1700000000,100\n1700000060,200\n")
    prices.follow("BTC", read_recording(file))
    assert prices.of("BTC", "USDT") == 100 * UNIT
    prices.advance(1_030_000)
    assert prices.of("BTC", "USDT") == 100 * UNIT
    prices.advance(1_060_000)
    assert prices.of("BTC", "USDT") == 200 * UNIT
    assert prices.of("ETH", "USDT") != 3_000 * UNIT


def parquet(path: Path, columns: dict[str, Any]) -> Path:
    file = path / "prices.parquet"
    pq.write_table(pa.table(columns), file)
    return file


START, NEXT = (datetime(2023, 11, 14, 22, minute, 20, 123456, UTC) for minute in (13, 14))


@pytest.mark.parametrize(
    "columns",
    [
        {"timestamp": [1700000000, 1700000060], "open": [1, 1], "close": [1.5, 1.75]},
        {"time": [1700000000000, 1700000060000], "price": ["1.5", "1.75"]},
        {"Date": ["2023-11-14T22:13:20", "2023-11-14 22:14:20+00:00"], "Close": [1.5, 1.75]},
        {"created_at": [1700000000.0, 1700000060.0], "price": [Decimal("1.5"), Decimal("1.75")]},
        {"time": pa.array([START, NEXT], pa.timestamp("ns")), "price": [1.5, 1.75]},
        {
            "time": pa.array([START, NEXT], pa.timestamp("us", "Asia/Hong_Kong")),
            "price": [1.5, 1.75],
        },
    ],
)
def test_parquet_says_what_csv_says(tmp_path: Path, columns: dict[str, Any]) -> None:
    recording = read_recording(parquet(tmp_path, columns))
    assert recording.length_ms == 60_000
    assert [recording.at(elapsed) * 100 // UNIT for elapsed in (0, 59_999, 60_000)] == [150, 150, 175]


def test_parquet_knows_days_small_prices_and_many_rows(tmp_path: Path) -> None:
    days = {"date": [date(2024, 2, 28), date(2024, 3, 1)], "close": [0.00001, 1e-7]}
    recording = read_recording(parquet(tmp_path, days))
    assert recording.length_ms == 2 * 86_400_000
    assert (recording.at(0), recording.at(2 * 86_400_000)) == (UNIT // 10**5, UNIT // 10**7)
    many = 200_000
    recording = read_recording(
        parquet(tmp_path, {"time": range(10**12, 10**12 + many), "price": range(1, many + 1)})
    )
    assert recording.length_ms == many - 1
    assert recording.at(many // 2) == (many // 2 + 1) * UNIT


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        ({"time": [], "price": []}, "no rows"),
        ({"time": [1], "volume": [2]}, "no column price or close"),
        ({"time": [5, 4], "price": [1, 1]}, "row 2: prices are above 0, times ascend"),
        ({"time": [5, 6], "price": [1.0, None]}, "row 2: not a decimal number"),
        ({"time": [5], "price": [float("nan")]}, "row 1: not a decimal number"),
        ({"time": [float("inf")], "price": [1]}, "row 1: "),
        ({"time": [datetime(2024, 1, 1, tzinfo=UTC), None], "price": [1, 1]}, "row 2: "),
    ],
)
def test_what_cannot_be_replayed_of_parquet_is_named(
    tmp_path: Path, columns: dict[str, Any], why: str
) -> None:
    with pytest.raises(RecordingError, match=why):
        read_recording(parquet(tmp_path, columns))


def test_a_damaged_parquet_file_is_said_in_one_line(tmp_path: Path) -> None:
    file = parquet(tmp_path, {"time": [1], "price": [1]})
    file.write_bytes(file.read_bytes()[:-9])
    with pytest.raises(RecordingError, match=r"cannot read .*prices\.parquet: ") as caught:
        read_recording(file)
    assert "\n" not in str(caught.value)


def test_without_pyarrow_one_is_told_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = parquet(tmp_path, {"time": [1], "price": [1]})
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(RecordingError, match=r"pip install 'openbourse\[parquet\]'"):
        read_recording(file)
