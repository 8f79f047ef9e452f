"""`python -m benchmarks [NAME ...]`: measure and print one table.

`soak` checks a venue for a given time instead, `stylised_facts` looks at simulated markets for some days.
"""

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
    "simulated_day",
)
# Only when they are named; the first two measure as those above, `recovery` for half an hour.
OTHERS = ("http_gateways", "recovery", "soak", "stylised_facts")


def main() -> int:
    """Run what the command line asks for; the exit code is 1 when a soak or a look at markets finds fault."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    known = ", ".join((*NAMES, *OTHERS))
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{known}; all but the last four by default")
    parser.add_argument("--seconds", type=float, default=600.0, help="how long to soak")
    parser.add_argument("--seed", type=int, help="of a soak, which takes a new one by default, or of markets")
    parser.add_argument("--days", type=float, default=7.0, help="how long to look at simulated markets")
    parser.add_argument("--plot", help="draw the stylised facts into this file: .svg, .png or .pdf")
    parser.add_argument("--only", default="", help="one soak by its name, once: how a finding is seen again")
    arguments = parser.parse_args()
    unknown = set(arguments.names) - {*NAMES, *OTHERS}
    if unknown:
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}; known are {known}")
    # Loaded on demand: they need what has no place in a process that measures.
    if "soak" in arguments.names:
        soak = importlib.import_module("benchmarks.soak")
        code: int = soak.run(arguments.seconds, arguments.seed, arguments.only)
        return code
    if "stylised_facts" in arguments.names:
        facts = importlib.import_module("benchmarks.stylised_facts")
        missing: int = facts.run(arguments.days, arguments.seed or 1, arguments.plot)
        return missing
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
