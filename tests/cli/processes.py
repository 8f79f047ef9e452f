"""The program as a process of its own, as an operator starts it."""

import hashlib
import hmac
import json
import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.waiting import SECONDS

COMMAND = [sys.executable, "-m", "openbourse.cli"]
START_SECONDS = 180.0  # with other work beside it
END_SECONDS = 60.0


def environment(**variables: str) -> dict[str, str]:
    """Ours without settings that would reach the program, and with `variables`."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("OPENBOURSE_") or name == "OPENBOURSE_PURE"
    }
    return kept | {"PYTHONUNBUFFERED": "1"} | variables


def run(*arguments: str | Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end."""
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        env=environment(**variables),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def succeed(*arguments: str | Path) -> str:
    """The output of a command that works."""
    done = run(*arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def complaint(done: "subprocess.CompletedProcess[str]") -> str:
    """The one sentence of a command that failed as it should."""
    assert done.returncode != 0, done.stdout
    assert "Traceback" not in done.stderr
    lines = [line for line in done.stderr.splitlines() if "warning: the compiled core" not in line]
    assert len([line for line in lines if line.startswith("Error: ")]) == 1, done.stderr
    return lines[-1].removeprefix("Error: ")


class Server:
    """`openbourse demo` or `serve` running on a port that the system chose; `url` once it serves."""

    def __init__(self, *arguments: str | Path, before: str = "", **variables: str) -> None:
        """`before` is a shell command, such as one that sets a limit for the process."""
        command = [*COMMAND, *map(str, arguments)]
        if before:
            command = ["sh", "-c", f'{before} && exec "$@"', "sh", *command]
        self.process = subprocess.Popen(
            command,
            env=environment(**variables),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.output: list[str] = []
        self.errors: list[str] = []
        self._news: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._readers = [
            threading.Thread(target=self._read, args=(self.process.stdout, self.output), daemon=True),
            threading.Thread(target=self._read, args=(self.process.stderr, self.errors), daemon=True),
        ]
        for reader in self._readers:
            reader.start()
        self.url = self._wait_for_url()

    def _read(self, stream: Any, lines: list[str]) -> None:
        for line in stream:
            lines.append(line)
            self._news.put(line)
        self._news.put("")

    def _wait_for_url(self) -> str:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            with suppress(queue.Empty):
                line = self._news.get(timeout=0.2)
                found = re.search(r"(?:serving|sandbox on|recording on) (https?://[^ ,]+)", line)
                if found:
                    return found[1]
            if self.process.poll() is not None:
                break
        self.process.kill()
        raise AssertionError(f"did not start: {self.output} {self.errors}")

    def get(self, path: str, headers: dict[str, str] | None = None) -> Any:
        """The JSON answer to a GET request."""
        request = urllib.request.Request(self.url + path, headers=headers or {})
        with urllib.request.urlopen(request, timeout=SECONDS) as response:
            return json.load(response)

    def wait(self) -> int:
        """The exit code, once it ends."""
        code = self.process.wait(END_SECONDS)
        for reader in self._readers:
            reader.join(END_SECONDS)
        return code

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Send a signal; returns the exit code."""
        self.process.send_signal(number)
        return self.wait()

    def __enter__(self) -> "Server":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
            for reader in self._readers:
                reader.join(END_SECONDS)
            stream.close()


def started(*arguments: str | Path, before: str = "", **variables: str) -> Server:
    """A server on any free port; use it in a with statement."""
    return Server(*arguments, "--port", "0", before=before, **variables)


def signed(server: Server, shown_key: str, path: str) -> Any:
    """The answer to a signed GET request, with the key as `key add` has shown it."""
    texts = {name: re.search(rf"^{name}: (\w+)$", shown_key, re.MULTILINE) for name in ("key", "secret")}
    assert texts["key"]
    assert texts["secret"]
    now = str(time.time_ns() // 1_000_000)
    text = f"GET{path}{now}".encode()
    signature = hmac.new(texts["secret"][1].encode(), text, hashlib.sha256).hexdigest()
    headers = {
        "X-COINEX-KEY": texts["key"][1],
        "X-COINEX-SIGN": signature,
        "X-COINEX-TIMESTAMP": now,
    }
    return server.get(path, headers)
