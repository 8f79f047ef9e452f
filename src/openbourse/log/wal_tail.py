"""The end of SQLite's write-ahead file: SQLite drops frames that are not whole without a word; this counts
them.

A frame carries the salts of its file's header, so frames of an earlier round, which lie behind the valid
ones until they are overwritten, are told from those that were being written when the power went.
"""

import struct
from pathlib import Path
from typing import Final

_HEADER: Final = struct.Struct(">IIIIIIII")  # magic, version, page size, round, two salts, two checksums
_FRAME: Final = struct.Struct(">IIIIII")  # page, size of the database, two salts, two checksums


def frames_written(path: Path) -> int:
    """How many frames of the present round the file has, whole or not; 0 when there is no file."""
    try:
        with path.open("rb") as file:
            size = path.stat().st_size
            header = file.read(_HEADER.size)
            if len(header) < _HEADER.size:
                return 0
            _, _, page_size, _, *salts, _, _ = _HEADER.unpack(header)
            frame_size = _FRAME.size + page_size
            count = 0
            place = _HEADER.size
            while place < size:
                file.seek(place)
                frame = file.read(_FRAME.size)
                if len(frame) == _FRAME.size and list(_FRAME.unpack(frame)[2:4]) != salts:
                    break
                count += 1
                place += frame_size
            return count
    except OSError:
        return 0  # opening it in earnest will tell why
