from pathlib import Path

import pytest

from openbourse.venue.listing import MAX_NUMBER, Listing


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'accounts.db'}"


def test_a_number_is_given_once_and_outlives_the_process(url: str) -> None:
    listing = Listing(url)
    first = listing.number("market", "BTCUSDT", preferred=78)
    second = listing.number("market", "LTCUSDT")
    assert (first, second) == (78, 1001)
    assert listing.number("market", "BTCUSDT", preferred=5) == 78
    listing.close()
    again = Listing(url)
    assert (again.number("market", "BTCUSDT"), again.number("market", "LTCUSDT")) == (78, 1001)
    assert again.number("market", "ETHUSDT") == 1002
    assert (again.name("market", 78), again.name("market", 79)) == ("BTCUSDT", None)
    again.close()


def test_markets_and_assets_count_separately(url: str) -> None:
    listing = Listing(url)
    assert listing.number("market", "A") == listing.number("asset", "A") == 1001
    assert (listing.name("market", 1001), listing.name("asset", 1002)) == ("A", None)
    listing.close()


def test_a_preferred_number_that_is_taken_is_not_given_twice(url: str) -> None:
    listing = Listing(url)
    listing.assign("asset", "XYZ", 50)
    assert listing.number("asset", "BTC", preferred=50) == 1001
    listing.close()


def test_what_the_operator_may_not_assign(url: str) -> None:
    listing = Listing(url)
    listing.assign("market", "BTCUSDT", 78)
    listing.assign("market", "BTCUSDT", 78)
    with pytest.raises(ValueError, match="is that of the market BTCUSDT"):
        listing.assign("market", "ETHUSDT", 78)
    with pytest.raises(ValueError, match="has number 78 already"):
        listing.assign("market", "BTCUSDT", 79)
    for number in (0, -1, MAX_NUMBER + 1):
        with pytest.raises(ValueError, match="from 1 to"):
            listing.assign("market", "LTCUSDT", number)
    listing.close()
