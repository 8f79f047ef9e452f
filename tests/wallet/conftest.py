"""A desk that is furnished."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.wallet.desk import Desk


@pytest_asyncio.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    opened = await Desk.open(tmp_path / "venue")
    yield opened
    await opened.close()
