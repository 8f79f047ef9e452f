"""`python -m benchmarks [NAME ...]`: measure and print one table; `soak` checks for a given time instead."""

import argparse
import importlib
import sys
import time

from benchmarks.machine import describe, yardstick
from benchmarks.report import Figure, table

# Each is a module of this package with a function `measure() -> list[Figure]`, in the order of the table.
NAMES = (
    "core_throughput",
    "durable_throughput",
    "http_orders",
    "http_latency",
    "http_reads",
    "websocket_fanout",
    "history",
    "growth",
    "memory",
)


def main() -> int:
    """Run what the command line asks for; the exit code is 1 when a soak has found something."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"{', '.join(NAMES)}, or soak; all but soak by default"
    )
    parser.add_argument("--seconds", type=float, default=600.0, help="how long to soak")
    parser.add_argument("--seed", type=int, help="the first seed of a soak; a new one each time by default")
    parser.add_argument("--only", default="", help="one soak by its name, once: how a finding is seen again")
    arguments = parser.parse_args()
    unknown = set(arguments.names) - {*NAMES, "soak"}
    if unknown:
        parser.error(
            f"there is no benchmark {', '.join(sorted(unknown))}; known are {', '.join(NAMES)} and soak"
        )
    if "soak" in arguments.names:
        # Loaded on demand: it needs the tests' judges, which have no place in a process that measures.
        soak = importlib.import_module("benchmarks.soak")
        code: int = soak.run(arguments.seconds, arguments.seed, arguments.only)
        return code
    _measure(arguments.names or list(NAMES))
    return 0


def _measure(names: list[str]) -> None:
    began = time.monotonic()
    print(describe(), flush=True)
    figures: list[Figure] = [yardstick()]
    for name in names:
        print(f"measuring {name} ...", file=sys.stderr, flush=True)
        figures += importlib.import_module(f"benchmarks.{name}").measure()
    last = yardstick()
    figures[0] = Figure(figures[0].name, [*figures[0].values, *last.values], last.unit)
    print(table(figures))
    print(f"measured in {time.monotonic() - began:.0f} s; docs/performance.md says how to read this")


if __name__ == "__main__":
    sys.exit(main())
