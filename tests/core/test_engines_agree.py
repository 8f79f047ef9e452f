"""The compiled and the pure engine make the same of many commands, to the byte.

OPENBOURSE_TEST_COMMANDS=1000000 in the environment makes it a million.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from openbourse.engine import PURE_VARIABLE, engine_kind

COMMANDS = int(os.environ.get("OPENBOURSE_TEST_COMMANDS", "200000"))
SEED = 20261121
ROOT = Path(__file__).parents[2]


def start(pure: bool) -> subprocess.Popen[bytes]:
    arguments = [sys.executable, "-m", "tests.core.stream_digest", str(COMMANDS), str(SEED)]
    environment = {**os.environ, PURE_VARIABLE: "1" if pure else "0"}
    return subprocess.Popen(arguments, cwd=ROOT, env=environment, stdout=subprocess.PIPE)


def result_of(process: subprocess.Popen[bytes]) -> dict[str, Any]:
    output, _ = process.communicate(timeout=900)
    assert process.returncode == 0
    result: dict[str, Any] = json.loads(output)
    return result


@pytest.mark.slow
@pytest.mark.skipif(
    engine_kind() == "pure", reason="compares with the compiled core, which is not in use here"
)
def test_compiled_and_pure_engine_agree() -> None:
    processes = [start(pure=True), start(pure=False)]
    try:
        pure, compiled = (result_of(process) for process in processes)
    finally:
        for process in processes:
            process.kill()
            process.wait()
    assert (pure.pop("engine"), compiled.pop("engine")) == ("pure", "compiled")
    assert pure["sequence"] == COMMANDS
    assert pure["kinds"]["Trade"] > COMMANDS // 100
    assert pure["violations"] == []
    assert pure == compiled
