"""Whole venues on simulated machines, for fixed seeds: tests/simulation/story.py and town/story.py."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from openbourse.log.errors import LogError
from tests.core.dice import Dice
from tests.simulation.disk import SimulatedDisk
from tests.simulation.loop import Deadlock, VirtualLoop
from tests.simulation.machine import Machine
from tests.simulation.story import Story
from tests.simulation.town.story import TownStory

SEEDS = (0, 1)
TOWN_SEEDS = (1, 2, 3)


def _told(make: Callable[[int, Path], Story | TownStory], seed: int, folder: Path) -> Counter[str]:
    folder.mkdir()
    try:
        return make(seed, folder).run()
    except BaseException as error:
        town = " town" if make is TownStory else ""
        raise AssertionError(f"again: python -m tests.simulation {seed}{town}") from error


# Only what happens often is asked for: which seed reaches what else changes with every change of the venue.
# `make soak` tells what was reached, of everything that is meant to be.


def test_venues_keep_their_promises_whatever_happens_to_them(tmp_path: Path) -> None:
    total: Counter[str] = Counter()
    for seed in SEEDS:
        total += _told(Story, seed, tmp_path / str(seed))
    assert sum(count for name, count in total.items() if name.startswith("fault ")) >= 5
    for name in ("commands", "conservation sweeps", "state limit open", "state limit filled"):
        assert total[name], f"the stories are about nothing: {total}"


def test_a_town_is_told_the_truth_whatever_happens_to_it(tmp_path: Path) -> None:
    total: Counter[str] = Counter()
    for seed in TOWN_SEEDS:
        total += _told(TownStory, seed, tmp_path / str(seed))
    assert sum(count for name, count in total.items() if name.startswith("fault ")) >= 10
    for name in (
        *("commands", "claims judged", "answers heard", "WebSocket messages", "payments to the venue"),
        *("state limit open", "state deposit finished", "state withdrawal approved"),
    ):
        assert total[name], f"the stories are about nothing: {total}"


def test_a_seed_tells_the_same_story_again(tmp_path: Path) -> None:
    one = _told(lambda seed, path: Story(seed, path, lives=2), 3, tmp_path / "one")
    assert one == _told(lambda seed, path: Story(seed, path, lives=2), 3, tmp_path / "other")


def test_a_town_does_the_same_again(tmp_path: Path) -> None:
    town = _told(lambda seed, path: TownStory(seed, path, lives=1), 5, tmp_path / "town")
    assert town == _told(lambda seed, path: TownStory(seed, path, lives=1), 5, tmp_path / "twin")


def test_a_venue_that_answers_before_the_commit_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that has not what it says: its last write may be lost though people were told of it."""

    unsure = property(lambda _: True, lambda *_: None)
    monkeypatch.setattr(SimulatedDisk, "unfinished", unsure, raising=False)
    found = []
    for seed in range(20):
        folder = tmp_path / str(seed)
        folder.mkdir()
        try:
            Story(seed, folder).run()
        except (AssertionError, LogError) as error:
            found.append(str(error))
        if found:
            break
    assert found, "the simulation is blind"
    signs = ("are gone", "not in the log", "was seen as", "lost commands")
    assert any(sign in found[0] for sign in signs), found


def test_nobody_waits_for_ever_unseen() -> None:
    loop = VirtualLoop(Machine(0.0, None), Dice(0))
    with pytest.raises(Deadlock):
        loop.run_until_complete(loop.create_future())
    loop.abandon()
