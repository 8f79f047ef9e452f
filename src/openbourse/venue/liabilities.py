"""What was published about the venue's liabilities, for those whom a running venue answers.

Publishing itself happens in another process (`openbourse liabilities publish`), which leaves files; here
they are read, in threads of their own.
"""

import asyncio
from bisect import bisect_right
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from operator import neg
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from openbourse.accounts.accounts import Accounts
from openbourse.accounts.records import User
from openbourse.liabilities.archive import Archive
from openbourse.liabilities.errors import UnpublishedError
from openbourse.liabilities.records import Proof, Publication
from openbourse.venue.sequencer import Busy

THREADS: Final = 2
MAX_WAITING: Final = 64
# A year of hourly publications, in few words each.
KEPT_ROWS: Final = 10_000

T = TypeVar("T")


class Listed(msgspec.Struct, frozen=True):
    """A publication in few words. `proofs`: accounts can still get theirs. Times in Unix ms."""

    root: str
    previous: str
    sequence: int
    snapshot_at: int
    published_at: int
    proofs: bool


class Published(msgspec.Struct, frozen=True):
    """The newest publication, None before the first one, and one page of all, newest first."""

    latest: Publication | None
    history: list[Listed]
    has_next: bool


class Liabilities:
    """The desk that answers for what was published. Everything here may raise Busy when too many ask."""

    def __init__(self, folder: Path, accounts: Accounts) -> None:
        self._archive = Archive(folder)
        self._accounts = accounts
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="liabilities")
        self._asked = 0
        self._row = lru_cache(KEPT_ROWS)(self._read_row)

    def close(self) -> None:
        self._threads.shutdown(wait=True)

    async def published(self, before: int | None, most: int) -> Published:
        """At most so many publications, of commands before `before` if it is given. LiabilityError."""
        return await self._read(lambda: self._published(before, most))

    async def publication(self, sequence: int) -> Publication:
        """Raises LiabilityError: UnpublishedError when there is none."""
        return await self._read(lambda: self._archive.publication(sequence))

    async def proof(self, user: User, sequence: int | None) -> Proof:
        """What this very account was counted with, in the newest publication without `sequence`.

        Raises LiabilityError: UnpublishedError when nothing was published.
        """
        return await self._read(lambda: self._proof(user.public_id, sequence))

    async def _read(self, work: Callable[[], T]) -> T:
        if self._asked >= MAX_WAITING:
            raise Busy("too many ask for what was published")
        self._asked += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._asked -= 1

    # -- in a thread -----------------------------------------------------------------------------------

    def _published(self, before: int | None, most: int) -> Published:
        sequences, with_trees = self._archive.listing()
        start = 0 if before is None else bisect_right(sequences, -before, key=neg)
        end = start + most
        return Published(
            latest=self._archive.publication(sequences[0]) if sequences else None,
            history=[self._row(sequence, sequence in with_trees) for sequence in sequences[start:end]],
            has_next=end < len(sequences),
        )

    def _read_row(self, sequence: int, proofs: bool) -> Listed:
        found = self._archive.read(sequence)
        return Listed(
            root=found.root,
            previous=found.publication.previous,
            sequence=sequence,
            snapshot_at=found.publication.snapshot_at,
            published_at=found.published_at,
            proofs=proofs,
        )

    def _proof(self, account: str, sequence: int | None) -> Proof:
        if sequence is None:
            sequences = self._archive.sequences()
            if not sequences:
                raise UnpublishedError("no liabilities were published yet")
            sequence = sequences[0]
        return self._archive.proof(account, sequence, self._accounts.kept_secrets.get)
