"""The venue: the exchange with its log, read sides and accounts, running.

`Venue.open` recovers the state, which is the only way to start; `start` opens the doors; `stop` drains,
writes a snapshot and closes everything. Protocols talk to `trading`, `funds` and the read sides.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, TypeVar

import structlog
from sqlalchemy import Connection

from openbourse.accounts.accounts import Accounts
from openbourse.accounts.opening import open_accounts
from openbourse.core.commands import AnyCommand, SetWithdrawals
from openbourse.core.events import AnyEvent, Applied, Refused
from openbourse.core.exchange import Exchange
from openbourse.core.refusal import Refusal
from openbourse.history.history import History, markets_past
from openbourse.history.reader import HistoryReader
from openbourse.history.writer import HistoryWriter
from openbourse.log.data_directory import DataDirectory
from openbourse.log.errors import PoisonedCommandError, SnapshotError
from openbourse.log.quarantine import Quarantine
from openbourse.log.recovery import Recovered, recover
from openbourse.log.restored import Restored, read_restored
from openbourse.log.snapshots import SnapshotStore
from openbourse.log.snapshotter import Outcome, Snapshotter
from openbourse.log.sqlite_log import SqliteLog
from openbourse.market_data.market_data import MarketData
from openbourse.venue.clock import Clock, SystemClock
from openbourse.venue.conservation import ConservationWatch
from openbourse.venue.liabilities import Liabilities
from openbourse.venue.listing import Listing
from openbourse.venue.maintenance import Maintenance
from openbourse.venue.options import VenueOptions
from openbourse.venue.sequencer import Busy, Sequencer
from openbourse.wallet.catalogue import AssetCatalogue
from openbourse.wallet.chain import Chains, NoChains
from openbourse.wallet.database import open_engine
from openbourse.wallet.simulated_chain import SimulatedChains
from openbourse.wallet.wallet import Wallet

# How long an orderly stop waits for a history that is behind.
_HISTORY_SECONDS: Final = 30.0

T = TypeVar("T")
Listener = Callable[[list[Applied]], None]

_log = structlog.get_logger(__name__)


class Venue:
    """One running exchange. All calls belong to the event loop's thread."""

    def __init__(self, options: VenueOptions, directory: DataDirectory, clock: Clock | None) -> None:
        """Use `Venue.open`. Recovers everything; the directory is locked already."""
        self.options = options
        self.directory = directory
        self.failure: Exception | None = None
        self.on_failure: Callable[[Exception], None] | None = None
        self.snapshot_outcomes: Counter[str] = Counter()
        self.restored: Restored | None = read_restored(directory)
        self._listeners: list[Listener] = []
        with contextlib.ExitStack() as opened:
            self.accounts: Accounts = open_accounts(
                options.accounts_url or _sqlite(directory.accounts), directory.master_key
            )
            opened.callback(self.accounts.close)
            self.assets = AssetCatalogue(options.accounts_url or _sqlite(directory.accounts))
            opened.callback(self.assets.close)
            self.listing = Listing(options.accounts_url or _sqlite(directory.accounts))
            opened.callback(self.listing.close)
            self._wallet_engine = open_engine(options.accounts_url or _sqlite(directory.accounts))
            opened.callback(self._wallet_engine.dispose)
            self.liabilities = Liabilities(directory.liabilities, self.accounts)
            opened.callback(self.liabilities.close)
            self.maintenance = Maintenance(self._wallet_engine)
            self.history = History(options.history_url or _sqlite(directory.history))
            opened.callback(self.history.close)
            self.log = SqliteLog(directory.commands)
            opened.callback(self.log.close)
            self.snapshots = SnapshotStore(directory.snapshots)
            self.recovered: Recovered = self._recover()
            self._opened = opened.pop_all()
        self.exchange: Exchange = self.recovered.exchange
        self.clock: Clock = clock or SystemClock(options.clock_patience_seconds)
        self.wallet = Wallet(self._wallet_engine, self.exchange, self, self.assets, self._open_chains())
        self.market_data = MarketData()
        with self.history.engine.connect() as connection:
            began = max(self.clock.now(), self.exchange.now)
            past = markets_past(connection, self.exchange.market_names(), began)
        self.market_data.load(self.exchange, past)
        self._history_writer = HistoryWriter(self.history)
        self._history_reader = HistoryReader(self.history, self._history_writer)
        self._sequencer = Sequencer(
            self.exchange, self.log, self._applied, self.clock, on_failure=self._failed
        )
        self.conservation = ConservationWatch(self, every_seconds=options.conservation_every_seconds)
        self._snapshotter = Snapshotter(
            directory.path,
            lambda: self.exchange.sequence,
            every_commands=options.snapshot_every_commands,
            every_seconds=options.snapshot_every_seconds,
            replayed=self.recovered.replayed,
            on_outcome=self._snapshot_done,
        )

    @classmethod
    def open(cls, options: VenueOptions, clock: Clock | None = None) -> "Venue":
        """Lock the data directory and recover.

        Raises LogError, AccountsError or HistoryError with one sentence for the operator.
        """
        directory = DataDirectory(options.data_directory)
        directory.open(options.mode)
        try:
            return cls(options, directory, clock)
        except BaseException:
            directory.close()
            raise

    def _open_chains(self) -> Chains:
        """A sandbox simulates every chain; connections to real ones come behind the same interface."""
        if self.options.mode == "sandbox":
            return SimulatedChains(self._wallet_engine, self.clock.now)
        return NoChains()

    def _recover(self) -> Recovered:
        try:
            return recover(
                self.log,
                self.snapshots,
                on_applied=lambda applied: _discard(self.history.apply(applied)),
                known=self.history.applied_sequence(),
            )
        except PoisonedCommandError as error:
            Quarantine(self.directory.quarantine).put(error)
            raise

    # -- life --------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Begin to take commands; what is known of users but not yet by the core is brought in."""
        self._history_writer.start()
        self._sequencer.start()
        self._snapshotter.start()
        if self.restored is not None and self.exchange.withdrawals_enabled:
            _log.warning("restored_withdrawals_halted", sequence=self.restored.sequence)
            await self.submit(SetWithdrawals(self.now(), False))
        self.conservation.start()
        self.wallet.start(self.options.wallet_every_seconds)
        _log.info(
            "venue_started",
            sequence=self.exchange.sequence,
            snapshot=self.recovered.snapshot_sequence,
            replayed=self.recovered.replayed,
            seconds=round(self.recovered.seconds, 3),
        )

    async def stop(self) -> None:
        """Finish what was accepted, write a snapshot, close all files. May be called once, at any time."""
        await self.wallet.stop()
        await self.conservation.stop()
        await self._snapshotter.stop()
        await self._sequencer.stop()
        # After a failure the disk may be full: what the history lacks is caught up at the next start.
        await self._history_writer.stop(_HISTORY_SECONDS if self.failure is None else 1.0)
        self._history_reader.close()
        if self.failure is None and self.exchange.sequence not in self.snapshots.sequences()[:1]:
            await asyncio.to_thread(self._save_snapshot)
        self.close()
        _log.info("venue_stopped", sequence=self.exchange.sequence)

    def _save_snapshot(self) -> None:
        try:
            self.snapshots.save(self.exchange)
        except SnapshotError as error:
            # Nothing is lost without it: the next start replays the log instead.
            _log.error("snapshot_failed", error=str(error))

    def close(self) -> None:
        """Close the files of a venue that was opened but not started, or has stopped."""
        self._opened.close()
        self.directory.close()

    # -- commands ----------------------------------------------------------------------------------

    def now(self) -> int:
        """The venue's time in Unix ms, which never goes back: stamp commands with it."""
        return self._sequencer.now()

    def present(self) -> int:
        """What other clocks show (Unix ms): compare the time stamps of others with it.

        It differs from `now` while that waits for it, after the computer's clock was far ahead.
        """
        return self.clock.now()

    def submit(self, command: AnyCommand) -> Awaitable[list[AnyEvent]]:
        """The events of one command once it is durable; the events of a refused one are [Refused].

        Raises Busy or VenueStopped at once, with nothing done.
        """
        if self._history_writer.full:
            raise Busy("the history cannot keep up")
        return self._sequencer.submit(command)

    def submit_all(self, commands: list[AnyCommand]) -> Awaitable[list[list[AnyEvent]]]:
        """As `submit`, for commands that follow one another with none between."""
        if self._history_writer.full:
            raise Busy("the history cannot keep up")
        return self._sequencer.submit_all(commands)

    @property
    def overloaded(self) -> bool:
        """New orders should be refused, so that cancels still get through."""
        return self._history_writer.busy

    @property
    def sequencer(self) -> Sequencer:
        """For those who watch it; commands go through `submit`."""
        return self._sequencer

    @property
    def history_backlog(self) -> int:
        """How many commands the history has still to write."""
        return self._history_writer.backlog

    # -- reading -----------------------------------------------------------------------------------

    async def ask(self, query: Callable[[Connection], T]) -> T:
        """The answer of a history query that sees everything applied so far.

        Raises HistoryUnavailableError.
        """
        return await self._history_reader.ask(query, self.exchange.sequence)

    def listen(self, listener: Listener) -> None:
        """Call `listener` with every applied batch, before the submitters get their answers."""
        self._listeners.append(listener)

    def forget_restored(self) -> None:
        """The operator has dealt with what the backup did not know."""
        self.directory.restored.unlink(missing_ok=True)
        self.restored = None

    # -- what the parts report ---------------------------------------------------------------------

    def _applied(self, batch: list[Applied]) -> None:
        self.market_data.apply(batch)
        self._history_writer.add(batch)
        self.wallet.notice(batch)
        for listener in self._listeners:
            listener(batch)

    def _failed(self, error: Exception) -> None:
        self.failure = error
        self.wallet.halt()
        _log.error("venue_failed", error=repr(error))
        if isinstance(error, PoisonedCommandError):
            Quarantine(self.directory.quarantine).put(error)
        if self.on_failure is not None:
            self.on_failure(error)

    def _snapshot_done(self, outcome: Outcome) -> None:
        self.snapshot_outcomes["taken" if outcome.ok else "failed"] += 1
        if outcome.violations:
            self._failed(RuntimeError(f"the state violates its invariants: {outcome.violations[0]}"))


def accepted(events: list[AnyEvent]) -> list[AnyEvent]:
    """The events of a command that was carried out; raises Refusal for one that was refused."""
    if events and isinstance(events[0], Refused):
        raise Refusal(events[0].reason, events[0].detail)
    return events


def _sqlite(path: Path) -> str:
    return f"sqlite:///{path}"


def _discard(_: int) -> None:
    return None
