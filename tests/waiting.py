"""Waiting until something holds, however slow the machine: no test counts on a time being long enough."""

import asyncio
import time
from collections.abc import Callable

SECONDS = 30.0


def wait_until(holds: Callable[[], object], seconds: float = SECONDS) -> None:
    """Look again and again until it holds; AssertionError when it never does."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.02)


async def until(holds: Callable[[], object], seconds: float = SECONDS) -> None:
    """As `wait_until`, while the event loop goes on."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it never happened"
        await asyncio.sleep(0.01)
