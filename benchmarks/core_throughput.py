"""Core: commands per second that `Exchange.apply` carries out, compiled and interpreted.

The engine is chosen when the package is imported, so each is measured in a process of its own:
`python -m benchmarks.core_throughput B 100000 1` is one such process, and what to run under a profiler.
Beside the mixes X and B stands what the bots of the demo do, `agents`.
"""

import gc
import json
import os
import subprocess
import sys
import time
from collections import Counter

from benchmarks.agents import recorded
from benchmarks.mixes import MIXES, Stream, stream
from benchmarks.report import Figure, ratio
from openbourse.core.events import Refused
from openbourse.core.exchange import Exchange
from openbourse.engine import PURE_VARIABLE, engine_kind

# The agents' commands have to be lived through before they are measured.
COMMANDS = {"X": 100_000, "B": 100_000, "agents": 30_000}
SEED = 1
RUNS = 5


def measure() -> list[Figure]:
    """All mixes, on both engines."""
    figures = []
    for name in COMMANDS:
        pure = _engine_figure(name, "pure")
        compiled = _engine_figure(name, "compiled")
        figures += [_compared(compiled, pure), pure]
    return figures


def _compared(compiled: Figure, pure: Figure) -> Figure:
    return Figure(compiled.name, compiled.values, compiled.unit, ratio(compiled, pure))


def _engine_figure(mix: str, engine: str) -> Figure:
    environment = {name: value for name, value in os.environ.items() if name != PURE_VARIABLE}
    if engine == "pure":
        environment[PURE_VARIABLE] = "1"
    command = [sys.executable, "-m", "benchmarks.core_throughput", mix, str(COMMANDS[mix]), str(SEED)]
    output = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, timeout=600).stdout
    result = json.loads(output)
    note = "" if result["engine"] == engine else f"(the core is not compiled here: {result['engine']})"
    return Figure(f"core, mix {mix}, {engine}", result["per_second"], "commands/s", note)


def run(mix: str, count: int, seed: int) -> dict[str, object]:
    """Measure one mix in this process: commands per second of CPU time, several times on fresh exchanges."""
    commands = recorded(count, seed) if mix == "agents" else stream(MIXES[mix], count, seed)
    refused = _refused(commands)
    # The agents are told more often that they come too late: that is part of what they do.
    limit = count // (20 if mix == "agents" else 1_000)
    assert refused <= limit, f"{refused} of {count} commands are refused: the mix is not what it says"
    gc.collect()
    gc.freeze()  # the generated commands are not the exchange's garbage
    return {
        "engine": engine_kind(),
        "per_second": [_per_second(commands) for _ in range(RUNS)],
        "refused": refused,
        "kinds": Counter(type(command).__name__ for command in commands.commands),
    }


def _refused(commands: Stream) -> int:
    exchange = _opened(commands)
    return sum(isinstance(exchange.apply(command)[0], Refused) for command in commands.commands)


def _per_second(commands: Stream) -> float:
    apply = _opened(commands).apply
    began = time.process_time()
    for command in commands.commands:
        apply(command)
    return len(commands.commands) / (time.process_time() - began)


def _opened(commands: Stream) -> Exchange:
    exchange = Exchange()
    for command in commands.opening:
        exchange.apply(command)
    return exchange


if __name__ == "__main__":
    print(json.dumps(run(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))))
