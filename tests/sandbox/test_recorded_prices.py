from pathlib import Path
from random import Random

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
