"""`python -m tests.simulation SEED [town]`: run the story of one seed and print what happened in it."""

import sys
import tempfile
from pathlib import Path

from tests.simulation.states import summary
from tests.simulation.story import Story
from tests.simulation.town.story import TownStory

if __name__ == "__main__":
    story = TownStory if sys.argv[2:] == ["town"] else Story
    with tempfile.TemporaryDirectory() as folder:
        counts = story(int(sys.argv[1]), Path(folder)).run()
    for line in summary(counts):
        sys.stdout.write(f"{line}\n")
    for name, count in sorted(counts.items()):
        if not name.startswith(("state ", "fault ")):
            sys.stdout.write(f"{name}: {count}\n")
