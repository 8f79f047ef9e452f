from collections.abc import Iterator

import pytest

from openbourse.testing import Sandbox
from tests.client.coinex.world import World, world_of


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """One venue for all tests of a file."""
    with Sandbox.running() as sandbox, world_of(sandbox) as world:
        yield world
        sandbox.check_ledger()
