"""About twenty seconds of fuzzing; SOAK_SECONDS=600 in the environment makes it ten minutes.

SOAK_SEED chooses the first seed. `python -m benchmarks soak` runs the same rounds among others.
"""

import os
import time
from collections import Counter
from collections.abc import Callable

import pytest

from tests.wire.coinex.ws.fuzzing import fuzz_requests, fuzz_sessions, fuzz_sockets

SECONDS = float(os.environ.get("SOAK_SECONDS", "20"))
FIRST_SEED = int(os.environ.get("SOAK_SEED", "1"))


@pytest.mark.parametrize(("fuzz", "share"), [(fuzz_requests, 0.2), (fuzz_sessions, 0.5), (fuzz_sockets, 0.3)])
def test_any_bytes(fuzz: Callable[[int], Counter[str]], share: float) -> None:
    end = time.monotonic() + SECONDS * share
    number = FIRST_SEED
    while time.monotonic() < end:
        assert fuzz(number)
        number += 1
    assert number > FIRST_SEED
