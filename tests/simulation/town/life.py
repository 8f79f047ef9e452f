"""One life of a simulated venue: the real one, from recovery to its end, on a simulated machine."""

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from openbourse.core.events import Applied
from openbourse.log.data_directory import DataDirectory
from openbourse.log.recovery import Recovered
from openbourse.log.snapshotter import Outcome, take_snapshot
from openbourse.venue.clock import SystemClock
from openbourse.venue.front import VenueFront
from openbourse.venue.operations import Operations
from openbourse.venue.options import VenueOptions
from openbourse.venue.sequencer import VenueStopped
from openbourse.venue.venue import Venue
from openbourse.wallet.chain import Chains
from openbourse.wire.application import application
from openbourse.wire.coinex.settings import CoinexSettings
from openbourse.wire.coinex.ws.limits import WsLimits
from openbourse.wire.coinex.ws.service import WebSocketService
from openbourse.wire.coinw.settings import CoinwSettings
from tests.core.dice import Dice
from tests.simulation.disk import SimulatedDisk, copy_disk
from tests.simulation.journal import journal
from tests.simulation.loop import VirtualLoop
from tests.simulation.machine import Machine, PowerCut, SimulatedCrash
from tests.simulation.town.chain import Connection, Connections, OutsideChain
from tests.simulation.town.network import Network
from tests.simulation.worker import SteppedThread

# Small, so that a client that stands still is soon told so.
LIMITS = WsLimits(pause_above=2_000, send_queue=60_000, ping_every=20.0, idle=60.0)


class Life:
    """`cut` is where its power goes; what is on the disk then goes to `remains`.

    `violations` are broken promises that were seen while it ran: each ends the life.
    """

    def __init__(
        self,
        directory: DataDirectory,
        remains: Path,
        chain: OutsideChain,
        dice: Dice,
        counts: Counter[str],
        *,
        moment: float,
        cut: PowerCut | None,
    ) -> None:
        self.directory, self.remains = directory, remains
        self.chain, self.dice, self.counts = chain, dice, counts
        self.machine = Machine(moment, cut, self._copy_disk)
        self.loop = VirtualLoop(self.machine, dice)
        self.thread = SteppedThread(self.loop, dice)
        self.violations: list[str] = []
        self.applied: list[Applied] = []
        self.disk: SimulatedDisk | None = None
        self.venue: _SimulatedVenue
        self.network: Network
        self.service: WebSocketService
        self.application: Any

    @property
    def sequence(self) -> int:
        return self.venue.exchange.sequence

    def accuse(self, text: str) -> None:
        """A promise is broken: nothing that follows matters."""
        self.violations.append(text)
        self.machine.alive = False

    def run(self, recovered: Callable[[], None], people: Callable[[], Awaitable[None]]) -> bool:
        """Open the venue, let `people` live with it, stop it. False when its power went."""
        with self.machine.ruling(self.dice), journal(self.counts, self._read_log):
            try:
                self._open()
                recovered()
                self.loop.run_until_complete(self._host(people))
            except SimulatedCrash:
                if not self.violations and hasattr(self, "network"):
                    self.network.power_cut()
                return False
            finally:
                self._abandon()
        return True

    # -- inside --------------------------------------------------------------------------------------

    def _read_log(self, line: str) -> None:
        if self.machine.alive and self.venue.failure is None:
            self.accuse(line)

    def _open(self) -> None:
        self.directory.open("sandbox")
        options = VenueOptions(
            self.directory.path,
            mode="sandbox",
            snapshot_every_seconds=1 + 10 * self.dice.random(),
            wallet_every_seconds=0.2 + self.dice.random(),
            conservation_every_seconds=4 + 20 * self.dice.random(),
        )
        self.venue = _SimulatedVenue(self, options)
        self.venue.listen(self._listen)

    def _listen(self, batch: list[Applied]) -> None:
        self.applied += batch

    async def _host(self, people: Callable[[], Awaitable[None]]) -> None:
        """What cli/hosting.py does, without sockets and signals."""
        self.network = Network(self.machine, self.dice, self.counts, self._leaving)
        failed = asyncio.Event()
        self.venue.on_failure = lambda _: failed.set()
        await self.venue.start()
        await Operations(self.venue).open_missing_users()
        front = VenueFront(self.venue)
        coinw = CoinwSettings(withdrawals=True, rate_limits=False)
        self.application = application(front, CoinexSettings(rate_limits=False), coinw)
        self.service = WebSocketService(front, LIMITS)
        await self.service.__aenter__()
        living = asyncio.ensure_future(people())
        failing = asyncio.ensure_future(failed.wait())
        await asyncio.wait([living, failing], return_when=asyncio.FIRST_COMPLETED)
        failing.cancel()
        if self.venue.failure is None:
            living.result()
        else:
            self.counts["state venue stopped by a failure"] += 1
            await asyncio.sleep(0.5)
            living.cancel()
            with contextlib.suppress(asyncio.CancelledError, VenueStopped):
                await living
        self.application.drain()
        await self.service.__aexit__()
        await self.venue.stop()

    def _leaving(self) -> int:
        """Whatever leaves the venue may show anything that it has applied: all of that must be durable."""
        assert self.disk is not None
        if self.machine.alive and self.sequence > self.disk.durable:
            self.accuse(f"command {self.sequence} may be seen, but only {self.disk.durable} are durable")
        return self.sequence

    def _copy_disk(self) -> None:
        if self.disk is None:
            copy_disk(self.directory.path, self.remains)
        else:
            self.disk.copy(self.remains)

    def _abandon(self) -> None:
        if self.thread.is_alive():
            self.thread.kill()
        self.loop.abandon()
        if hasattr(self, "venue"):
            with contextlib.suppress(Exception):  # an orderly stop has closed it already
                self.venue.close()
        self.directory.close()


class _SimulatedVenue(Venue):
    """The real venue with a simulated disk, thread and chain under it."""

    def __init__(self, life: Life, options: VenueOptions) -> None:
        self._life = life
        super().__init__(options, life.directory, _clock(life))
        life.disk = SimulatedDisk(self.log, life.machine, life.thread, life.dice, life.counts)
        sequencer: Any = self._sequencer
        sequencer._log = life.disk
        sequencer._worker = sequencer._to_commit = life.thread
        life.thread.target = sequencer._commit_batches
        self.conservation.samples._dice = random.Random(life.dice.between(0, 10**6))
        snapshotter: Any = self._snapshotter
        snapshotter._run = self._take_snapshot

    def _open_chains(self) -> Chains:
        return Connections(Connection(self._life.chain, self._life.machine))

    def _recover(self) -> Recovered:
        """The power may go here as well."""
        history: Any = self.history
        apply = history.apply

        def apply_unless_dead(batch: list[Applied]) -> int:
            self._life.machine.boundary("recovery")
            reached = int(apply(batch))
            self._life.machine.boundary("recovery")
            if not self._life.machine.alive:
                raise SimulatedCrash
            return reached

        history.apply = apply_unless_dead
        try:
            return super()._recover()
        finally:
            history.apply = apply

    async def _take_snapshot(self) -> Outcome:
        """The snapshot process's work, in this process. It sees synced commits only."""
        disk = self._life.disk
        assert disk is not None
        if disk.unfinished:
            return Outcome(error="a commit is under way")
        outcome: Outcome = await self._life.loop.run_in_executor(None, self._snapshot_now)
        return outcome

    def _snapshot_now(self) -> Outcome:
        disk = self._life.disk
        assert disk is not None
        if disk.unfinished:
            return Outcome(error="a commit is under way")
        outcome = take_snapshot(self.directory.path)
        if outcome.violations:
            self._life.accuse(f"a snapshot is unsound: {outcome.violations}")
        return outcome


def _clock(life: Life) -> SystemClock:
    """The real clock, on what the machine shows; how long it doubts a step differs from life to life."""
    machine = life.machine
    return SystemClock(
        1 + 10 * life.dice.random(),
        wall=lambda: machine.now() * 1_000_000,
        steady=lambda: int(machine.moment * 1e9),
    )
