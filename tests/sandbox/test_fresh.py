from pathlib import Path

import pytest

from openbourse.log.data_directory import DataDirectory
from openbourse.log.errors import LogError
from openbourse.sandbox.fresh import wipe
from openbourse.sandbox.setup import set_up
from tests.sandbox.venues import running


def names(path: Path) -> set[str]:
    return {entry.name for entry in path.iterdir()}


async def test_a_sandbox_is_emptied_and_starts_anew(tmp_path: Path) -> None:
    async with running(tmp_path) as venue:
        await set_up(venue)
    (tmp_path / "notes.txt").write_text("somebody's")
    wipe(tmp_path)
    assert names(tmp_path) == {"openbourse.json", "lock", "notes.txt"}
    async with running(tmp_path) as venue:
        assert venue.exchange.sequence == 0
        assert venue.accounts.users() == []


def test_what_is_not_there_stays_so(tmp_path: Path) -> None:
    wipe(tmp_path / "none")
    assert names(tmp_path) == set()


def test_all_that_a_data_directory_may_have_is_removed(tmp_path: Path) -> None:
    directory = DataDirectory(tmp_path / "venue")
    directory.open("sandbox")
    directory.close()
    paths = [getattr(directory, name) for name, it in vars(DataDirectory).items() if isinstance(it, property)]
    assert len(paths) > 8
    for path in paths:
        path.touch()
    wipe(directory.path)
    assert names(directory.path) == {"openbourse.json", "lock"}
    for path in (directory.quarantine, directory.liabilities, directory.source):
        path.mkdir()
        (path / "1").touch()
    wipe(directory.path)
    assert names(directory.path) == {"openbourse.json", "lock"}


async def test_a_production_venue_is_spared(tmp_path: Path) -> None:
    async with running(tmp_path, "production"):
        pass
    before = names(tmp_path)
    with pytest.raises(LogError, match="belongs to a production venue"):
        wipe(tmp_path)
    assert names(tmp_path) == before


def test_a_foreign_directory_is_spared(tmp_path: Path) -> None:
    (tmp_path / "commands.db").write_text("mine")
    with pytest.raises(LogError, match="choose another directory"):
        wipe(tmp_path)
    assert (tmp_path / "commands.db").read_text() == "mine"


def test_a_sandbox_in_use_is_spared(tmp_path: Path) -> None:
    directory = DataDirectory(tmp_path)
    directory.open("sandbox")
    (tmp_path / "commands.db").write_text("in use")
    with pytest.raises(LogError, match="in use"):
        wipe(tmp_path)
    assert (tmp_path / "commands.db").exists()
    directory.close()
