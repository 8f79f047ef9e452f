"""A few rounds of fuzzing; OPENBOURSE_TEST_SEED chooses the first seed. `make soak` runs ever new rounds."""

import os
from collections import Counter
from collections.abc import Callable

import pytest

from tests.wire.coinex.ws.fuzzing import fuzz_requests, fuzz_sessions, fuzz_sockets

ROUNDS = 4  # of a hundred examples each
FIRST_SEED = int(os.environ.get("OPENBOURSE_TEST_SEED", "1"))


@pytest.mark.parametrize("fuzz", [fuzz_requests, fuzz_sessions, fuzz_sockets])
def test_any_bytes(fuzz: Callable[[int], Counter[str]]) -> None:
    for number in range(FIRST_SEED, FIRST_SEED + ROUNDS):
        assert fuzz(number)
