"""Unix sockets in the data directory, which only its owner can open."""

import contextlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from openbourse.log.errors import LogError

# sun_path of the smallest system that we know.
_MAX_ADDRESS: Final = 100


def bound(path: Path) -> socket.socket:
    """A socket at `path` that does not listen yet. The caller holds the lock of the data directory, so that
    an older socket there is a dead one. Raises LogError.
    """
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        path.unlink(missing_ok=True)
        with address_of(path) as address:
            listener.bind(address)
        path.chmod(0o600)  # before anybody can connect, which takes listening
    except OSError as error:
        listener.close()
        raise LogError(f"cannot make the socket {path}: {error.strerror or error}") from None
    return listener


@contextlib.contextmanager
def address_of(path: Path) -> Iterator[str]:
    """An address for the socket at `path`, also where the path is longer than the system takes."""
    if len(os.fsencode(path)) <= _MAX_ADDRESS:
        yield str(path)
        return
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{directory}/{path.name}"
    finally:
        os.close(directory)
