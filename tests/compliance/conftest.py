from collections.abc import Iterator
from typing import Any

import pytest

from tests.compliance.ccxt_client import client
from tests.compliance.hosting import Hosted, hosted


@pytest.fixture(scope="module")
def venue() -> Iterator[Hosted]:
    """One venue for all tests of a file: each cleans its own orders up."""
    with hosted() as venue:
        yield venue


@pytest.fixture(scope="module")
def trader(venue: Hosted) -> Any:
    return client(venue.url, venue.trader)
