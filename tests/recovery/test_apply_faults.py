"""A fault anywhere in the core leaves nothing half done: tests/recovery/apply_faults.py, on the interpreted
core.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from openbourse.engine import PURE_VARIABLE

SEEDS = 30


def test_after_a_fault_at_any_line_everything_is_as_if_the_command_were_refused() -> None:
    command = [sys.executable, "-m", "tests.recovery.apply_faults", str(SEEDS)]
    environment = {**os.environ, PURE_VARIABLE: "1"}
    done = subprocess.run(
        command,
        cwd=Path(__file__).parents[2],
        env=environment,
        capture_output=True,
        timeout=300,
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    counts = json.loads(done.stdout)
    assert counts["engine"] == "pure"
    assert counts["faults"] == SEEDS
    assert counts["half applied"] >= 3, "the faults come too early to show anything"
    assert counts["markets halted"] >= SEEDS // 4
