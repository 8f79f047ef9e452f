"""The note in a data directory that it was made of a backup, until the operator has drawn the consequences.

What was sent after the backup is waiting to be sent in it: a venue with this note sends nothing.
"""

import msgspec

from openbourse.log.data_directory import DataDirectory
from openbourse.log.errors import LogError
from openbourse.log.files import write_atomically


class Restored(msgspec.Struct, frozen=True):
    """The backup ended at command `sequence` and was made at `made_at` (Unix ms)."""

    sequence: int
    made_at: int


def note_restored(directory: DataDirectory, restored: Restored) -> None:
    """Raises OSError."""
    write_atomically(directory.restored, msgspec.json.encode(restored) + b"\n")


def read_restored(directory: DataDirectory) -> Restored | None:
    """None when it was not restored, or that is dealt with; LogError for a note that cannot be read."""
    try:
        return msgspec.json.decode(directory.restored.read_bytes(), type=Restored)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise LogError(f"cannot read {directory.restored}: {error.strerror}") from None
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise LogError(
            f'{directory.restored} is damaged; write {{"sequence": 0, "made_at": 0}} into it, which keeps '
            "withdrawals halted"
        ) from None
