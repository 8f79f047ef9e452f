"""The servers that are loaded: the demo as everybody gets it, and an empty handler on the same stack."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_START_SECONDS = 30.0
_STOP_SECONDS = 60.0


@dataclass(frozen=True)
class Target:
    """A server that accepts requests, and the keys of the users that it knows."""

    name: str
    port: int
    keys: list[tuple[str, str]]  # key id, secret
    process: int


@contextmanager
def demo(
    folder: Path, profile: Path | None = None, workers: int = 1, *, direct: bool = True
) -> Iterator[Target]:
    """`openbourse demo` without bots and limits, on data of its own; optionally under cProfile.

    Without `direct` its requests go through ASGI.
    """
    start = [str(Path(sys.executable).with_name("openbourse"))]
    if not direct:
        start = [sys.executable, "-m", "benchmarks.plain_demo"]
    if profile is not None:
        start = [sys.executable, "-m", "cProfile", "-o", str(profile), *start]
    credentials = folder / "credentials.json"
    options = ["--no-bots", "--no-rate-limits", "--fresh", "--port", "0", "--workers", str(workers)]
    paths = ["--data-dir", str(folder / "venue"), "--credentials", str(credentials)]
    with running([*start, "demo", *options, *paths], credentials) as process:
        known = json.loads(credentials.read_text())
        keys = [(user["coinex"]["access_id"], user["coinex"]["secret_key"]) for user in known["users"]]
        yield Target("the venue", int(known["base_url"].rpartition(":")[2]), keys, process)


@contextmanager
def empty_handler(folder: Path) -> Iterator[Target]:
    """`python -m benchmarks.empty_server`."""
    credentials = folder / "empty.json"
    with running([sys.executable, "-m", "benchmarks.empty_server", str(credentials)], credentials) as process:
        known = json.loads(credentials.read_text())
        yield Target("the empty signed handler", known["port"], [(known["key_id"], known["secret"])], process)


@contextmanager
def running(command: list[str], until: Path) -> Iterator[int]:
    """A process, from the moment when it has written the file `until`; its number."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OPENBOURSE_")}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        _wait(lambda: until.exists() or process.poll() is not None)
        if process.poll() is not None:
            raise RuntimeError(f"{' '.join(command)} has ended with code {process.returncode}")
        yield process.pid
        process.send_signal(signal.SIGINT)
        process.wait(_STOP_SECONDS)
    finally:
        process.kill()
        process.wait()


def _wait(ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not ready():
        if time.monotonic() > deadline:
            raise RuntimeError(f"a server did not start within {_START_SECONDS:.0f} s")
        time.sleep(0.02)


def children(process: int) -> list[int]:
    """The processes that a process has started; none where the system does not say."""
    try:
        return [int(pid) for pid in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except OSError:
        return []


def cpu_seconds(process: int, *, tree: bool = True) -> float:
    """CPU time that a process, and with `tree` its children, have used so far; 0.0 where nobody says."""
    if tree:
        return sum(cpu_seconds(each, tree=False) for each in [process, *children(process)])
    return _ticks(Path(f"/proc/{process}/stat"))


def loop_seconds(process: int) -> float:
    """CPU time of the first thread of a process, in which its event loop runs; 0.0 where nobody says."""
    return _ticks(Path(f"/proc/{process}/task/{process}/stat"))


def resident_bytes(process: int) -> int:
    """Memory that a process and its children have in use; 0 where nobody says."""
    try:
        sizes = [Path(f"/proc/{each}/statm").read_text() for each in [process, *children(process)]]
    except OSError:
        return 0
    return sum(int(size.split()[1]) for size in sizes) * os.sysconf("SC_PAGE_SIZE")


def _ticks(file: Path) -> float:
    try:
        fields = file.read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
