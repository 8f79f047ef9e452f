"""What a running venue answers about publications."""

import asyncio
import gc
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from openbourse.accounts.opening import open_accounts
from openbourse.liabilities.archive import Archive
from openbourse.liabilities.errors import UnpublishedError
from openbourse.liabilities.records import FORMAT, VERSION, Counted, Publication
from openbourse.venue import liabilities
from openbourse.venue.liabilities import Liabilities
from openbourse.venue.sequencer import Busy


def desk(folder: Path) -> Liabilities:
    return Liabilities(folder / "liabilities", open_accounts("sqlite://", folder / "master.key", {}))


def publish(folder: Path, *sequences: int) -> None:
    """Publications without any balances."""
    archive = Archive(folder / "liabilities")
    archive.folder.mkdir(exist_ok=True)
    for sequence in sequences:
        archive.write(Publication(FORMAT, VERSION, "ab" * 32, 5, Counted("", sequence, 4, [])))


async def test_before_the_first_publication(tmp_path: Path) -> None:
    asked = desk(tmp_path)
    found = await asked.published(None, 10)
    assert (found.latest, found.history, found.has_next) == (None, [], False)
    with pytest.raises(UnpublishedError, match="nothing was published of command 7"):
        await asked.publication(7)
    asked.close()


async def test_pages_of_publications(tmp_path: Path) -> None:
    publish(tmp_path, *range(1, 8))
    asked = desk(tmp_path)
    before, seen = None, []
    while True:
        page = await asked.published(before, 3)
        assert page.latest is not None
        assert page.latest.publication.sequence == 7
        seen.append([row.sequence for row in page.history])
        if not page.has_next:
            break
        before = page.history[-1].sequence
    assert seen == [[7, 6, 5], [4, 3, 2], [1]]
    publish(tmp_path, 8)
    assert (await asked.published(None, 1)).history[0].sequence == 8
    asked.close()


async def test_files_are_looked_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anybody may ask for them, as often as the limit of an address lets them."""
    publish(tmp_path, *range(1, 201))
    folder = tmp_path / "liabilities"
    _age(folder)
    asked = desk(tmp_path)
    looked: list[object] = []
    for name in ("iterdir", "glob", "read_bytes", "exists"):
        monkeypatch.setattr(Path, name, _counted(getattr(Path, name), looked))
    first = await asked.published(None, 100)
    assert len(looked) == 1 + 101
    second = await asked.published(101, 100)
    assert len(looked) == 1 + 201
    for _ in range(3):
        assert (await asked.published(None, 100), await asked.published(101, 100)) == (first, second)
    assert len(looked) == 1 + 201
    publish(tmp_path, 201)
    assert (await asked.published(None, 1)).history[0].sequence == 201
    asked.close()


async def test_what_was_published_a_moment_after_a_look_is_seen(tmp_path: Path) -> None:
    """Also when the file system's clock has not moved on meanwhile."""
    publish(tmp_path, 1)
    asked = desk(tmp_path)
    folder = tmp_path / "liabilities"
    changed = folder.stat().st_mtime_ns
    assert [row.sequence for row in (await asked.published(None, 9)).history] == [1]
    publish(tmp_path, 2)
    os.utime(folder, ns=(changed, changed))
    assert [row.sequence for row in (await asked.published(None, 9)).history] == [2, 1]
    asked.close()


async def test_whether_there_are_proofs_is_said_as_it_is_now(tmp_path: Path) -> None:
    publish(tmp_path, 1, 2)
    trees = [Archive(tmp_path / "liabilities").trees(sequence) for sequence in (1, 2)]
    asked = desk(tmp_path)
    for file in trees:
        file.touch()
    assert [row.proofs for row in (await asked.published(None, 9)).history] == [True, True]
    trees[0].unlink()
    assert [row.proofs for row in (await asked.published(None, 9)).history] == [True, False]
    asked.close()


async def test_few_publications_stay_in_memory(tmp_path: Path) -> None:
    publish(tmp_path, *range(1, 301))
    asked = desk(tmp_path)
    for sequence in range(1, 301):
        assert (await asked.publication(sequence)).publication.sequence == sequence
    gc.collect()
    assert sum(isinstance(each, Publication) for each in gc.get_objects()) < 100
    asked.close()


def _age(folder: Path) -> None:
    """Let nothing have changed in a folder for a while."""
    before = time.time_ns() - 60_000_000_000
    os.utime(folder, ns=(before, before))


def _counted(function: Callable[..., Any], calls: list[object]) -> Callable[..., Any]:
    def counted(*given: Any, **named: Any) -> Any:
        calls.append(given)
        return function(*given, **named)

    return counted


async def test_not_too_many_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(liabilities, "MAX_WAITING", 2)
    publish(tmp_path, 1)
    asked = desk(tmp_path)
    answers = await asyncio.gather(*(asked.publication(1) for _ in range(3)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [Publication, Publication, Busy]
    assert (await asked.publication(1)).published_at == 5
    asked.close()
