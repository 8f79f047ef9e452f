"""The supervisor alone, with children that do nothing."""

import subprocess
import sys

from openbourse.cli.supervisor import MAX_RESTART_SECONDS, Child, _postpone
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
        start_new_session=True,
    )
    return done.stdout.splitlines()


def test_the_engine_is_told_once_to_end_and_the_supervisor_waits_meanwhile() -> None:
    assert told("stop") == ["engine told 1 times", "status 0", "shortest wait 1.0"]


def test_when_there_is_no_room_for_a_new_process_the_others_serve_and_it_is_tried_again() -> None:
    assert told("no room again")[:3] == ["gateway there again", "engine told 1 times", "status 0"]


def test_when_there_is_no_room_from_the_beginning_all_end_in_order() -> None:
    assert told("no room")[:2] == ["engine told 1 times", "status 1"]


def test_who_dies_is_started_at_once_and_who_dies_again_and_again_waits_longer() -> None:
    child = Child("engine", lambda first: None)
    pauses = [_postpone(child) for _ in range(9)]
    assert pauses[:4] == [0.0, 0.1, 0.2, 0.4]
    assert pauses[-2:] == [MAX_RESTART_SECONDS] * 2
