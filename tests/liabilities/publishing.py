"""Publishes once: `python -m tests.liabilities.publishing DATA_DIR` prints seconds and the most KiB."""

import json
import resource
import sys
import time
from pathlib import Path

from openbourse.accounts.opening import open_store
from openbourse.liabilities.publisher import Publisher
from openbourse.log.data_directory import DataDirectory


def main() -> None:
    directory = DataDirectory(Path(sys.argv[1]))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    with open_store(f"sqlite:///{directory.accounts}", directory.master_key) as (store, kept_secrets):
        published = Publisher(directory, store, kept_secrets).publish(1).publication
    seconds, cpu = time.perf_counter() - began, time.process_time()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    sys.stdout.write(
        json.dumps({"seconds": seconds, "cpu": cpu, "before": before, "peak": peak, "root": published.root})
        + "\n"
    )


if __name__ == "__main__":
    main()
