"""A sandbox as a process of its own, for clients that share nothing with the test but the network."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import msgspec

from openbourse.sandbox.control.client import ControlClient
from openbourse.testing.accounts import SandboxUser
from openbourse.testing.clients import ccxt_client
from openbourse.testing.folder import passing_folder
from openbourse.testing.typed_clients import TypedClients

START_SECONDS: Final = 60.0
_STOP_SECONDS: Final = 30.0
_MAX_SHOWN: Final = 4_000


class SandboxProcess(TypedClients):
    """A running `openbourse demo`: `users` are its funded traders by name, `control` gives it orders."""

    def __init__(self, url: str, users: dict[str, SandboxUser]) -> None:
        self.url = url
        self.users = users
        self.control = ControlClient(url)

    @classmethod
    @contextmanager
    def running(cls, *, bots: bool = False, seed: int = 1) -> Iterator["SandboxProcess"]:
        """A fresh process on a free port until the block ends; `bots` let its markets live."""
        with passing_folder() as folder:
            file, complaints = Path(folder) / "credentials.json", Path(folder) / "stderr"
            command = [sys.executable, "-m", "openbourse.cli", "demo", "--port", "0", "--no-rate-limits"]
            command += ["--data-dir", f"{folder}/venue", "--credentials", str(file), "--seed", str(seed)]
            # Not a pipe: nobody would read it, and when it is full the sandbox stands still.
            with complaints.open("wb") as errors:
                process = subprocess.Popen(  # noqa: S603 - our own program
                    command + ([] if bots else ["--no-bots"]), stdout=subprocess.DEVNULL, stderr=errors
                )
            try:
                yield cls._find(process, file, complaints)
            finally:
                process.terminate()
                try:
                    process.wait(timeout=_STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()

    @classmethod
    def _find(cls, process: "subprocess.Popen[bytes]", file: Path, complaints: Path) -> "SandboxProcess":
        """The file is written in one piece when requests are accepted."""
        deadline = time.monotonic() + START_SECONDS
        while not file.exists():
            if process.poll() is not None:
                said = complaints.read_text(errors="replace")[-_MAX_SHOWN:]
                raise RuntimeError(f"the sandbox did not start: {said}")
            if time.monotonic() > deadline:
                raise RuntimeError("the sandbox did not start in time")
            time.sleep(0.01)
        known = msgspec.json.decode(file.read_bytes())
        return cls(known["base_url"], {user["name"]: _user(user) for user in known["users"]})

    def now(self) -> int:
        """The venue's time in Unix ms."""
        time_there: int = self.control.get("clock")["time"]
        return time_there

    def ccxt(self, user: str, **options: Any) -> Any:
        """A ccxt client of one of `users`. It keeps the computer's time."""
        return ccxt_client("ccxt", self.url, self.users[user], _real_time, options)

    def ccxt_async(self, user: str, **options: Any) -> Any:
        """As `ccxt`, of ccxt.async_support: close it."""
        return ccxt_client("ccxt.async_support", self.url, self.users[user], _real_time, options)

    def ccxt_pro(self, user: str, **options: Any) -> Any:
        """As `ccxt`, of ccxt.pro: close it."""
        return ccxt_client("ccxt.pro", self.url, self.users[user], _real_time, options)


def _real_time() -> int:
    return time.time_ns() // 1_000_000


def _user(known: dict[str, Any]) -> SandboxUser:
    """Of an entry of the credentials file, which has the public half of each key first."""
    return SandboxUser(known["name"], 0, *known["coinex"].values(), *known["coinw"].values())
