"""Where the master key comes from: the environment, or a file that only its owner can read."""

import base64
import binascii
import os
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from openbourse.accounts.errors import MasterKeyError
from openbourse.accounts.vault import MASTER_KEY_BYTES

VARIABLE: Final = "OPENBOURSE_MASTER_KEY"
_MAX_TEXT: Final = 200


def load_master_key(environment: Mapping[str, str], path: Path, may_create: bool) -> bytes:
    """The 32 bytes of the master key; the environment goes before the file.

    With `may_create` a missing file is made, for the first start. Raises MasterKeyError otherwise.
    """
    text = environment.get(VARIABLE, "")
    if text:
        return _parse(text, VARIABLE)
    if not path.exists():
        if not may_create:
            raise MasterKeyError(
                f"The master key file {path} is missing: restore it or set {VARIABLE}, "
                "the stored secrets cannot be read without it."
            )
        return create_key_file(path)
    return read_key_file(path)


def read_key_file(path: Path) -> bytes:
    """The key in `path`; MasterKeyError when others may read the file, or it holds no key."""
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            content = file.read(_MAX_TEXT)
    except OSError as error:
        raise MasterKeyError(f"The master key file {path} cannot be read: {error.strerror}.") from None
    if not stat.S_ISREG(status.st_mode):
        raise MasterKeyError(f"The master key file {path} is not a regular file.")
    if status.st_mode & 0o077:
        raise MasterKeyError(f"The master key file {path} is open to other users: run `chmod 600 {path}`.")
    return _parse(content.decode("ascii", "replace"), str(path))


def create_key_file(path: Path) -> bytes:
    """Make a new key and a file of mode 0600 for it, on stable storage when this returns."""
    key = secrets.token_bytes(MASTER_KEY_BYTES)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(key.hex() + "\n")
            file.flush()
            os.fsync(file.fileno())
        sync_directory(path.parent)
    except OSError as error:
        raise MasterKeyError(f"The master key file {path} cannot be made: {error.strerror}.") from None
    return key


def sync_directory(directory: Path) -> None:
    """A new or renamed file survives a power cut only when its directory is synced too."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _parse(text: str, source: str) -> bytes:
    text = text.strip()
    for decode in (bytes.fromhex, _from_base64):
        try:
            key = decode(text)
        except (ValueError, binascii.Error):
            continue
        if len(key) == MASTER_KEY_BYTES:
            return key
    raise MasterKeyError(f"{source} must hold {MASTER_KEY_BYTES} bytes in hexadecimal or base64.")


def _from_base64(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
