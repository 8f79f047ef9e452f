"""The pytest plugin: fixtures `sandbox` and `sandbox_process`.

    @pytest.mark.sandbox(factor=0)      # keyword arguments of Sandbox.running
    def test_my_bot(sandbox):
        ...

Nothing is imported before a test asks for a fixture.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from openbourse.testing.process import SandboxProcess
    from openbourse.testing.sandbox import Sandbox


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line(
        "markers", "sandbox(start, factor, seed, rate_limits): how the `sandbox` fixture's venue is made"
    )


def _wanted(request: pytest.FixtureRequest) -> dict[str, object]:
    marker = request.node.get_closest_marker("sandbox")
    return {} if marker is None else dict(marker.kwargs)


@pytest.fixture
def sandbox(request: pytest.FixtureRequest) -> Iterator["Sandbox"]:
    """A fresh venue in this process, with empty books; the ledger is checked when the test is over."""
    from openbourse.testing.sandbox import Sandbox  # noqa: PLC0415 - see above

    with Sandbox.running(**_wanted(request)) as running:  # type: ignore[arg-type]
        yield running
        running.check_ledger()


@pytest.fixture
def sandbox_process() -> Iterator["SandboxProcess"]:
    """A fresh venue as a process of its own, with two funded users and empty books."""
    from openbourse.testing.process import SandboxProcess  # noqa: PLC0415 - see above

    with SandboxProcess.running() as running:
        yield running
