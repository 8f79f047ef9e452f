"""Quarantine: a command under which the core fails is put aside, with all that is needed to find out why.

The command is durable and nobody was told that it was carried out. The venue stops, because the failure may
have left money half moved and there is no rollback; recovery gives the state before the command and meets
the command again. If the core fails again, the venue does not start until the program is mended or an
operator skips the command.
"""

import platform
import time
import traceback
from pathlib import Path
from typing import Final

import msgspec
import structlog

from openbourse import __version__
from openbourse.core import snapshot
from openbourse.core.commands import AnyCommand, MarketStatus, SetMarketStatus, encode_commands
from openbourse.core.exchange import Exchange
from openbourse.engine import engine_kind
from openbourse.log.data_directory import DataDirectory
from openbourse.log.errors import LogError, PoisonedCommandError
from openbourse.log.files import write_atomically
from openbourse.log.recovery import recover, state_before
from openbourse.log.snapshots import SnapshotStore
from openbourse.log.sqlite_log import SqliteLog

_SUFFIX: Final = ".json"
_HALTED: Final[MarketStatus] = "halted"
_log = structlog.get_logger(__name__)


class Case(msgspec.Struct, frozen=True):
    """The content of `quarantine/SEQUENCE.json`. `found_at` is in Unix ms; `command` as the log has it.

    `state_hash` is that of the state before the command, once `keep_state` has put it beside the file.
    """

    sequence: int
    found_at: int
    error: str
    command: msgspec.Raw
    traceback: str
    versions: dict[str, str]
    state_hash: str = ""


class Skip(msgspec.Struct, frozen=True):
    """What skipping a command led to. `halted` is the market that was closed for it, if it names one.

    `next_error` is about the command that cannot be applied either, "" when the venue can start.
    """

    sequence: int
    halted: str
    next_error: str


class Quarantine:
    """The folder of cases in a data directory."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def put(self, error: PoisonedCommandError) -> None:
        """Write down a failure, unless that is done already. Never raises: the venue is about to stop."""
        if self._path(error.sequence).exists():
            return
        case = Case(
            sequence=error.sequence,
            found_at=time.time_ns() // 1_000_000,
            error=repr(error.__cause__),
            command=msgspec.Raw(encode_commands([error.command])[1:-1]),
            traceback="".join(traceback.format_exception(error.__cause__)),
            versions={
                "openbourse": __version__,
                "engine": engine_kind(),
                "python": platform.python_version(),
                "platform": platform.platform(),
            },
        )
        try:
            self._write(case)
        except OSError as problem:
            _log.error("quarantine_not_written", sequence=error.sequence, error=str(problem))

    def keep_state(self, before: Exchange) -> None:
        """Put the state that the next command met beside its case: with both, the failure can be repeated."""
        case = self.case(before.sequence + 1)
        SnapshotStore(self.path).save(before)
        try:
            self._write(msgspec.structs.replace(case, state_hash=snapshot.state_hash(before)))
        except OSError as error:
            raise LogError(f"cannot write to {self.path}: {error.strerror}") from None

    def cases(self) -> list[Case]:
        """All cases by sequence."""
        names = [path.name.removesuffix(_SUFFIX) for path in self.path.glob(f"*{_SUFFIX}")]
        return [self.case(int(name)) for name in sorted(names, key=int) if name.isdecimal()]

    def case(self, sequence: int) -> Case:
        """Raises LogError when there is none."""
        try:
            return msgspec.json.decode(self._path(sequence).read_bytes(), type=Case)
        except OSError:
            raise LogError(f"command {sequence} is not in quarantine") from None
        except msgspec.MsgspecError:
            raise LogError(f"{self._path(sequence)} is damaged; remove it") from None

    def _write(self, case: Case) -> None:
        self.path.mkdir(mode=0o700, exist_ok=True)
        write_atomically(self._path(case.sequence), msgspec.json.format(msgspec.json.encode(case)) + b"\n")

    def _path(self, sequence: int) -> Path:
        return self.path / f"{sequence}{_SUFFIX}"


def skip_command(path: Path, sequence: int, *, halt: bool = True) -> Skip:
    """Take the command that keeps a venue from starting out of its log: it counts as refused from now on.

    With `halt`, the market that it names is closed, for the operator to look at before it opens again.
    LogError when the venue runs, or this is not the command that fails: nothing is changed then.
    """
    directory = DataDirectory(path)
    directory.open(directory.check())
    try:
        log = SqliteLog(directory.commands)
        try:
            return _skip(directory, log, sequence, halt=halt)
        finally:
            log.close()
    finally:
        directory.close()


def _skip(directory: DataDirectory, log: SqliteLog, sequence: int, *, halt: bool) -> Skip:
    snapshots, quarantine = SnapshotStore(directory.snapshots), Quarantine(directory.quarantine)
    poisoned = _first_failure(log, snapshots, sequence)
    if next(iter(snapshots.sequences()), 0) >= sequence:
        raise LogError(
            f"there is a snapshot after command {sequence}, made by a program that could apply it: use that "
            f"version"
        )
    quarantine.put(poisoned)
    quarantine.keep_state(state_before(log, snapshots, sequence))
    log.skip(sequence)
    try:
        exchange = recover(log, snapshots).exchange
    except PoisonedCommandError as error:
        quarantine.put(error)
        return Skip(sequence, "", str(error))
    market = market_of(poisoned.command) if halt else ""
    if exchange.market_spec(market) is None or exchange.market_status(market) == _HALTED:
        return Skip(sequence, "", "")
    closing = SetMarketStatus(exchange.now, market, _HALTED)
    exchange.apply(closing)  # first, for the core may fail here too
    log.append([closing])
    return Skip(sequence, market, "")


def _first_failure(log: SqliteLog, snapshots: SnapshotStore, sequence: int) -> PoisonedCommandError:
    if sequence in log.skipped:
        raise LogError(f"command {sequence} is skipped already")
    try:
        recover(log, snapshots)
    except PoisonedCommandError as error:
        if error.sequence != sequence:
            raise LogError(
                f"the command that cannot be applied is {error.sequence}, not {sequence}"
            ) from None
        return error
    raise LogError(f"every command of {log.path} can be applied: there is nothing to skip")


def market_of(command: AnyCommand) -> str:
    """The market that a command names, "" if it names none."""
    named = getattr(command, "order", command)
    market = getattr(named, "market", "")
    return market if isinstance(market, str) else str(market.name)
