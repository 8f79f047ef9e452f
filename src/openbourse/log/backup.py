"""Backup: one file with everything of a data directory that cannot be made anew.

A backup is made beside a running venue, which does not notice: SQLite copies its files as of one moment. The
command log is copied first and the accounts after it, so that the log never knows users whom the accounts do
not. The history is not in it, because it is rebuilt from the log, nor is the master key, because whoever has
both has the secrets of all users. The file is a tar archive whose first member, `manifest.json`, tells what
must be in it.
"""

import os
import shutil
import sqlite3
import tarfile
import tempfile
import time
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec

from openbourse.log.data_directory import MARKER, DataDirectory, Mode
from openbourse.log.errors import LogError, SnapshotError
from openbourse.log.files import sync_directory
from openbourse.log.high_water import HighWater, Mark
from openbourse.log.snapshots import SnapshotStore
from openbourse.log.sqlite_file import connect, failure
from openbourse.log.sqlite_log import SqliteLog

FORMAT: Final = "openbourse-backup"
FORMAT_VERSION: Final = 1

MANIFEST: Final = "manifest.json"
CHUNK: Final = 1_000_000


class Member(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of a backup: its size in bytes and the SHA-256 of its content, in hex."""

    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a backup holds: the log up to `sequence`, where its chain of digests is at `digest` (hex).

    `made_at` is in Unix ms; `files` has every member by its path in the data directory.
    """

    format: str
    version: int
    made_at: int
    mode: Mode
    sequence: int
    digest: str
    files: dict[str, Member]


def back_up(path: Path, target: Path, *, accounts: bool = True) -> Manifest:
    """Write a backup of the data directory `path` to the new file `target`; the venue may be running.

    Without `accounts`, because they lie in another database, that part is left to the operator. What was
    copied is read back and checked. Raises LogError, and leaves no file then.
    """
    directory = DataDirectory(path)
    mode = directory.check()
    target = target.absolute()
    if target.exists():
        raise LogError(f"{target} exists already; choose another name")
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.") as folder:
            parts = DataDirectory(folder)
            sequence, digest = _copy_log(directory, parts)
            _copy_snapshot(directory, parts, sequence)
            _copy_liabilities(directory, parts)  # before the accounts, which keep the secrets of the trees
            if accounts and directory.accounts.exists():
                _copy_database(directory.accounts, parts.accounts)
            _copy_rest(directory, parts)
            made_at = time.time_ns() // 1_000_000
            manifest = Manifest(
                FORMAT, FORMAT_VERSION, made_at, mode, sequence, digest.hex(), _members(parts.path)
            )
            archive = parts.path / "archive.tar"
            _pack(archive, parts.path, manifest)
            archive.replace(target)
            sync_directory(target.parent)
    except OSError as error:
        raise LogError(f"cannot write the backup {target}: {error.strerror or error}") from None
    return manifest


def _copy_log(directory: DataDirectory, parts: DataDirectory) -> Mark:
    """Where the copy ends. Its mark is that of the copy: the venue may have gone on meanwhile."""
    _copy_database(directory.commands, parts.commands)
    head = checked_head(parts)
    mark = HighWater(parts.commands.with_suffix(".mark"))
    mark.write(head)
    mark.close()
    return head


def _copy_database(source: Path, target: Path) -> None:
    """Copy an SQLite file that others may be writing to, as of one moment."""
    origin = connect(source, read_only=True)
    copy = connect(target, read_only=False)
    try:
        origin.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE").fetchone()  # one file, until somebody opens it to write
    except sqlite3.Error as error:
        raise failure(source, error) from error
    finally:
        copy.close()
        origin.close()


def checked_head(parts: DataDirectory) -> Mark:
    """The end of a log of which every batch was read and checked."""
    log = SqliteLog(parts.commands, read_only=True)
    try:
        for _ in log.batches(0):
            pass
        return Mark(log.last_sequence, log.last_digest)
    finally:
        log.close()


def _copy_snapshot(directory: DataDirectory, parts: DataDirectory, sequence: int) -> None:
    """The newest one that is not beyond the copied log: one is enough to start quickly."""
    source, target = SnapshotStore(directory.snapshots), SnapshotStore(parts.snapshots)
    for number in source.sequences():
        if number > sequence:
            continue
        try:
            target.save(source.load(number))
        except SnapshotError:
            continue  # dropped by the venue in the meantime, or damaged: an older one will do, or none
        return


def _copy_liabilities(directory: DataDirectory, parts: DataDirectory) -> None:
    """What was published, which nobody may lose, and the newest trees, so that proofs of it go on."""
    published = sorted(directory.liabilities.glob("*.json"), reverse=True)
    if not published:
        return
    parts.liabilities.mkdir()
    trees = published[0].with_suffix(".trees")
    for path in [*published, trees] if trees.exists() else published:
        shutil.copyfile(path, parts.liabilities / path.name)


def _copy_rest(directory: DataDirectory, parts: DataDirectory) -> None:
    shutil.copyfile(directory.path / MARKER, parts.path / MARKER)
    if directory.quarantine.is_dir():
        parts.quarantine.mkdir()
        for path in sorted(directory.quarantine.iterdir()):
            if path.suffix != ".tmp":
                shutil.copyfile(path, parts.quarantine / path.name)


def _members(folder: Path) -> dict[str, Member]:
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {str(path.relative_to(folder)): Member(path.stat().st_size, _digest(path)) for path in paths}


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        whole = sha256()
        while chunk := file.read(CHUNK):
            whole.update(chunk)
    return whole.hexdigest()


def _pack(archive: Path, folder: Path, manifest: Manifest) -> None:
    listing = folder / MANIFEST
    listing.write_bytes(msgspec.json.format(msgspec.json.encode(manifest)) + b"\n")
    with os.fdopen(os.open(archive, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
            for name in (MANIFEST, *manifest.files):
                tar.add(folder / name, name, recursive=False, filter=_anonymous)
        file.flush()
        os.fsync(file.fileno())


def _anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o600
    return member
