"""`openbourse` with weather: a computer whose clock is set and whose disk becomes read-only while it runs.

`python weather.py FOLDER COMMAND...` runs `openbourse COMMAND...`. A file `clock` in FOLDER holds the
milliseconds by which the computer's clock is wrong; a file `disk` the number of an error that every change of
a file gets from then on, for good. Both may be written at any time; what is in force is said on standard
error.
"""

import ctypes
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any, Final

# Numbers of system calls: (what changes a file, whatever its arguments are; what opens one).
_CALLS: Final = {
    # pwrite64, ftruncate, fallocate, rename, mkdir, unlink, renameat, unlinkat, renameat2
    "x86_64": ((18, 77, 285, 82, 83, 87, 264, 263, 316), 257),
    "aarch64": ((68, 46, 47, 34, 38, 35, 276), 56),
}
_LOAD, _EQUAL, _ANY_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06
_ALLOW, _FAIL = 0x7FFF0000, 0x00050000
_OPEN_FLAGS_AT = 32  # in struct seccomp_data: the third argument
_NO_NEW_PRIVILEGES, _FILTER, _ALL_THREADS = 38, 1, 1
_SECCOMP: Final = {"x86_64": 317, "aarch64": 277}
_POLL_SECONDS = 0.01


class _Step(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_ushort),
        ("if_true", ctypes.c_ubyte),
        ("if_false", ctypes.c_ubyte),
        ("value", ctypes.c_uint),
    )


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.POINTER(_Step)))


def forbid_changes(error: int) -> None:
    """From now on no thread of this process, nor any child, can change a file: they get `error`.

    A filter on system calls, since nothing else makes a disk read-only for one process, and for root. Writing
    to open sockets and pipes (`write`) goes on. Raises OSError where the system refuses filters.
    """
    machine = os.uname().machine
    changing, opening = _CALLS[machine]
    steps = [(_LOAD, 0, 0, 0), (_EQUAL, 0, 4, opening), (_LOAD, 0, 0, _OPEN_FLAGS_AT)]
    steps += [(_ANY_BIT, 0, 1, os.O_WRONLY | os.O_RDWR | os.O_CREAT), (_RETURN, 0, 0, _FAIL | error)]
    steps += [(_RETURN, 0, 0, _ALLOW)]
    steps += [(_EQUAL, len(changing) - index, 0, call) for index, call in enumerate(changing)]
    steps += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _FAIL | error)]
    program = _Program(len(steps), (_Step * len(steps))(*(_Step(*step) for step in steps)))
    system: Any = ctypes.CDLL(None, use_errno=True)
    system.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    if system.syscall(_SECCOMP[machine], _FILTER, _ALL_THREADS, ctypes.byref(program)):
        raise OSError(ctypes.get_errno(), "no filters on system calls here")


class _Weather(threading.Thread):
    """Looks into the folder all the time."""

    def __init__(self, folder: Path) -> None:
        super().__init__(daemon=True)
        self._folder = folder
        self._offset = 0
        self._right = time.time_ns

    def time_ns(self) -> int:
        return self._right() + self._offset

    def time(self) -> float:
        return self.time_ns() / 1e9

    def run(self) -> None:
        read_only = False
        while True:
            offset = int(self._read("clock") or "0") * 1_000_000
            if offset != self._offset:
                self._offset = offset
                _say(f"clock {offset // 1_000_000}")
            error = self._read("disk")
            if error and not read_only:
                forbid_changes(int(error))
                read_only = True
                _say(f"disk {error}")
            time.sleep(_POLL_SECONDS)

    def _read(self, name: str) -> str:
        try:
            return (self._folder / name).read_text()
        except FileNotFoundError:
            return ""


def _say(what: str) -> None:
    sys.stderr.write(f"weather: {what}\n")
    sys.stderr.flush()


def main() -> None:
    weather = _Weather(Path(sys.argv.pop(1)))
    time.time, time.time_ns = weather.time, weather.time_ns
    weather.start()
    from openbourse.cli import main as openbourse  # noqa: PLC0415 - it must not have seen the right time

    openbourse()


if __name__ == "__main__":
    main()
