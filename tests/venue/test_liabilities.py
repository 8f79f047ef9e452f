"""What a running venue answers about publications."""

import asyncio
from pathlib import Path

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


async def test_not_too_many_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(liabilities, "MAX_WAITING", 2)
    publish(tmp_path, 1)
    asked = desk(tmp_path)
    answers = await asyncio.gather(*(asked.publication(1) for _ in range(3)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [Publication, Publication, Busy]
    assert (await asked.publication(1)).published_at == 5
    asked.close()
