"""Snapshots without stopping trade: another process replays the log beside the venue and writes them.

`python -m openbourse.log.snapshotter DATA_DIR` starts from the newest snapshot, replays what has been
committed since, checks the core's invariants and saves. `Snapshotter` is the venue's side: it
starts that process when it is due and never more than one.
"""

import asyncio
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
import structlog

from openbourse.core import invariants
from openbourse.log.child_process import end
from openbourse.log.data_directory import DataDirectory
from openbourse.log.errors import LogError
from openbourse.log.recovery import recover
from openbourse.log.snapshots import SnapshotStore
from openbourse.log.sqlite_log import SqliteLog

EVERY_COMMANDS: Final = 1_000_000
EVERY_SECONDS: Final = 600.0
TIMEOUT_SECONDS: Final = 600.0
LONG_START: Final = 0.1  # of the commands between two snapshots

_POLL_SECONDS = 1.0
_NICENESS = 10  # trade comes first
_log = structlog.get_logger(__name__)


class Outcome(msgspec.Struct):
    """What a run of the process did, as the JSON line that it prints. `violations`: the state is unsound."""

    sequence: int = 0
    replayed: int = 0
    seconds: float = 0.0
    violations: list[str] = []
    error: str = ""

    @property
    def ok(self) -> bool:
        return not self.error and not self.violations


class Snapshotter:
    """Takes a snapshot every so many commands, or seconds if anything happened at all.

    `replayed` is how many commands the start had to replay: they count as if they had come since, and when
    they are many a snapshot is taken at once, or a venue that dies young over and over would start ever more
    slowly. `sequence` gives the venue's position at any time; `on_outcome` is called after every run, in the
    event loop, so that the venue can act on `violations`.
    """

    def __init__(
        self,
        data_dir: Path,
        sequence: Callable[[], int],
        *,
        every_commands: int = EVERY_COMMANDS,
        every_seconds: float = EVERY_SECONDS,
        timeout_seconds: float = TIMEOUT_SECONDS,
        replayed: int = 0,
        on_outcome: Callable[[Outcome], None] | None = None,
    ) -> None:
        self._data_dir = data_dir
        self._sequence = sequence
        self._every_commands = every_commands
        self._every_seconds = every_seconds
        self._timeout = timeout_seconds
        self._on_outcome = on_outcome
        self._running = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._latest = (sequence() - replayed, time.monotonic())
        self._start_was_long = replayed >= every_commands * LONG_START

    def start(self) -> None:
        """Begin to watch; call it in the event loop."""
        self._task = asyncio.create_task(self._watch(), name="snapshotter")

    async def stop(self) -> None:
        """End the watch and a process that is at work."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def take(self) -> Outcome:
        """Take a snapshot now, after one that is being taken. Never raises for a failed run: see Outcome."""
        async with self._running:
            self._latest = (self._sequence(), time.monotonic())
            self._start_was_long = False
            outcome = await self._run()
        if outcome.ok:
            _log.info("snapshot_taken", **msgspec.structs.asdict(outcome))
        else:
            _log.error("snapshot_failed", **msgspec.structs.asdict(outcome))
        if self._on_outcome is not None:
            self._on_outcome(outcome)
        return outcome

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(min(_POLL_SECONDS, self._every_seconds))
            if not self._due():
                continue
            try:
                await self.take()
            except Exception:  # noqa: BLE001 - logged, and tried again when due: the log alone suffices
                _log.exception("snapshotter_failed")

    def _due(self) -> bool:
        sequence, taken_at = self._latest
        fresh = self._sequence() - sequence
        return (
            self._start_was_long
            or fresh >= self._every_commands
            or (fresh > 0 and time.monotonic() - taken_at >= self._every_seconds)
        )

    async def _run(self) -> Outcome:
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "openbourse.log.snapshotter",
                str(self._data_dir),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                env=_environment(),
            )
        except OSError as error:
            return Outcome(error=f"cannot start the snapshot process: {error}")
        try:
            async with asyncio.timeout(self._timeout):
                output, _ = await process.communicate()
        except TimeoutError:
            return Outcome(error=f"not finished after {self._timeout:g} seconds")
        finally:
            await end(process)
        try:
            return msgspec.json.decode(output.splitlines()[-1] if output else b"", type=Outcome)
        except msgspec.MsgspecError:
            return Outcome(error=f"the snapshot process ended with code {process.returncode} and no report")


def _environment() -> dict[str, str]:
    """Ours without the venue's settings: the process needs no secrets and should not have any."""
    return {name: value for name, value in os.environ.items() if not name.startswith("OPENBOURSE_")}


def take_snapshot(data_dir: Path) -> Outcome:
    """The process's work. A state that violates an invariant is reported and not saved."""
    directory = DataDirectory(data_dir)
    try:
        directory.check()
        log = SqliteLog(directory.commands, read_only=True)
        try:
            store = SnapshotStore(directory.snapshots)
            recovered = recover(log, store)
        finally:
            log.close()
        outcome = Outcome(recovered.exchange.sequence, recovered.replayed, recovered.seconds)
        outcome.violations = invariants.violations(recovered.exchange)[:20]
        if not outcome.violations and outcome.sequence != recovered.snapshot_sequence:
            store.save(recovered.exchange)
    except LogError as error:
        return Outcome(error=str(error))
    return outcome


def main() -> int:
    """Run as a process: print the outcome as one line of JSON; the exit code is 0 when all is well."""
    os.nice(_NICENESS)
    # Warnings of the library go to standard error, the last line of standard output is the report.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    outcome = take_snapshot(Path(sys.argv[1]))
    sys.stdout.buffer.write(msgspec.json.encode(outcome) + b"\n")
    sys.stdout.flush()
    return 0 if outcome.ok else 1


if __name__ == "__main__":
    sys.exit(main())
