"""Same seed, same day: whatever anybody could see of it is the same, byte for byte."""

import json
import os
import subprocess
import sys
from typing import Any

from tools.pythons import ROOT

HOURS = 24


def start(hash_seed: str, hours: int, seed: int) -> "subprocess.Popen[str]":
    """A day in a process of its own: they are lived through side by side."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.wire.coinex.simulated_day", str(hours), str(seed)],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        stdout=subprocess.PIPE,
        text=True,
    )


def result(process: "subprocess.Popen[str]") -> dict[str, Any]:
    out, _ = process.communicate(timeout=300)
    assert process.returncode == 0
    found: dict[str, Any] = json.loads(out)
    return found


def test_equal_seeds_are_equal_days_in_every_process() -> None:
    """Tapes, commands, state, HTTP answers and WebSocket frames."""
    one, same = [result(process) for process in [start(seed, HOURS, 1) for seed in ("1", "2026")]]
    assert one == same
    assert all(count > 1_000 for count in one["trades"].values())
    assert one["pushed"] > 1_000_000
    assert set(one["codes"]) == {"0", "200"}  # success in the words of either protocol


def test_another_seed_is_another_day() -> None:
    one, other = [result(process) for process in [start("1", 1, seed) for seed in (1, 2)]]
    same = {name for name in one if one[name] == other[name]}
    assert same <= {"codes"}
