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
from openbourse.log.sqlite_log import SqliteLog
from openbourse.log.verify import verify
from openbourse.market_data.market_data import MarketData
from openbourse.venue.sequencer import Busy, Sequencer, VenueStopped
from openbourse.venue.sweep import Sweep
from tests.core.dice import Dice
from tests.core.streams import Traffic
from tests.history.test_projection import content
from tests.simulation.disk import SimulatedDisk
from tests.simulation.journal import journal
from tests.simulation.loop import VirtualLoop
from tests.simulation.machine import Machine, PowerCut, SimulatedCrash
from tests.simulation.worker import SteppedThread

LIVES = 6
CLIENTS = 8
HOUR_MS = 3_600_000


class Story:
    """`counts` tells what happened; `run` raises AssertionError when a promise was broken."""

    def __init__(self, seed: int, folder: Path, *, lives: int = LIVES) -> None:
        self.lives = lives
        self.dice = Dice(seed)
        self.traffic = Traffic(seed, users=5)
        self.counts: Counter[str] = Counter()
        self.folder = folder
        self.moment = 0.0
        self.seen: dict[int, tuple[AnyCommand, list[AnyEvent]]] = {}  # whatever anybody could see
        self.submitted: Counter[AnyCommand] = Counter()
        self.told: list[tuple[AnyCommand, list[AnyEvent]]] = []

    def run(self) -> Counter[str]:
        """Through all lives; raises AssertionError."""
        with journal(self.counts):
            return self._run()

    def _run(self) -> Counter[str]:
        directory = DataDirectory(self.folder / "0")
        directory.open("sandbox")
        directory.close()
        for number in range(self.lives):
            remains = DataDirectory(self.folder / str(number + 1))
            life = Life(self, directory, remains.path, crashes=number < self.lives - 1)
            self.judge(life)
            life.live()
            self.counts["seconds simulated"] += int(life.machine.moment - self.moment)
            self.moment = life.machine.moment + self.dice.random() * 100
            shutil.rmtree(directory.path)
            directory = remains
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
    """A venue from recovery to its end; what is on the disk then goes to `remains`."""

    def __init__(self, story: Story, directory: DataDirectory, remains: Path, *, crashes: bool) -> None:
        self.story, self.remains, self.crashes = story, remains, crashes
        self.dice, self.counts = story.dice, story.counts
        self.machine = Machine(story.moment, self._cut() if crashes else None, self._copy_disk)
        self.loop = VirtualLoop(self.machine, self.dice)
        thread = SteppedThread(self.loop, self.dice)
        self.disk = SimulatedDisk(SqliteLog(directory.commands), self.machine, thread, self.dice, self.counts)
        self.snapshots = SnapshotStore(directory.snapshots)
        self.history = History(f"sqlite:///{directory.history}")
        known = self.history.applied_sequence()
        recovered = recover(self.disk.log, self.snapshots, on_applied=self._catch_up, known=known)
        self.exchange = recovered.exchange
        self.counts[
            f"state recovery from {'a snapshot' if recovered.snapshot_sequence else 'the log alone'}"
        ] += 1
        self.market_data = MarketData()
        with self.history.engine.connect() as connection:
            names = self.exchange.market_names()
            self.market_data.load(self.exchange, markets_past(connection, names, self.exchange.now))
        self.sequencer = Sequencer(
            self.exchange, self.disk, self._applied, self.machine, max_pending=CLIENTS * 2, max_batch=12
        )
        thread.target = self.sequencer._commit_batches
        stepped: Any = thread
        self.sequencer._worker = self.sequencer._to_commit = stepped
        self._thread = thread
        self._behind: deque[list[Applied]] = deque()
        self._sweep = Sweep(self.exchange)

    def _cut(self) -> PowerCut:
        if self.dice.random() < 0.3:
            return PowerCut("commit", self.dice.between(1, 300))
        return PowerCut("turn", self.dice.between(20, 3000))

    def _catch_up(self, applied: list[Applied]) -> None:
        self.history.apply(applied)

    def live(self) -> None:
        """Run until the crash, or until everything has come to rest."""
        try:
            self.loop.run_until_complete(self._everybody())
            self.counts["state orderly end"] += 1
            self.machine.die()
        except SimulatedCrash:
            self.counts[f"fault crash at a {self.machine.cut_kind}"] += 1
        finally:
            self._thread.kill()
            self.loop.abandon()
        self.history.close()
        self.disk.close()
        self._damage_snapshot(DataDirectory(self.remains), sure=self.dice.random() < 0.3 and self.crashes)

    def _copy_disk(self) -> None:
        self.disk.copy(self.remains)

    def _damage_snapshot(self, directory: DataDirectory, *, sure: bool) -> None:
        found = sorted(directory.snapshots.glob("*"))
        if not sure or not found:
            return
        newest = found[-1]
        content = bytearray(newest.read_bytes())
        content[self.dice.between(0, len(content) - 1)] ^= 8
        newest.write_bytes(content)
        if SnapshotStore(directory.snapshots).newest_valid() is not None:
            self.counts["fault snapshot damaged"] += 1
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
                self.counts["state refused as busy"] += 1
                continue
            except VenueStopped:
                return
            self.story.submitted.update(commands)
            patience = 0.004 if self.dice.random() < 0.05 else 1000.0
            try:
                events = await asyncio.wait_for(answer, patience)
            except TimeoutError:
                self.counts["fault client out of patience"] += 1
            except VenueStopped:
                self.counts["state outcome unknown to a client"] += len(commands)
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
                self.counts["snapshots taken"] += 1
            elif chance < 0.8:
                self.machine.offset += self.dice.between(-5, 5) * HOUR_MS
                self.counts["fault clock set by hours"] += 1
            elif chance < 0.85:
                self.disk.full = True

    async def _watch(self) -> None:
        """The conservation sweep, over and over."""
        while True:
            self._sweep = Sweep(self.exchange)
            for _ in self._sweep.slices():
                await asyncio.sleep(self.dice.random() * 0.01)
            assert self._sweep.findings == []
            self.counts["conservation sweeps"] += 1
            await asyncio.sleep(0.01)

    def _applied(self, batch: list[Applied]) -> None:
        for applied in batch:
            assert applied.sequence not in self.story.seen, "a sequence was given again"
            self.story.seen[applied.sequence] = (applied.command, applied.events)
            self.story.traffic.observe(applied.events)
        self.market_data.apply(batch)
        self._sweep.follow(batch)
        self._behind.append(batch)

    def _compare_market_data(self) -> None:
        for name in self.exchange.market_names():
            for side in ("buy", "sell"):
                level = next(iter(self.exchange.levels(name, side, 1)), (0, 0))
                assert self.market_data.best(name, side) == level
