"""A supervisor with children that do nothing: `python -m tests.cli.supervised STORY`."""

import errno
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
_fork = os.fork
_select = select.select


class Story:
    """One engine and two gateways, until the supervisor gets SIGTERM; prints what the engine has heard."""

    failing_forks: tuple[int, ...] = ()

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.supervisor = Supervisor()
        self.forks = 0
        self.waits: list[float] = []

    def engine(self, first: bool) -> None:
        del first
        told: list[int] = []
        signal.signal(signal.SIGTERM, lambda number, _: told.append(number))
        self.supervisor.started()
        self.everything_serves()
        while not told and self.is_supervised():
            time.sleep(0.02)
        end = time.monotonic() + _ENDING_SECONDS
        while time.monotonic() < end:
            time.sleep(0.02)
        click.echo(f"engine told {len(told)} times")

    def gateway(self, first: bool) -> None:
        """SIGTERM ends it."""
        del first
        while self.is_supervised():
            time.sleep(0.5)

    def is_supervised(self) -> bool:
        return os.getppid() == self.pid

    def everything_serves(self) -> None:
        os.kill(os.getppid(), signal.SIGTERM)

    def waited(self, timeout: float) -> None:
        """The supervisor waits for so long."""
        if self.supervisor._stopping_since:
            self.waits.append(timeout)

    def forked(self) -> int:
        self.forks += 1
        if self.forks in self.failing_forks:
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        return _fork()

    def run(self) -> None:
        def waiting(*arguments: Any) -> Any:
            self.waited(arguments[-1])
            return _select(*arguments)

        doors = [(socket.create_server(("127.0.0.1", 0)), self.gateway) for _ in range(2)]
        with mock.patch("select.select", waiting), mock.patch("os.fork", self.forked):
            status = self.supervisor.run(self.engine, doors)
        click.echo(f"status {status}")
        click.echo(f"shortest wait {min(self.waits)}")


class NoRoomAgain(Story):
    """A gateway dies, and at first there is no room for a new one, which then ends the story."""

    failing_forks = (4, 5)

    def everything_serves(self) -> None:
        pass

    def waited(self, timeout: float) -> None:
        super().waited(timeout)
        victim = self.supervisor._children[1].pid
        if self.supervisor._started and self.forks == 3 and victim:
            os.kill(victim, signal.SIGKILL)

    def gateway(self, first: bool) -> None:
        if not first:
            click.echo("gateway there again")
            os.kill(os.getppid(), signal.SIGTERM)
        super().gateway(first)


class NoRoom(Story):
    """There is no room for the second gateway from the beginning."""

    failing_forks = (3,)

    def forked(self) -> int:
        if self.forks + 1 in self.failing_forks:
            _select([self.supervisor._ready], [], [])  # the engine hears what it is told
        return super().forked()

    def everything_serves(self) -> None:
        pass


STORIES = {"stop": Story, "no room again": NoRoomAgain, "no room": NoRoom}

if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    STORIES[sys.argv[1]]().run()
