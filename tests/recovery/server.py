"""A real venue in a process of its own: founded, started, killed and verified."""

import asyncio
import contextlib
import http.client
import os
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Final

from openbourse.core.commands import MarketSpec
from openbourse.core.units import MONEY_UNIT, UNIT
from openbourse.venue.operations import Operations
from openbourse.venue.options import VenueOptions
from openbourse.venue.venue import Venue
from tests.recovery.client import Client

OPENBOURSE: Final = str(Path(sys.executable).with_name("openbourse"))
FEE: Final = UNIT // 500
MARKETS: Final = (
    MarketSpec("BTCUSDT", "BTC", "USDT", 8, 2, UNIT // 20_000, FEE, FEE),
    MarketSpec("ETHUSDT", "ETH", "USDT", 8, 2, UNIT // 2_000, FEE, FEE),
)
FUNDS: Final = {"BTC": 1_000, "ETH": 10_000, "USDT": 50_000_000}
START_SECONDS: Final = 60.0
METRICS: Final = {"OPENBOURSE_METRICS_ENABLED": "true", "OPENBOURSE_METRICS_PORT": "0"}
_WEATHER: Final = str(Path(__file__).with_name("weather.py"))


@dataclass(frozen=True)
class Account:
    """A funded user with a key that may trade."""

    name: str
    key_id: str
    secret: str


def found(data_dir: Path, users: int) -> list[Account]:
    """Make a venue with markets and funded users, as an operator would."""
    return asyncio.run(_found(data_dir, users))


async def _found(data_dir: Path, users: int) -> list[Account]:
    venue = Venue.open(VenueOptions(data_dir))
    await venue.start()
    operations = Operations(venue)
    for market in MARKETS:
        await operations.add_market(market)
    accounts = []
    for number in range(users):
        user = await operations.add_user(f"user{number}")
        for asset, amount in FUNDS.items():
            await operations.deposit(user, asset, amount * MONEY_UNIT)
        key = operations.add_key(user, "coinex", never_expires=False)
        accounts.append(Account(user.name, key.key_id, key.secret))
    await venue.stop()
    return accounts


class Server:
    """`openbourse serve` on a data directory, on a port that the system chooses.

    What it says to standard error is added to the file `errors`. No file of its own may grow beyond
    `file_limit` bytes, and it has `open_files` descriptors at most (0: no limit). Its computer has the
    `weather` of this folder (see `weather.py`), or none. `settings` go before the usual ones.
    """

    def __init__(
        self,
        data_dir: Path,
        errors: Path,
        *,
        file_limit: int = 0,
        open_files: int = 0,
        weather: Path | None = None,
        settings: Mapping[str, str] = MappingProxyType({}),
        workers: int = 1,
    ) -> None:
        self.port = 0
        self.errors = errors
        program = [OPENBOURSE] if weather is None else [sys.executable, _WEATHER, str(weather)]
        usual = {
            "OPENBOURSE_LIMITS_RATE_LIMITS": "false",
            "OPENBOURSE_SNAPSHOTS_EVERY_COMMANDS": "250",
        }
        with errors.open("ab") as stream:
            self.process = subprocess.Popen(
                [*program, "serve", "--port", "0", "--data-dir", str(data_dir), "--workers", str(workers)],
                stdout=subprocess.PIPE,
                stderr=stream,
                env=_environment(**{**usual, **settings}),
                preexec_fn=partial(_limit, file_limit, open_files),  # noqa: PLW1509 - no threads
                start_new_session=True,  # so that a kill can take its snapshot process along
            )

    def wait_until_ready(self) -> None:
        """Until requests are accepted; AssertionError when it ends instead."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline().decode()
        assert line.startswith("serving http://127.0.0.1:"), f"the venue did not start: {line!r}"
        self.port = int(line.split()[1].rpartition(":")[2])

    def wait_until_said(self, text: str) -> None:
        """Until it has written this to standard error; AssertionError when that takes too long."""
        wait_until(lambda: text in self.errors.read_text(), f"the venue said {text!r}")

    def pid_of(self, name: str) -> int:
        """The newest process of that name, of a venue with gateways."""
        started = [line for line in self.errors.read_text().splitlines() if "process_started" in line]
        return int(re.findall(rf"pid=(\d+) process={name}\b", "\n".join(started))[-1])

    def readiness(self) -> str:
        """ "ok", or why it is not ready."""
        return self._fetch(self.port, "/readyz")

    def metric(self, name: str) -> float:
        """The value of a metric without labels; the server needs METRICS among its settings."""
        port = int(re.findall(r"http://127.0.0.1:(\d+)/metrics", self.errors.read_text())[-1])
        for line in self._fetch(port, "/metrics").splitlines():
            if line.startswith(f"{name} "):
                return float(line.split()[1])
        raise AssertionError(f"there is no metric {name}")

    def _fetch(self, port: int, path: str) -> str:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)
        try:
            connection.request("GET", path)
            return connection.getresponse().read().decode().strip()
        finally:
            connection.close()

    def client(self, account: Account, timeout: float = 30.0) -> Client:
        return Client(self.port, account.key_id, account.secret, timeout)

    @property
    def open_files(self) -> int:
        """How many file descriptors it has (Linux only)."""
        return sum(1 for _ in Path(f"/proc/{self.process.pid}/fd").iterdir())

    def limit_open_files(self, limit: int) -> None:
        """Set the soft limit of the running process (Linux only)."""
        _, hard = resource.prlimit(self.process.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(self.process.pid, resource.RLIMIT_NOFILE, (limit, hard))

    def kill(self, *, children: bool = False) -> None:
        """SIGKILL, to the venue alone or to its snapshot process as well."""
        if children:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
        else:
            self.process.kill()
        self._reap()

    def stop(self) -> int:
        """Ctrl-C; the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.wait()

    def wait(self) -> int:
        """The exit code of a process that ends by itself."""
        try:
            return self.process.wait(START_SECONDS)
        finally:
            self.kill()

    def _reap(self) -> None:
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()


def wait_until(holds: Callable[[], bool], what: str, seconds: float = START_SECONDS) -> None:
    """Until a condition holds; AssertionError when it does not within so many seconds."""
    limit = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < limit, f"this never came: {what}"
        time.sleep(0.02)


def verify(data_dir: Path) -> str:
    """What `openbourse verify` prints about sound data; AssertionError when they are not."""
    command = [OPENBOURSE, "verify", "--data-dir", str(data_dir)]
    done = subprocess.run(
        command, env=_environment(), capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, f"verify: {done.stdout}\n{done.stderr}"
    return done.stdout


def _limit(file_size: int, open_files: int) -> None:
    if file_size:
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_size, file_size))
    if open_files:
        resource.setrlimit(resource.RLIMIT_NOFILE, (open_files, open_files))


def _environment(**settings: str) -> dict[str, str]:
    """Ours without any settings of a venue but these; the choice of the engine stays."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OPENBOURSE_")}
    if "OPENBOURSE_PURE" in os.environ:
        kept["OPENBOURSE_PURE"] = os.environ["OPENBOURSE_PURE"]
    return kept | settings
