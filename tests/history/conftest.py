"""One recorded stream of random traffic, and a history that holds it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from openbourse.core.events import Applied
from openbourse.history.history import History
from tests.market_data.recorded import recorded


@pytest.fixture(scope="session")
def record() -> list[Applied]:
    return recorded(seed=2026, count=20_000)


@pytest.fixture(scope="session")
def filled(record: list[Applied], tmp_path_factory: pytest.TempPathFactory) -> Iterator[History]:
    """For queries only."""
    history = History(f"sqlite:///{tmp_path_factory.mktemp('history')}/history.db")
    for first in range(0, len(record), 250):
        history.apply(record[first : first + 250])
    yield history
    history.close()


@pytest.fixture
def connection(filled: History) -> Iterator[Connection]:
    with filled.engine.connect() as opened:
        yield opened


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/history.db"
