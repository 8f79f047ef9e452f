"""Equal runs, whatever ran before and beside them.

Hypothesis takes the same examples every time, and none fails for being slow; other ones:
`pytest --hypothesis-profile=default`. What looks for the unknown without end is `make soak`.
"""

import logging

import pytest
import structlog
from hypothesis import HealthCheck, settings

settings.register_profile(
    "fixed", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("fixed")


@pytest.fixture(autouse=True, scope="module")
def _logs_as_they_are_at_first() -> None:
    """A sandbox in this process leaves a filter behind, and a command the level that it was given."""
    structlog.reset_defaults()
    logging.root.setLevel(logging.WARNING)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests come first: of two processes none is left alone with one at the end."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)
