"""Publishes once: `python -m tests.liabilities.publishing DATA_DIR` prints seconds and the most KiB."""

import json
import re
import sys
import time
from pathlib import Path

from openbourse.accounts.opening import open_store
from openbourse.liabilities.publisher import Publisher
from openbourse.log.data_directory import DataDirectory


def peak_memory() -> int:
    """KiB of this very program: what getrusage says begins with the most of the process that started it."""
    status = Path("/proc/self/status").read_text()
    return int(re.findall(r"^VmHWM:\s*(\d+) kB$", status, re.MULTILINE)[0])


def main() -> None:
    directory = DataDirectory(Path(sys.argv[1]))
    before = peak_memory()
    began = time.perf_counter()
    with open_store(f"sqlite:///{directory.accounts}", directory.master_key) as (store, kept_secrets):
        published = Publisher(directory, store, kept_secrets).publish(1).publication
    seconds, cpu = time.perf_counter() - began, time.process_time()
    peak = peak_memory()
    sys.stdout.write(
        json.dumps({"seconds": seconds, "cpu": cpu, "before": before, "peak": peak, "root": published.root})
        + "\n"
    )


if __name__ == "__main__":
    main()
