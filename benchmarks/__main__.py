"""`python -m benchmarks [NAME ...]`: measure, print one table, and which targets the figures meet.

`soak` checks a venue for a given time instead, `stylised_facts` looks at simulated markets for some days.
"""

import argparse
import importlib
import sys
import time
import traceback

from benchmarks.machine import describe, yardstick
from benchmarks.report import Figure, table
from benchmarks.targets import verdicts

# Each is a module of this package with a function `measure() -> list[Figure]`, in the order of the table.
NAMES = (
    "core_throughput",
    "durable_throughput",
    "engine_work",
    "http_orders",
    "http_latency",
    "http_steady",
    "http_reads",
    "http_wrk",
    "websocket_fanout",
    "history",
    "growth",
    "memory",
    "recovery",
    "simulated_day",
)
# Only when they are named; the first two measure as those above.
OTHERS = ("http_gateways", "engine_death", "soak", "stylised_facts")


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
    return _measure(arguments.names or list(NAMES), whole=not arguments.names)


def _measure(names: list[str], *, whole: bool) -> int:
    """1 when a benchmark could not be carried out; the others are, all the same."""
    failed = 0
    began = time.monotonic()
    print(describe(), flush=True)
    figures: list[Figure] = [yardstick()]
    for name in names:
        print(f"measuring {name} ...", file=sys.stderr, flush=True)
        try:
            figures += importlib.import_module(f"benchmarks.{name}").measure()
        except Exception as error:  # noqa: BLE001 - a busy machine must not cost the figures of all others
            traceback.print_exc()
            figures.append(Figure(name, [], "", f"failed: {error}"))
            failed = 1
        print(f"... {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    last = yardstick()
    figures[0] = Figure(figures[0].name, [*figures[0].values, *last.values], last.unit)
    print(table(figures))
    print(f"\n{verdicts(figures, whole=whole)}\n")
    print(f"measured in {time.monotonic() - began:.0f} s; docs/performance.md says how to read this")
    return failed


if __name__ == "__main__":
    sys.exit(main())
