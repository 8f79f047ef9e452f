"""Growth: what an order of mix B costs the core with few and with many orders on the book, and markets.

Takers reach any order, so that they trade on every book: within the twenty ticks of mix B three in four find
nobody on a thin book, and trades are most of the work. Each size is measured in a process of its own:
`python -m benchmarks.growth 1000000 1` is one of a million resting orders in one market. CPU time of
`Exchange.apply` alone.
"""

import gc
import json
import subprocess
import sys
import time

from benchmarks.mixes import DEPTH, MIXES, stream
from benchmarks.report import Figure
from openbourse.core.exchange import Exchange

RESTING = (1_000, 10_000, 100_000, 1_000_000)
MARKETS = (1, 10, 100, 1_000)
COMMANDS = 20_000
RUNS = 5


def measure() -> list[Figure]:
    """By resting orders in one market, then by markets that share ten thousand."""
    return [
        *_compared([(f"a book of {resting:,} orders", resting, 1) for resting in RESTING]),
        *_compared([(f"10,000 orders in {markets:,} markets", 10_000, markets) for markets in MARKETS]),
    ]


def _compared(sizes: list[tuple[str, int, int]]) -> list[Figure]:
    figures: list[Figure] = []
    for name, resting, markets in sizes:
        figure = Figure(f"core, mix B, {name}", _measured(resting, markets), "µs/command")
        times = figure.median / (figures[0] if figures else figure).median
        figures.append(Figure(figure.name, figure.values, figure.unit, f"{times:.2f} of the smallest"))
    return figures


def _measured(resting: int, markets: int) -> list[float]:
    command = [sys.executable, "-m", "benchmarks.growth", str(resting), str(markets)]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=900).stdout
    values: list[float] = json.loads(output)
    return values


def run(resting: int, markets: int) -> list[float]:
    """Measure one size in this process, several times in a row on the same books: µs a command."""
    commands = stream(MIXES["B"], RUNS * COMMANDS, 1, resting, markets, reach=DEPTH)
    exchange = Exchange()
    for command in commands.opening:
        exchange.apply(command)
    gc.collect()
    gc.freeze()
    values = []
    for start in range(0, RUNS * COMMANDS, COMMANDS):
        part = commands.commands[start : start + COMMANDS]
        began = time.process_time()
        for command in part:
            exchange.apply(command)
        values.append((time.process_time() - began) / COMMANDS * 1e6)
    return values


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]), int(sys.argv[2]))))
