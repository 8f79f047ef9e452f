"""Publishing for very many accounts: `python -m benchmarks.liabilities [USERS [ASSETS]]`.

Each account has all assets, three by default. The data directory is made first (a snapshot and the
accounts); what is measured is the publishing process.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.machine import describe
from benchmarks.scratch import scratch_directory
from tests.liabilities.many import ASSETS, make_many


def main() -> None:
    """Print seconds of work, the most memory, and the size of the file with the trees."""
    users = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    assets = int(sys.argv[2]) if len(sys.argv) > 2 else len(ASSETS)
    print(describe())
    with tempfile.TemporaryDirectory(dir=scratch_directory()) as folder:
        directory = make_many(Path(folder) / "venue", users, assets)
        command = [sys.executable, "-m", "tests.liabilities.publishing", str(directory.path)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        told = json.loads(done.stdout.splitlines()[-1])
        size = sum(path.stat().st_size for path in directory.liabilities.glob("*.trees"))
    print(
        f"{users:,} accounts, {users * assets:,} leaves: {told['cpu']:.0f} s of CPU, "
        f"{told['seconds']:.0f} s in all, {told['peak'] / 1024:.0f} MiB at most (an idle process has "
        f"{told['before'] / 1024:.0f}), {size / 2**20:.0f} MiB of trees"
    )


if __name__ == "__main__":
    main()
