"""Where the files of a venue lie that lives for one test."""

import tempfile
from pathlib import Path
from typing import Final

# Files in memory make it start several times faster: no disk has to say that it has written them.
_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - a folder with a random name in it


def passing_folder() -> "tempfile.TemporaryDirectory[str]":
    """A folder that is gone after the block."""
    return tempfile.TemporaryDirectory(prefix="openbourse-", dir=_MEMORY if _MEMORY.is_dir() else None)
