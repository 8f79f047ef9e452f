"""A supervisor with children that do nothing: `python -m tests.cli.supervised STORY`."""

import os
import select
import signal
import socket
import sys
import time
from typing import Any
from unittest import mock

import click
import structlog

from openbourse.cli.supervisor import Supervisor

# How long the engine takes to end: time enough to be told more than once.
_ENDING_SECONDS = 0.5


class Story:
    """One engine and two gateways, until the supervisor gets SIGTERM; prints what the engine has heard."""

    def __init__(self) -> None:
        self.supervisor = Supervisor()
        self.waits: list[float] = []

    def engine(self, first: bool) -> None:
        del first
        told: list[int] = []
        signal.signal(signal.SIGTERM, lambda number, _: told.append(number))
        self.supervisor.started()
        self.everything_serves()
        while not told:
            time.sleep(0.02)
        end = time.monotonic() + _ENDING_SECONDS
        while time.monotonic() < end:
            time.sleep(0.02)
        click.echo(f"engine told {len(told)} times")

    def gateway(self, first: bool) -> None:
        """SIGTERM ends it."""
        del first
        while True:
            time.sleep(1.0)

    def everything_serves(self) -> None:
        os.kill(os.getppid(), signal.SIGTERM)

    def waited(self, timeout: float) -> None:
        """The supervisor waits for so long."""
        if self.supervisor._stopping_since:
            self.waits.append(timeout)

    def run(self) -> None:
        real = select.select

        def waiting(*arguments: Any) -> Any:
            self.waited(arguments[-1])
            return real(*arguments)

        doors = [(socket.create_server(("127.0.0.1", 0)), self.gateway) for _ in range(2)]
        with mock.patch("select.select", waiting):
            status = self.supervisor.run(self.engine, doors)
        click.echo(f"status {status}")
        click.echo(f"shortest wait {min(self.waits)}")


STORIES = {"stop": Story}

if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    STORIES[sys.argv[1]]().run()
