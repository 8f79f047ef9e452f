"""A whole venue through several lives in one process, decided by one seed.

The parts are the real ones (sequencer, core, command log, snapshots, recovery, history, market data,
conservation sweep); the loop, the clock, the disk's failures and the people are simulated. After every crash
the venue must come back with all that anybody could have seen, and with nothing that nobody asked for.
"""

import asyncio
import shutil
from collections import Counter, deque
from pathlib import Path
from typing import Any

import msgspec

from openbourse.core import invariants, snapshot
from openbourse.core.commands import AnyCommand
from openbourse.core.events import AnyEvent, Applied, OrderChanged, StopChanged, WithdrawalChanged
from openbourse.core.exchange import Exchange
from openbourse.history.history import History, markets_past
from openbourse.log.data_directory import DataDirectory
from openbourse.log.recovery import recover
from openbourse.log.snapshots import SnapshotStore
from openbourse.log.verify import verify
from openbourse.market_data.market_data import MarketData
from openbourse.venue.sequencer import Busy, Sequencer, VenueStopped
from openbourse.venue.sweep import Sweep
from tests.core.dice import Dice
from tests.core.streams import Traffic
from tests.history.test_projection import content
from tests.simulation.disk import SimulatedDisk
from tests.simulation.loop import SimulatedCrash, VirtualLoop

LIVES = 6
CLIENTS = 8
BEGINNING_MS = 1_800_000_000_000
HOUR_MS = 3_600_000


class JumpingClock:
    """The machine's clock, which somebody sets by hours, both ways, while the venue runs."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop
        self.offset = 0

    def now(self) -> int:
        return BEGINNING_MS + int(self._loop.time() * 1000) + self.offset


class _Worker:
    """Takes the place of the sequencer's thread: commits take time, and others get their turn meanwhile."""

    def __init__(self, life: "Life") -> None:
        self._life = life
        self._batches: deque[Any] = deque()
        self._busy = False

    def start(self) -> None: ...

    def is_alive(self) -> bool:
        return False

    def put(self, batch: Any) -> None:
        self._batches.append(batch)
        self._go_on()

    def _go_on(self) -> None:
        if self._batches and not self._busy:
            self._busy = True
            self._later(self._commit)

    def _later(self, step: Any, *arguments: Any) -> None:
        self._life.loop.call_later(self._life.dice.random() * 0.01, step, *arguments)

    def _commit(self) -> None:
        batch = self._batches.popleft()
        failure: Exception | None = None
        try:
            self._life.disk.append(batch.commands)
        except Exception as error:  # noqa: BLE001 - as the thread does
            failure = error
        self._later(self._report, batch, failure)

    def _report(self, batch: Any, failure: Exception | None) -> None:
        self._life.disk.unfinished = False
        self._life.sequencer._committed(batch, 0.0, failure)
        self._busy = failure is not None  # the thread ends after a failure
        self._go_on()


class Story:
    """`counts` tells what happened; `run` raises AssertionError when a promise was broken."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.dice = Dice(seed)
        self.traffic = Traffic(seed, users=5)
        self.counts: Counter[str] = Counter()
        self.folder = folder
        self.moment = 0.0
        self.seen: dict[int, tuple[AnyCommand, list[AnyEvent]]] = {}  # whatever anybody could see
        self.submitted: Counter[AnyCommand] = Counter()
        self.told: list[tuple[AnyCommand, list[AnyEvent]]] = []

    def run(self) -> Counter[str]:
        directory = DataDirectory(self.folder / "0")
        directory.open("sandbox")
        directory.close()
        for number in range(LIVES):
            life = Life(self, directory)
            self.judge(life)
            directory = DataDirectory(self.folder / str(number + 1))
            life.live(directory.path, crashes=number < LIVES - 1)
            self.counts["seconds simulated"] += int(life.loop.moment - self.moment)
            self.moment = life.loop.moment + self.dice.random() * 100
            shutil.rmtree(life.directory.path)
        self.judge_end(directory)
        return self.counts

    def judge(self, life: "Life") -> None:
        """What recovery has made, against a replay from nothing and against all that was seen."""
        judge, asked = Exchange(), Counter[AnyCommand]()
        for first, commands in life.disk.log.read(0):
            for sequence, command in enumerate(commands, first):
                events = judge.apply(command)
                known = self.seen.setdefault(sequence, (command, events))
                assert known == (command, events), f"command {sequence} was seen as {known}, is {command}"
                asked[command] += 1
        assert judge.sequence == max(self.seen, default=0), "commands that were seen are gone"
        assert not asked - self.submitted, "the log has commands that nobody submitted, or twice"
        carried_out = Counter(command for command, _ in self.told)
        assert not carried_out - asked, "commands that were answered are not in the log"
        assert snapshot.dump(judge) == snapshot.dump(life.exchange), "recovery leads to another state"
        assert invariants.violations(judge) == []
        assert life.history.applied_sequence() == judge.sequence

    def judge_end(self, directory: DataDirectory) -> None:
        report = verify(directory.path)
        assert report.problems == []
        history, again = History(f"sqlite:///{directory.history}"), History("sqlite://")
        record = [Applied(number, *self.seen[number]) for number in sorted(self.seen)]
        if history.applied_sequence() < len(record):
            history.apply(record[history.applied_sequence() :])
        again.apply(record)
        assert content(history) == content(again), "the history is not what happened"
        history.close()
        again.close()
        for each in record:
            for event in each.events:
                if isinstance(event, OrderChanged):
                    self.counts[f"state {event.order.request.type} {event.order.status}"] += 1
                elif isinstance(event, StopChanged):
                    self.counts[f"state stop {event.change}"] += 1
                elif isinstance(event, WithdrawalChanged):
                    self.counts[f"state withdrawal {event.withdrawal.status}"] += 1
        self.counts["commands"] += len(record)


class Life:
    """A venue from recovery to its end."""

    def __init__(self, story: Story, directory: DataDirectory) -> None:
        self.story, self.directory = story, directory
        self.dice, self.counts = story.dice, story.counts
        self.loop = VirtualLoop(story.moment, 0)
        self.disk = SimulatedDisk(directory.path, self.dice, self.counts)
        self.snapshots = SnapshotStore(directory.snapshots)
        self.history = History(f"sqlite:///{directory.history}")
        known = self.history.applied_sequence()
        recovered = recover(self.disk.log, self.snapshots, on_applied=self._catch_up, known=known)
        self.exchange = recovered.exchange
        self.counts["recoveries from a snapshot" if recovered.snapshot_sequence else "recoveries"] += 1
        self.clock = JumpingClock(self.loop)
        self.market_data = MarketData()
        with self.history.engine.connect() as connection:
            names = self.exchange.market_names()
            self.market_data.load(self.exchange, markets_past(connection, names, self.exchange.now))
        self.sequencer = Sequencer(
            self.exchange, self.disk, self._applied, self.clock, max_pending=CLIENTS * 2, max_batch=12
        )
        worker: Any = _Worker(self)
        self.sequencer._worker = self.sequencer._to_commit = worker
        self._behind: deque[list[Applied]] = deque()
        self._sweep = Sweep(self.exchange)

    def _catch_up(self, applied: list[Applied]) -> None:
        self.history.apply(applied)

    def live(self, remains: Path, *, crashes: bool) -> None:
        """Run until the crash, or until everything has come to rest; what is on the disk goes to
        `remains`.
        """
        self.loop.crash_at = self.dice.between(20, 900) if crashes else 0
        try:
            self.loop.run_until_complete(self._everybody())
            self.counts["orderly ends"] += 1
        except SimulatedCrash:
            self.counts["crashes"] += 1
        finally:
            self.loop.abandon()
        self.history.close()
        self.disk.crash(remains)
        self._damage_snapshot(DataDirectory(remains), sure=self.dice.random() < 0.3 and crashes)

    def _damage_snapshot(self, directory: DataDirectory, *, sure: bool) -> None:
        if not sure or not directory.snapshots.is_dir():
            return
        newest = max(directory.snapshots.iterdir())
        content = bytearray(newest.read_bytes())
        content[self.dice.between(0, len(content) - 1)] ^= 8
        newest.write_bytes(content)
        if SnapshotStore(directory.snapshots).newest_valid() is not None:
            self.counts["snapshots damaged, an older one used"] += 1
        newest.unlink()  # `verify` would report it at the end, as it must

    async def _everybody(self) -> None:
        self.sequencer.start()
        background = [
            asyncio.create_task(each()) for each in (self._write_history, self._mischief, self._watch)
        ]
        await asyncio.gather(*(self._client() for _ in range(CLIENTS)))
        for task in background:
            task.cancel()
        await asyncio.gather(*background, return_exceptions=True)
        await self.sequencer.stop()
        for batch in self._behind:
            self.history.apply(batch)
        self._compare_market_data()

    # -- who takes part ------------------------------------------------------------------------------

    async def _client(self) -> None:
        """Sends commands, alone or several together, and sometimes loses patience."""
        for _ in range(self.dice.between(5, 40)):
            await asyncio.sleep(self.dice.random() * 0.03)
            commands = [self._stamped() for _ in range(self.dice.choice((1, 1, 1, 2, 5)))]
            try:
                answer = self.sequencer.submit_all(commands)
            except Busy:
                self.counts["refused as busy"] += 1
                continue
            except VenueStopped:
                return
            self.story.submitted.update(commands)
            patience = 0.004 if self.dice.random() < 0.05 else 1000.0
            try:
                events = await asyncio.wait_for(answer, patience)
            except TimeoutError:
                self.counts["clients gone"] += 1
            except VenueStopped:
                self.counts["answers unknown"] += len(commands)
                return
            else:
                self.story.told += zip(commands, events, strict=True)

    def _stamped(self) -> AnyCommand:
        return msgspec.structs.replace(self.story.traffic.next_command(), time=self.sequencer.now())

    async def _write_history(self) -> None:
        while True:
            await asyncio.sleep(self.dice.random() * 0.1)
            if self._behind:
                self.history.apply(self._behind.popleft())

    async def _mischief(self) -> None:
        """Snapshots in the middle of everything, clocks that are set, a disk that runs full."""
        while True:
            await asyncio.sleep(self.dice.random() * 0.3)
            chance = self.dice.random()
            if chance < 0.5:
                self.snapshots.save(self.exchange)
                self.counts["snapshots"] += 1
            elif chance < 0.8:
                self.clock.offset += self.dice.between(-5, 5) * HOUR_MS
                self.counts["clock set"] += 1
            elif chance < 0.85:
                self.disk.full = True

    async def _watch(self) -> None:
        """The conservation sweep, over and over."""
        while True:
            self._sweep = Sweep(self.exchange)
            for _ in self._sweep.slices():
                await asyncio.sleep(self.dice.random() * 0.01)
            assert self._sweep.findings == []
            self.counts["sweeps"] += 1
            await asyncio.sleep(0.01)

    def _applied(self, batch: list[Applied]) -> None:
        for applied in batch:
            assert applied.sequence not in self.story.seen, "a sequence was given again"
            self.story.seen[applied.sequence] = (applied.command, applied.events)
            self.story.traffic.observe(applied.events)
            self.market_data.apply(applied)
        self._sweep.follow(batch)
        self._behind.append(batch)

    def _compare_market_data(self) -> None:
        for name in self.exchange.market_names():
            for side in ("buy", "sell"):
                level = next(iter(self.exchange.levels(name, side, 1)), (0, 0))
                assert self.market_data.best(name, side) == level
