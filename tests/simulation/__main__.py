"""`python -m tests.simulation SEED`: run the story of one seed and print what happened in it."""

import sys
import tempfile
from pathlib import Path

from tests.simulation.story import Story

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        counts = Story(int(sys.argv[1]), Path(folder)).run()
    for name, count in sorted(counts.items()):
        sys.stdout.write(f"{count:8} {name}\n")
