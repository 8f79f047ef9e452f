"""`python -m tools.mutate`: put known bugs into a copy of the sources, one at a time, and see the suite find
each.

A suite that stays green over a bug is no proof. docs/mutations.md says what each bug would cost. Where `SOAK`
stands for the tests, the soak is to find it.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
SECONDS = 600
SOAK = "soak"


class Mutation(NamedTuple):
    """A bug: in a file of the package, `old` becomes `new`; `tests` are to find it."""

    name: str
    file: str
    old: str
    new: str
    tests: str


_TRAFFIC = "tests/core/test_random_traffic.py"
MUTATIONS = (
    Mutation(
        "fee rounded the wrong way",
        "core/fees.py",
        "in_token -= in_token % FEE_TOKEN_STEP",
        "in_token += -in_token % FEE_TOKEN_STEP",
        _TRAFFIC,
    ),
    Mutation(
        "frozen money not released when an order ends",
        "core/matching.py",
        "    release_rest(state, order)\n    del order",
        "    del order",
        _TRAFFIC,
    ),
    Mutation(
        "price improvement kept frozen",
        "core/matching.py",
        "        order.pays.release((order.price - price) * quantity)\n",
        "        pass\n",
        _TRAFFIC,
    ),
    Mutation(
        "trades at the taker's price",
        "core/matching.py",
        "taker, maker, maker.price, quantity)",
        "taker, maker, taker.price or maker.price, quantity)",
        _TRAFFIC,
    ),
    Mutation(
        "deposit credited again",
        "core/treasury.py",
        "    if used is None:",
        '    if used is None or key.startswith("deposit/"):',
        _TRAFFIC,
    ),
    Mutation(
        "idempotency key forgotten at snapshot",
        "core/snapshot.py",
        "        yield [key, used.used_for, used.request]\n",
        '        if not key.startswith("transfer/"):\n            yield [key, used.used_for, used.request]\n',
        f"tests/core/test_snapshot.py {_TRAFFIC}",
    ),
    Mutation(
        "answer before the commit",
        "venue/sequencer.py",
        "            began = time.perf_counter()\n",
        "            began = time.perf_counter()\n"
        "            self._loop.call_soon_threadsafe(self._committed, batch, 0.0, None)\n",
        "tests/venue/test_sequencer.py",
    ),
    Mutation(
        "batches not chained",
        "log/sqlite_log.py",
        "chained = sha256(previous)",
        "chained = sha256()",
        "tests/log/test_sqlite_log.py",
    ),
    Mutation(
        "mark of the log not moved",
        "log/sqlite_log.py",
        "digest)\n        self._move_mark()",
        "digest)",
        "tests/log/test_sqlite_log.py",
    ),
    Mutation(
        "first command after the snapshot lost",
        "log/recovery.py",
        "in log.read(after=exchange.sequence):\n        applied = [",
        "in log.read(after=exchange.sequence + (exchange.sequence > 0)):\n        applied = [",
        "tests/log/test_recovery.py",
    ),
    Mutation(
        "failed commit taken for a good one",
        "venue/sequencer.py",
        "                failure = error\n",
        "                del error\n",
        "tests/venue/test_sequencer.py",
    ),
    Mutation(
        "sweep misses what users do behind it",
        "venue/sweep.py",
        "+ event.change",
        "+ 0",
        "tests/venue/test_conservation.py",
    ),
    # What the simulated town is for: bugs that only crashes, silence and reorganisations bring to light.
    Mutation(
        "withdrawal sent again after silence",
        "wallet/payout.py",
        "await self._tell_unknown(withdrawal, str(error) or type(error).__name__)",
        "await self._broadcast(withdrawal, chain)",
        SOAK,
    ),
    Mutation(
        "push before it is durable",
        "venue/sequencer.py",
        "            try:\n"
        "                self._log.append(batch.commands)\n"
        "            except Exception as error:  # noqa: BLE001 - it is handed on to whoever waits\n"
        "                failure = error\n",
        "            self._loop.call_soon_threadsafe(self._committed, batch, 0.0, None)\n"
        "            self._log.append(batch.commands)\n"
        "            continue\n",
        SOAK,
    ),
    Mutation(
        "deposit credited again after a reorganisation",
        "core/deposits.py",
        'return "exception", "it was credited and has left the chain"',
        'return "processing", deposit.note',
        SOAK,
    ),
)


def main() -> int:
    """Try all bugs, or those whose names contain the words given; 1 when one was not found."""
    wanted = [each for each in MUTATIONS if all(word in each.name for word in sys.argv[1:])]
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        _copy(copy)
        tests = dict.fromkeys(" ".join(each.tests for each in wanted).split())
        failing = [test for test in tests if not _passes(copy, test, soaking=30)]
        if failing:
            print(f"without any mutation there fail already: {' '.join(failing)}; nothing can be said")
            return 1
        missed = [each.name for each in wanted if not _is_found(copy, each)]
    print(f"{len(wanted) - len(missed)} of {len(wanted)} found", *[f"MISSED {name}" for name in missed])
    return 1 if missed else 0


def _copy(target: Path) -> None:
    ignored = shutil.ignore_patterns("*.so", "_build.json", "__pycache__")
    for name in ("src", "tests", "tools", "benchmarks"):
        shutil.copytree(ROOT / name, target / name, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", target)
    shutil.copy(ROOT / "requirements.lock", target)


def _is_found(copy: Path, mutation: Mutation) -> bool:
    file = copy / "src" / "openbourse" / mutation.file
    sound = file.read_text()
    if sound.count(mutation.old) != 1:
        print(f"{mutation.name}: does not fit {mutation.file} any more")
        return False
    file.write_text(sound.replace(mutation.old, mutation.new))
    began = time.monotonic()
    try:
        passed = _passes(copy, mutation.tests, soaking=SECONDS - 60)
    finally:
        file.write_text(sound)
    how = {True: "MISSED", False: "found", None: "found, hangs"}[passed]
    print(f"{mutation.name}: {how} in {time.monotonic() - began:.0f} s by {mutation.tests}", flush=True)
    return passed is not True


def _passes(copy: Path, tests: str, soaking: int) -> bool | None:
    """Whether these tests pass on the interpreted core; None when they do not come to an end.

    The soak may take `soaking` seconds, and starts with a seed of its own each time.
    """
    if tests == SOAK:
        command = [sys.executable, "-m", "benchmarks", "soak", "--seconds", str(soaking)]
    else:
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests.split()]
    environment = {**os.environ, "PYTHONPATH": str(copy / "src"), "OPENBOURSE_PURE": "1"}
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    try:
        done = subprocess.run(  # noqa: S603 - our own tests
            command, cwd=copy, env=environment, capture_output=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return None
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
