import pytest

from tests.wire.coinex.ws.world import World


@pytest.fixture
def world() -> World:
    return World()
