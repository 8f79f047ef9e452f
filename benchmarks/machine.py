"""The machine: what it is, and how fast it is today.

The yardstick is a fixed piece of plain Python. Shared machines are faster on one day than on the next, so
figures of two days are compared after dividing each by its day's yardstick.
"""

import os
import platform
import time
from pathlib import Path

from benchmarks.report import Figure
from openbourse.engine import engine_kind

_STEPS = 400_000
_SLOTS = 1_024


def describe() -> str:
    """One line about processor, system and interpreter."""
    return (
        f"{os.cpu_count()} × {_processor()}, {platform.system()} {platform.release()}, "
        f"{platform.python_implementation()} {platform.python_version()}, {engine_kind()} engine"
    )


def yardstick(runs: int = 3) -> Figure:
    """Steps per second of a loop over a dict, a list and integers, in CPU time."""
    return Figure("yardstick (plain Python loop)", [_steps_per_second() for _ in range(runs)], "steps/s")


def _steps_per_second() -> float:
    began = time.process_time()
    table: dict[int, int] = {}
    row = [0] * _SLOTS
    number = 12_345
    for step in range(_STEPS):
        number = (number * 1_103_515_245 + 12_345) % 2_147_483_648
        slot = number >> 21
        row[slot] += number
        if slot in table:
            table[slot] = table[slot] + step
        else:
            table[slot] = step
    return _STEPS / (time.process_time() - began)


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
