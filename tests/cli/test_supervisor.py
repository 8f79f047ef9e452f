"""The supervisor alone, with children that do nothing."""

import subprocess
import sys

from tests.cli.processes import environment


def told(story: str) -> list[str]:
    """What the processes of a story say."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.cli.supervised", story],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout.splitlines()


def test_the_engine_is_told_once_to_end_and_the_supervisor_waits_meanwhile() -> None:
    assert told("stop") == ["engine told 1 times", "status 0", "shortest wait 1.0"]
