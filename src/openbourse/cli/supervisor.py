"""The supervisor: starts the processes of a venue, starts again what has died, ends all of them in order.

It does nothing else, so that nothing else can end it: no event loop, no threads, no files. Its children are
forks of it, with the listening sockets that it keeps open while one of them is started again.
"""

import contextlib
import os
import select
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import Final, NoReturn

import click
import structlog

from openbourse.cli.failures import sentence

# The first time at once, then twice as long each time.
RESTART_SECONDS: Final = 0.1
MAX_RESTART_SECONDS: Final = 5.0
# Who has lived for so long has not died of how it was started, and is again at the beginning.
_STEADY_SECONDS: Final = 10.0
_KILL_SECONDS: Final = 30.0
_FORCED: Final = 130
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD)

_log = structlog.get_logger(__name__)


@dataclass
class Child:
    """A process that shall live; `work` is what it does, told whether it is the first to do it."""

    name: str
    work: Callable[[bool], None]
    pid: int = 0
    starts: int = 0
    started_at: float = 0.0
    due: float = 0.0
    pause: float = 0.0  # before it is started again, should it die now


class Supervisor:
    """One engine and its gateways. Make it in a process without threads, and call `run`."""

    def __init__(self, *, kill_seconds: float = _KILL_SECONDS) -> None:
        """Gateways that have not ended `kill_seconds` after they were told to are killed."""
        self.lifeline, self._life = os.pipe()
        self._ready, self._say_ready = os.pipe()
        self._wakeup, self._wake = socket.socketpair()
        self._children: list[Child] = []
        self._listeners: list[socket.socket] = []
        self._kill_seconds = kill_seconds
        self._started = False
        self._stopping_since = 0.0
        self._engine_told = False
        self._status = 0

    def started(self) -> None:
        """Called in the engine process: everything serves."""
        os.write(self._say_ready, b"!")

    def run(
        self, engine: Callable[[bool], None], gateways: Sequence[tuple[socket.socket, Callable[[bool], None]]]
    ) -> int:
        """Until a signal, or until something cannot be started at all; the exit status.

        Every gateway has a socket of its own, which no other child keeps.
        """
        self._listeners = [listener for listener, _ in gateways]
        self._children = [Child("engine", engine)]
        self._children += [Child(f"gateway-{n}", work) for n, (_, work) in enumerate(gateways, start=1)]
        for number in _SIGNALS:
            signal.signal(number, _nothing)
        self._wake.setblocking(False)
        self._wakeup.setblocking(False)
        signal.set_wakeup_fd(self._wake.fileno(), warn_on_full_buffer=False)
        for child in self._children:
            if not self._stopping_since:
                self._start(child)
        while self._living() or not self._stopping_since:
            self._wait()
            self._bury()
            if self._stopping_since:
                self._end()
            else:
                self._start_what_is_due()
        return self._status

    # -- living --------------------------------------------------------------------------------------

    def _wait(self) -> None:
        """Until a signal, the word of the engine, or something that is due."""
        now = time.monotonic()
        # Nobody is due any more when all are to end.
        dues = [child.due - now for child in self._children if not child.pid and not self._stopping_since]
        timeout = max(0.0, min([1.0, *dues]))
        found, _, _ = select.select([self._wakeup.fileno(), self._ready], [], [], timeout)
        if self._ready in found:
            os.read(self._ready, 64)
            self._started = True
        if self._wakeup.fileno() in found:
            for number in self._wakeup.recv(4096):
                self._signalled(number)

    def _signalled(self, number: int) -> None:
        if number == signal.SIGHUP:
            for child in self._children[1:]:
                _kill(child, signal.SIGHUP)
        elif number in (signal.SIGINT, signal.SIGTERM):
            if self._stopping_since:
                for child in self._children:
                    _kill(child, signal.SIGKILL)
                os._exit(_FORCED)
            click.echo("stopping; once more to force it", err=True)
            self._stop()

    def _start_what_is_due(self) -> None:
        now = time.monotonic()
        for child in self._children:
            if not child.pid and now >= child.due:
                self._start(child)

    def _bury(self) -> None:
        """See who has died, and say when it is to live again."""
        for child in self._children:
            if not child.pid:
                continue
            pid, status = os.waitpid(child.pid, os.WNOHANG)
            if pid:
                self._died(child, os.waitstatus_to_exitcode(status))

    def _died(self, child: Child, status: int) -> None:
        child.pid = 0
        if self._stopping_since:
            if child is self._children[0] and status:
                self._status = 1
            return
        if not self._started:
            self._give_up()
            return
        if time.monotonic() - child.started_at > _STEADY_SECONDS:
            child.pause = 0.0
        _log.error("process_died", process=child.name, status=status, again_in=_postpone(child))

    def _not_started(self, child: Child, error: OSError) -> None:
        """The system has no room for one more process: perhaps soon, the others serve meanwhile."""
        if not self._started:
            click.echo(f"Error: cannot start a process: {error.strerror}", err=True)
            self._give_up()
            return
        again_in = _postpone(child)
        _log.error("process_not_started", process=child.name, reason=error.strerror, again_in=again_in)

    def _give_up(self) -> None:
        """Something cannot be started at all, and it was said why: nothing will change that by itself."""
        self._status = 1
        self._stop()

    # -- ending --------------------------------------------------------------------------------------

    def _stop(self) -> None:
        """Nobody new comes in; the gateways let everybody finish."""
        self._stopping_since = time.monotonic()
        for listener in self._listeners:
            listener.close()
        for child in self._children[1:]:
            _kill(child, signal.SIGTERM)

    def _end(self) -> None:
        """The engine after the last gateway: it has answered them all."""
        engine, *gateways = self._children
        living = [child for child in gateways if child.pid]
        if living and time.monotonic() - self._stopping_since > self._kill_seconds:
            for child in living:
                _kill(child, signal.SIGKILL)
        if not living and not self._engine_told:
            self._engine_told = True
            _kill(engine, signal.SIGTERM)

    def _living(self) -> bool:
        return any(child.pid for child in self._children)

    # -- starting ------------------------------------------------------------------------------------

    def _start(self, child: Child) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        child.starts += 1
        child.started_at = time.monotonic()
        # A signal that a child gets before it is one of its own would reach the supervisor's ear.
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        try:
            pid = os.fork()
        except OSError as error:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
            self._not_started(child, error)
            return
        if pid:
            child.pid = pid
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
            _log.info("process_started", process=child.name, pid=pid)
            return
        self._become(child)

    def _become(self, child: Child) -> NoReturn:
        """The new process: forget what is the supervisor's, do the work, and never come back."""
        status = 1
        try:
            signal.set_wakeup_fd(-1)
            for number in _SIGNALS:
                # Those of a terminal reach all of its processes: the supervisor says what is to be done.
                terminal = number in (signal.SIGINT, signal.SIGHUP)
                signal.signal(number, signal.SIG_IGN if terminal else signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
            os.close(self._life)
            os.close(self._ready)
            self._wake.close()
            self._wakeup.close()
            mine = self._children.index(child) - 1
            for index, listener in enumerate(self._listeners):
                if index != mine:
                    listener.close()
            structlog.contextvars.bind_contextvars(process=child.name)
            child.work(child.starts == 1)
            status = 0
        except click.ClickException as error:
            error.show()
        except BaseException as error:  # noqa: BLE001 - the last one who can say what it was
            context = click.get_current_context(silent=True)
            if context is not None and context.find_root().obj:
                traceback.print_exc()
            click.echo(f"Error: {sentence(error)}", err=True)
        finally:
            with contextlib.suppress(Exception):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(status)


def _nothing(number: int, frame: FrameType | None) -> None:
    """The number is in the wake-up socket."""
    del number, frame


def _postpone(child: Child) -> float:
    """Let a child be started again after its pause, and the next pause be longer; in how many seconds."""
    pause = child.pause
    child.due = time.monotonic() + pause
    child.pause = min(max(2 * pause, RESTART_SECONDS), MAX_RESTART_SECONDS)
    return pause


def _kill(child: Child, number: int) -> None:
    if child.pid:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child.pid, number)
