"""One log, one result: on every Python, with any hash seed, compiled or not (docs/determinism.md)."""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from openbourse.engine import PURE_VARIABLE, engine_kind
from tests.core.stream_digest import digest
from tools.pythons import ROOT, VERSIONS, find, is_here, locked

COMMANDS = 6_000
SEED = 20261121
# What version 0.1.0 made of the stream.
STATE_HASH = "39376bcb2bb21331afce30cfe9c9afe1fd90215eb45bcfb6b5640fc1aac5ed1e"
EVENTS_HASH = "649fb90c1b32a352fca1dcbea406dfd75c3ac7814f08451c36060926de8b758e"


def digest_by(interpreter: Path, *, pure: bool = True, hash_seed: str = "0") -> dict[str, Any]:
    """What a process of its own makes of the stream; which engine it was is told apart."""
    command = [str(interpreter), "-m", "tests.core.stream_digest", str(COMMANDS), str(SEED)]
    own = {PURE_VARIABLE: "1" if pure else "0", "PYTHONHASHSEED": hash_seed, "PYTHONPATH": "src"}
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **own}, capture_output=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    result: dict[str, Any] = json.loads(done.stdout)
    assert result.pop("engine") == ("pure" if pure else "compiled")
    return result


@cache
def expected() -> dict[str, Any]:
    """What this process makes of the stream."""
    result: dict[str, Any] = json.loads(json.dumps(digest(COMMANDS, SEED)))
    assert result.pop("engine") == engine_kind()
    assert result["sequence"] == COMMANDS
    assert result["violations"] == []
    assert result["kinds"]["Trade"] > COMMANDS // 100
    return result


@pytest.mark.parametrize("version", [version for version in VERSIONS if is_here(version)])
def test_every_supported_python_gives_the_same_bytes(version: str) -> None:
    interpreter, problem = find(version)
    if interpreter is None:
        assert "CI" not in os.environ, problem  # .ci/run has made them ready
        pytest.skip(problem)
    assert digest_by(interpreter) == expected()


@pytest.mark.parametrize("hash_seed", ["1", "2026", "4294967295", "random"])
def test_the_order_of_hashes_has_no_influence(hash_seed: str) -> None:
    pure = engine_kind() == "pure"
    assert digest_by(Path(sys.executable), pure=pure, hash_seed=hash_seed) == expected()


def test_logs_of_earlier_versions_give_what_they_gave() -> None:
    """Whoever changes this breaks every data directory: the state hashes of old snapshots disagree."""
    assert expected()["state_hash"] == STATE_HASH
    assert expected()["events_hash"] == EVENTS_HASH


def test_another_stream_gives_other_bytes() -> None:
    """Else the tests above would show nothing."""
    other = digest(COMMANDS, SEED + 1)
    assert other["state_hash"] != expected()["state_hash"]
    assert other["events_hash"] != expected()["events_hash"]


def test_the_locked_version_is_what_other_pythons_get() -> None:
    lines = locked((ROOT / "requirements.lock").read_text(), "msgspec").splitlines()
    assert lines[0].startswith("msgspec==")
    assert all("--hash=sha256:" in line for line in lines[1:])
    with pytest.raises(LookupError):
        locked("a==1\n", "b")
