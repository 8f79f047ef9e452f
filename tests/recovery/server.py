"""A real venue in a process of its own: founded, started, killed and verified."""

import asyncio
import os
import resource
import signal
import subprocess
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
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
START_SECONDS: Final = 30.0


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
    `file_limit` bytes (0: no limit).
    """

    def __init__(self, data_dir: Path, errors: Path, *, file_limit: int = 0) -> None:
        self.port = 0
        with errors.open("ab") as stream:
            self.process = subprocess.Popen(
                [OPENBOURSE, "serve", "--port", "0", "--data-dir", str(data_dir)],
                stdout=subprocess.PIPE,
                stderr=stream,
                env=_environment(
                    OPENBOURSE_LIMITS_RATE_LIMITS="false", OPENBOURSE_SNAPSHOTS_EVERY_COMMANDS="250"
                ),
                preexec_fn=partial(_limit_files, file_limit) if file_limit else None,  # noqa: PLW1509 - no threads
                start_new_session=True,  # so that a kill can take its snapshot process along
            )

    def wait_until_ready(self) -> None:
        """Until requests are accepted; AssertionError when it ends instead."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline().decode()
        assert line.startswith("serving http://127.0.0.1:"), f"the venue did not start: {line!r}"
        self.port = int(line.split()[1].rpartition(":")[2])

    def client(self, account: Account) -> Client:
        return Client(self.port, account.key_id, account.secret)

    def kill(self, *, children: bool = False) -> None:
        """SIGKILL, to the venue alone or to its snapshot process as well."""
        if children:
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


def verify(data_dir: Path) -> str:
    """What `openbourse verify` prints about sound data; AssertionError when they are not."""
    command = [OPENBOURSE, "verify", "--data-dir", str(data_dir)]
    done = subprocess.run(
        command, env=_environment(), capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, f"verify: {done.stdout}\n{done.stderr}"
    return done.stdout


def _limit_files(size: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def _environment(**settings: str) -> dict[str, str]:
    """Ours without any settings of a venue but these; the choice of the engine stays."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OPENBOURSE_")}
    if "OPENBOURSE_PURE" in os.environ:
        kept["OPENBOURSE_PURE"] = os.environ["OPENBOURSE_PURE"]
    return kept | settings
