"""Where benchmarks put their data: beside the sources, on the disk that would hold a venue's data.

The system's folder for temporary files is often memory, where a sync costs nothing.
"""

import os
from pathlib import Path


def scratch_directory() -> Path:
    """A folder for temporary folders."""
    directory = Path(__file__).resolve().parents[1] / "build" / "benchmarks"
    directory.mkdir(parents=True, exist_ok=True)
    return directory


def publish(file: Path, data: bytes) -> None:
    """Write a file that another process waits for: once it is there, it is whole."""
    begun = file.with_suffix(".begun")
    begun.write_bytes(data)
    begun.replace(file)


def memory_directory() -> Path | None:
    """A folder in memory, for what a venue would be without a disk; None where the system has none."""
    directory = Path("/dev/shm")
    return directory if os.access(directory, os.W_OK) else None
