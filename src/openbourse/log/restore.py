"""Restore: a data directory made of a backup, all of it checked."""

import os
import shutil
import tarfile
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec

from openbourse.log.backup import CHUNK, FORMAT, FORMAT_VERSION, MANIFEST, Manifest, Member, checked_head
from openbourse.log.data_directory import MARKER, DataDirectory
from openbourse.log.errors import LogError
from openbourse.log.files import sync_directory
from openbourse.log.restored import Restored, note_restored

_MAX_MANIFEST: Final = 10_000_000


def restore(source: Path, path: Path) -> Manifest:
    """Make a data directory of a backup in the new or empty directory `path`.

    Every file is compared with the manifest and the whole log is read and checked; the directory counts as
    one of this program only when all of that is done. Raises LogError, and leaves nothing behind then.
    """
    directory = DataDirectory(path)
    existed = directory.path.exists()
    try:
        directory.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(directory.path.iterdir()):
            raise LogError(f"{directory.path} is not empty; restore into a new directory")
        try:
            return _restore(source, directory)
        except BaseException:
            shutil.rmtree(directory.path, ignore_errors=True)
            if existed:
                directory.path.mkdir(mode=0o700, exist_ok=True)
            raise
    except OSError as error:
        raise LogError(f"cannot restore {source} to {directory.path}: {error.strerror or error}") from None


def _restore(source: Path, directory: DataDirectory) -> Manifest:
    try:
        with tarfile.open(source, "r:") as tar:
            manifest = _read_manifest(source, tar)
            for name, member in manifest.files.items():
                _unpack(source, tar, name, member, directory.path / _place(source, name))
    except (tarfile.TarError, EOFError) as error:
        raise LogError(f"{source} is damaged or no backup ({error}); use another one") from None
    head = checked_head(directory)
    if (head.sequence, head.digest.hex()) != (manifest.sequence, manifest.digest):
        raise LogError(f"{source} holds another log than its manifest says; use another one")
    for folder in (directory.snapshots, directory.quarantine, directory.liabilities):
        if folder.exists():
            sync_directory(folder)
    note_restored(directory, Restored(manifest.sequence, manifest.made_at))
    (directory.path / f"{MARKER}.new").replace(directory.path / MARKER)
    sync_directory(directory.path)
    directory.check()
    return manifest


def _read_manifest(source: Path, tar: tarfile.TarFile) -> Manifest:
    first = tar.next()
    content = None if first is None or first.name != MANIFEST else tar.extractfile(first)
    if content is None:
        raise LogError(f"{source} is no backup of this program")
    try:
        manifest = msgspec.json.decode(content.read(_MAX_MANIFEST), type=Manifest)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise LogError(f"{source} has a damaged manifest; use another backup") from None
    if (manifest.format, manifest.version) != (FORMAT, FORMAT_VERSION):
        raise LogError(f"{source} has the unknown format {manifest.format} {manifest.version}")
    return manifest


def _place(source: Path, name: str) -> Path:
    """Where a member goes; the marker waits under another name until all is there."""
    place = Path(name)
    if len(place.parts) > 2 or place.is_absolute() or ".." in place.parts:
        raise LogError(f"{source} holds a file that does not belong into a data directory: {name}")
    return Path(f"{MARKER}.new") if name == MARKER else place


def _unpack(source: Path, tar: tarfile.TarFile, name: str, expected: Member, target: Path) -> None:
    member = tar.next()
    content = None if member is None or member.name != name else tar.extractfile(member)
    if content is None:
        raise LogError(f"{source} is damaged: {name} is missing; use another backup")
    target.parent.mkdir(mode=0o700, exist_ok=True)
    whole, size = sha256(), 0
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        while chunk := content.read(CHUNK):
            whole.update(chunk)
            size += len(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    if (size, whole.hexdigest()) != (expected.size, expected.sha256):
        raise LogError(f"{source} is damaged: {name} is not as it was written; use another backup")
