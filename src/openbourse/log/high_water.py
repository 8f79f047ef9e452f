"""How far the log had got, kept beside it: a log that has lost its tail cannot know this by itself.

SQLite drops a damaged end of its write-ahead file without a word, and a log from which the last rows were
deleted still looks whole. So after every commit its sequence and digest are written to a small file. The file
is not synced: it may lag behind the log, which is harmless, but it is never ahead of what was durable. A
log that ends before its mark has therefore lost acknowledged commands.
"""

import os
from binascii import crc32
from pathlib import Path
from typing import NamedTuple

from openbourse.log.errors import LogError


class Mark(NamedTuple):
    sequence: int
    digest: bytes


class HighWater:
    """The file that holds the newest mark, in one line of fixed length that is overwritten in place."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = -1

    def read(self) -> Mark | None:
        """The mark; None when there is no file yet. LogError when the line is damaged."""
        try:
            line = self.path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise LogError(f"cannot read {self.path}: {error.strerror}") from None
        return self._parse(line)

    def _parse(self, line: bytes) -> Mark:
        body, _, checksum = line.rstrip(b"\n").rpartition(b" ")
        if checksum != _checksum(body):
            raise LogError(
                f"{self.path} is damaged, so it cannot be told whether the log has lost its newest commands"
            )
        sequence, digest = body.decode("ascii").split(" ")
        return Mark(int(sequence), bytes.fromhex(digest))

    def write(self, mark: Mark) -> None:
        """Overwrite the mark; raises OSError."""
        body = b"%020d %s" % (mark.sequence, mark.digest.hex().encode())
        line = b"%s %s\n" % (body, _checksum(body))
        if self._file >= 0:
            os.pwrite(self._file, line, 0)
            return
        self._file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        os.pwrite(self._file, line, 0)
        os.fsync(self._file)  # once: from now on a power cut leaves the old line or the new one

    def close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def _checksum(body: bytes) -> bytes:
    return b"%08x" % crc32(body)
