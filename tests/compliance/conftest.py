from collections.abc import Iterator

import pytest

from tests.compliance.hosting import Hosted, hosted


@pytest.fixture(scope="module")
def venue() -> Iterator[Hosted]:
    """One venue for all tests of a file: each cleans its own orders up."""
    with hosted() as venue:
        yield venue
