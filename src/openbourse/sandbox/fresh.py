"""Starting anew: removing what a sandbox has left, and nothing else."""

import shutil
from pathlib import Path
from typing import Final

from openbourse.log.data_directory import DataDirectory
from openbourse.log.errors import LogError

# The marker and the lock stay: at every moment the directory is recognised as ours.
OURS: Final = (
    *("commands.*", "history.db*", "accounts.db*", "master.key*", "snapshots", "quarantine", "liabilities"),
    *("restored.json*", "control.sock", "gateways.sock", "source", "unfinished"),
)


def wipe(path: Path) -> None:
    """Empty the data directory of a sandbox; nothing happens where there is none yet.

    Raises LogError, with nothing removed, for a directory that is not ours, a production venue's, or one
    in use.
    """
    if not path.exists():
        return
    directory = DataDirectory(path)
    directory.open("sandbox")
    try:
        for pattern in OURS:
            for entry in path.glob(pattern):
                if entry.is_dir() and not entry.is_symlink():
                    shutil.rmtree(entry)
                else:
                    entry.unlink()
    except OSError as error:
        raise LogError(f"cannot empty {path}: {error.strerror}") from None
    finally:
        directory.close()
