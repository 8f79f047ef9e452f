"""Publishing: from a snapshot to a root that everybody sees and a proof for every account.

Works beside a running venue, which does not notice: it reads a snapshot file, which nobody changes, and
writes files of its own. A publication is there at once or not at all.
"""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
import structlog

from openbourse.accounts.kept_secrets import KeptSecrets
from openbourse.accounts.store import Store
from openbourse.liabilities.archive import NAME_PREFIX, Archive, secret_name
from openbourse.liabilities.balances import check_totals, owed_by_the_venue, owed_to_users
from openbourse.liabilities.errors import LiabilityError
from openbourse.liabilities.proofs import assemble, salt
from openbourse.liabilities.records import FORMAT, VERSION, Counted, Publication, asset_total
from openbourse.liabilities.tree_file import TreeFile, TreeFileWriter
from openbourse.liabilities.verifier import Node, ProofError, Total, check, leaf_hash, publication_root
from openbourse.log.data_directory import DataDirectory
from openbourse.log.errors import SnapshotError
from openbourse.log.files import sync_directory
from openbourse.log.snapshot_rows import SnapshotRows
from openbourse.log.snapshots import SnapshotStore

KEEP: Final = 10
_SECRET_BYTES: Final = 32
_CHUNK: Final = 500  # users whose public ids are asked for at once
_log = structlog.get_logger(__name__)


class Outcome(NamedTuple):
    """A publication, and whether it was made now or was there already."""

    publication: Publication
    new: bool


class Publisher:
    """Makes the publications of one data directory. Raises LiabilityError, LogError or AccountsError."""

    def __init__(self, directory: DataDirectory, store: Store, kept_secrets: KeptSecrets) -> None:
        self._directory = directory
        self._archive = Archive(directory.liabilities)
        self._store = store
        self._secrets = kept_secrets

    def publish(self, now: int, keep: int = KEEP) -> Outcome:
        """Publish the state of the newest valid snapshot; `now` in Unix ms, proofs of the last `keep` stay.

        The trees must sum to what the ledger in the snapshot says, and proofs of the accounts at both ends
        of every tree must hold, or nothing is published.
        """
        folder = self._archive.folder
        folder.mkdir(mode=0o700, exist_ok=True)
        with self._alone(), self._newest_snapshot() as rows:
            sequence = rows.header.sequence
            past = self._archive.sequences()
            if past and past[0] > sequence:
                raise LiabilityError(
                    f"the state of command {past[0]} is published already, and the newest snapshot is of "
                    f"{sequence}: has the log lost commands?"
                )
            if past and past[0] == sequence:
                return Outcome(self._archive.publication(sequence), False)
            previous = self._archive.publication(past[0]).root if past else ""
            publication = self._make(rows, previous, now)
            self._drop_old(keep)
        _log.info("liabilities_published", sequence=sequence, root=publication.root)
        return Outcome(publication, True)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        handle = os.open(self._archive.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise LiabilityError("another publication is being made on these data") from None
            yield
        finally:
            os.close(handle)

    def _newest_snapshot(self) -> SnapshotRows:
        snapshots = SnapshotStore(self._directory.snapshots)
        for sequence in snapshots.sequences():
            try:
                return SnapshotRows(snapshots.path(sequence))
            except SnapshotError as error:
                _log.warning("snapshot_refused", sequence=sequence, error=str(error))
        raise LiabilityError("there is no snapshot to publish: nothing has happened in this venue yet")

    def _make(self, rows: SnapshotRows, previous: str, now: int) -> Publication:
        sequence, snapshot_at, _ = rows.table("clock")
        secret = secrets.token_bytes(_SECRET_BYTES)
        self._secrets.keep(secret_name(sequence), secret)
        path = self._archive.trees(sequence)
        unfinished = path.with_name(f"{path.name}.tmp")
        try:
            with TreeFileWriter(unfinished) as file:
                self._stage(rows, file, secret)
                totals = file.build()
            counted = {total.asset: total.amount for total in totals}
            check_totals(counted, owed_by_the_venue(rows.table("system")))
            publication = _publication(previous, sequence, snapshot_at, totals, now)
            _try_proofs(publication, unfinished, secret)
            _sync(unfinished)
            unfinished.replace(path)
            sync_directory(path.parent)
        finally:
            unfinished.unlink(missing_ok=True)
        self._archive.write(publication)
        return publication

    def _stage(self, rows: SnapshotRows, file: TreeFileWriter, secret: bytes) -> None:
        """Every balance becomes a leaf of the account that its user is known by."""
        owed = owed_to_users(rows.table("accounts"))
        while chunk := list(islice(owed, _CHUNK)):
            names = self._store.public_ids([user for user, _ in chunk])
            for user, amounts in chunk:
                account = names.get(user)
                if account is None:
                    raise LiabilityError(f"the accounts database does not know the user {user}")
                for asset, amount in amounts.items():
                    leaf = leaf_hash(salt(secret, account, asset), account, asset, amount)
                    file.stage(asset, account, Node(leaf, amount))

    def _drop_old(self, keep: int) -> None:
        """Trees that are no longer kept, with their secrets: after that no leaf can ever be opened again."""
        kept = self._archive.sequences()[:keep]
        for path in self._archive.folder.glob("*.trees"):
            if int(path.name.removesuffix(".trees")) not in kept:
                path.unlink(missing_ok=True)
        for name in self._secrets.names(NAME_PREFIX):
            if int(name.removeprefix(NAME_PREFIX)) not in kept:
                self._secrets.drop(name)


def _publication(
    previous: str, sequence: int, snapshot_at: int, totals: list[Total], now: int
) -> Publication:
    root = publication_root(bytes.fromhex(previous), sequence, snapshot_at, totals)
    counted = Counted(previous, sequence, snapshot_at, [asset_total(total) for total in totals])
    return Publication(FORMAT, VERSION, root.hex(), now, counted)


def _try_proofs(publication: Publication, trees: Path, secret: bytes) -> None:
    """Check some proofs as their owners will: a fault of ours, or of the disk, must show before theirs."""
    for account in TreeFile(trees).outermost():
        proof = assemble(publication, trees, secret, account)
        try:
            checked = check(msgspec.json.encode(proof).decode())
        except ProofError as error:
            raise LiabilityError(f"a proof does not hold ({error}): nothing is published") from None
        if checked.root != publication.root or not checked.holdings:
            raise LiabilityError("a proof proves something else: nothing is published")


def _sync(path: Path) -> None:
    """To stable storage, readable by its owner only."""
    path.chmod(0o600)
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
