"""The commands of a log that the operator took out, because no program could apply them.

They lie in a table of the log's own file, which is made with the first of them: a log without any keeps the
format that older versions know, one with some gets a format that older versions refuse, as they would not
skip.
"""

import sqlite3
from hashlib import sha256
from typing import Final

from openbourse.log.errors import DamagedLogError
from openbourse.log.sqlite_file import RESTORE

FORMAT_WITH_SKIPS: Final = 2

_CREATE = "CREATE TABLE IF NOT EXISTS skipped (sequence INTEGER PRIMARY KEY, digest BLOB NOT NULL)"
_DIGEST_AT = """
SELECT digest FROM batches WHERE first_sequence <= ? AND first_sequence + count > ?
ORDER BY first_sequence DESC LIMIT 1
"""


def read_skipped(connection: sqlite3.Connection, name: str) -> frozenset[int]:
    """The sequences of the commands taken out; DamagedLogError when one is of another log."""
    rows = connection.execute("SELECT sequence, digest FROM skipped").fetchall()
    for sequence, digest in rows:
        if digest != _digest(connection, sequence):
            raise DamagedLogError(
                f"{name} is damaged: the skip of command {sequence} was not written for this log; {RESTORE}"
            )
    return frozenset(sequence for sequence, _ in rows)


def add_skipped(connection: sqlite3.Connection, sequence: int) -> None:
    """Take a command out, durably."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.execute(_CREATE)
        row = (sequence, _digest(connection, sequence))
        connection.execute("INSERT OR IGNORE INTO skipped (sequence, digest) VALUES (?, ?)", row)
        connection.execute(f"PRAGMA user_version = {FORMAT_WITH_SKIPS}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    # No mark tells of this row: it must not depend on the write-ahead file.
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()


def _digest(connection: sqlite3.Connection, sequence: int) -> bytes | None:
    """Binds an entry to the log up to its command; None when the log has no such command."""
    row = connection.execute(_DIGEST_AT, (sequence, sequence)).fetchone()
    if row is None or not isinstance(row[0], bytes):
        return None
    return sha256(b"skip" + sequence.to_bytes(8, "big") + row[0]).digest()
