"""Where benchmarks put their data: beside the sources, on the disk that would hold a venue's data.

The system's folder for temporary files is often memory, where a sync costs nothing.
"""

from pathlib import Path


def scratch_directory() -> Path:
    """A folder for temporary folders."""
    directory = Path(__file__).resolve().parents[1] / "build" / "benchmarks"
    directory.mkdir(parents=True, exist_ok=True)
    return directory
