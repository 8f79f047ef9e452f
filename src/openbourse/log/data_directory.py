"""The data directory of a venue: its files, what marks it as ours, and the lock against a second process."""

import fcntl
import os
from pathlib import Path
from typing import Final, Literal

import msgspec

from openbourse.log.errors import LogError
from openbourse.log.files import write_atomically

Mode = Literal["sandbox", "production"]

FORMAT_VERSION: Final = 1
MARKER: Final = "openbourse.json"
# What an interrupted first start may leave behind.
_HARMLESS = {"lock", "lost+found"}


class _Marker(msgspec.Struct):
    format: int
    mode: Mode


class DataDirectory:
    """The paths of a venue's files, and its opening. Making one touches nothing.

    The venue itself calls `open`; those who only read (`verify`, the snapshotter) call `check`.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path).absolute()
        self._lock = -1

    @property
    def commands(self) -> Path:
        return self.path / "commands.db"

    @property
    def snapshots(self) -> Path:
        return self.path / "snapshots"

    @property
    def history(self) -> Path:
        return self.path / "history.db"

    @property
    def accounts(self) -> Path:
        return self.path / "accounts.db"

    @property
    def master_key(self) -> Path:
        return self.path / "master.key"

    @property
    def quarantine(self) -> Path:
        return self.path / "quarantine"

    @property
    def liabilities(self) -> Path:
        return self.path / "liabilities"

    @property
    def restored(self) -> Path:
        return self.path / "restored.json"

    @property
    def source(self) -> Path:
        """What a sandbox that looks into an incident keeps of the venue."""
        return self.path / "source"

    @property
    def unfinished(self) -> Path:
        """Is there while a sandbox simulates what was before its first start."""
        return self.path / "unfinished"

    @property
    def lock(self) -> Path:
        return self.path / "lock"

    @property
    def control_socket(self) -> Path:
        return self.path / "control.sock"

    @property
    def gateway_socket(self) -> Path:
        return self.path / "gateways.sock"

    def open(self, mode: Mode) -> None:
        """Make the directory when needed, check that it is ours, lock it until `close` or the process ends.

        LogError, with one sentence for the operator, when it is no directory, not usable, in use, foreign, of
        the other mode or of another version.
        """
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._refuse_foreign()
            self._take_lock()
        except OSError as error:
            raise LogError(f"cannot use {self.path} as data directory: {error.strerror}") from None
        try:
            self._claim(mode)
        except LogError:
            self.close()
            raise

    def check(self) -> Mode:
        """The mode of an existing data directory; LogError when it is not one. Neither locks nor writes."""
        try:
            ours = (self.path / MARKER).exists()
        except OSError as error:
            raise LogError(f"cannot read the data directory {self.path}: {error.strerror}") from None
        if not ours:
            if not self.path.exists():
                raise LogError(f"there is no data directory {self.path}")
            raise LogError(f"{self.path} is not a data directory of this program")
        return self._marker().mode

    def close(self) -> None:
        """Give the lock back."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def _refuse_foreign(self) -> None:
        names = {entry.name for entry in self.path.iterdir()}
        own = {name for name in names if name in _HARMLESS or name.startswith(MARKER)}
        if MARKER not in names and names != own:
            raise LogError(
                f"{self.path} is not empty and not a data directory of this program; choose another directory"
            )

    def _claim(self, mode: Mode) -> None:
        """Leave the marker in a new directory; refuse one that was claimed for the other mode."""
        marker = self.path / MARKER
        try:
            if not marker.exists():
                write_atomically(marker, msgspec.json.encode(_Marker(FORMAT_VERSION, mode)) + b"\n")
        except OSError as error:
            raise LogError(f"cannot write to the data directory {self.path}: {error.strerror}") from None
        kept = self._marker().mode
        if kept != mode:
            raise LogError(f"{self.path} belongs to a {kept} venue and cannot be used for {mode}")

    def _take_lock(self) -> None:
        handle = os.open(self.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            raise LogError(f"the data directory {self.path} is in use by another process") from None
        self._lock = handle

    def _marker(self) -> _Marker:
        try:
            marker = msgspec.json.decode((self.path / MARKER).read_bytes(), type=_Marker)
        except OSError as error:
            raise LogError(f"cannot read {self.path / MARKER}: {error.strerror}") from None
        except msgspec.MsgspecError:
            raise LogError(f"{self.path / MARKER} is damaged or not of this program") from None
        if marker.format != FORMAT_VERSION:
            raise LogError(
                f"{self.path} has data format {marker.format}, this version of the program knows "
                f"{FORMAT_VERSION}; use the version that wrote it"
            )
        return marker
