"""Whole venues on simulated machines: tests/simulation/story.py, for fixed seeds."""

from collections import Counter
from pathlib import Path

import pytest

from tests.simulation.disk import SimulatedDisk
from tests.simulation.loop import Deadlock, VirtualLoop
from tests.simulation.story import Story

SEEDS = range(12)


def test_venues_keep_their_promises_whatever_happens_to_them(tmp_path: Path) -> None:
    total: Counter[str] = Counter()
    for seed in SEEDS:
        folder = tmp_path / str(seed)
        folder.mkdir()
        try:
            total += Story(seed, folder).run()
        except BaseException as error:
            raise AssertionError(f"again: python -m tests.simulation {seed}") from error
    for name in (
        *("crashes", "orderly ends", "recoveries from a snapshot", "disk full", "clock set", "sweeps"),
        *(f"last commit {kind}" for kind in ("whole", "lost", "torn", "flipped", "reordered")),
        *("refused as busy", "answers unknown", "clients gone", "snapshots damaged, an older one used"),
        *("state limit filled", "state stop triggered", "state withdrawal finished"),
    ):
        assert total[name], f"no seed reaches {name}: {total}"


def test_a_seed_tells_the_same_story_again(tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
    assert Story(3, tmp_path / "one").run() == Story(3, tmp_path / "other").run()


def test_a_venue_that_answers_before_the_commit_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that has not what it says: its last write may be lost though people were told of it."""

    unsure = property(lambda _: True, lambda *_: None)
    monkeypatch.setattr(SimulatedDisk, "unfinished", unsure, raising=False)
    found = []
    for seed in SEEDS:
        folder = tmp_path / str(seed)
        folder.mkdir()
        try:
            Story(seed, folder).run()
        except AssertionError as error:
            found.append(str(error))
        if found:
            break
    assert found, "the simulation is blind"
    assert "are gone" in found[0] or "not in the log" in found[0] or "was seen as" in found[0], found


def test_nobody_waits_for_ever_unseen() -> None:
    loop = VirtualLoop(0.0, 0)
    with pytest.raises(Deadlock):
        loop.run_until_complete(loop.create_future())
    loop.abandon()
