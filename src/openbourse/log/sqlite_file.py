"""Opening SQLite files, and the operator's sentences for its errors."""

import os
import sqlite3
from pathlib import Path
from typing import Final

from openbourse.log.errors import DamagedLogError, LogError

RESTORE: Final = "restore the data directory from a backup or a standby; do not edit it"


def connect(path: Path, *, read_only: bool) -> sqlite3.Connection:
    """A connection in autocommit mode for one thread at a time; LogError when it cannot be had."""
    if read_only and not path.exists():
        raise LogError(f"there is no command log at {path}")
    access = ("ro&immutable=1" if _stands_still(path) else "ro") if read_only else "rwc"
    try:
        return sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={access}",
            uri=True,
            isolation_level=None,
            check_same_thread=False,
            timeout=5.0,
        )
    except sqlite3.Error as error:
        raise failure(path, error) from error


def _stands_still(path: Path) -> bool:
    """Closed in order, and where nothing can be written: SQLite would want to put its locks beside it."""
    closed = not path.with_name(f"{path.name}-wal").exists()
    return closed and not os.access(path.parent, os.W_OK)


def failure(path: Path, error: sqlite3.Error) -> LogError:
    """The operator's sentence for an error of SQLite."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return LogError(f"the disk of {path} is full: make room, then start again; nothing was half-written")
    if code in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
        return LogError(
            f"cannot use {path} ({error}): the disk fails, is read-only or not for this user; see what the "
            "system's log says, then start again; nothing was half-written"
        )
    if code == sqlite3.SQLITE_NOTADB:
        return LogError(f"{path} is not a command log of this program; choose another data directory")
    if code == sqlite3.SQLITE_CORRUPT:
        return DamagedLogError(f"{path} is damaged ({error}); {RESTORE}")
    if code == sqlite3.SQLITE_BUSY:
        return LogError(f"{path} is being written by another process")
    if code == sqlite3.SQLITE_CANTOPEN:
        return LogError(
            f"cannot use {path} ({error}): it is not for this user, or its venue was cut off and the disk is "
            "read-only: copy the data directory to a disk that can be written to"
        )
    return LogError(f"cannot use {path}: {error}")
