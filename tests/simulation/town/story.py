"""A venue with its people through several lives, all decided by one seed.

Everything of the venue is the real thing: HTTP application, WebSocket protocol, wallet, sequencer, log,
snapshots, history, conservation watch. Simulated are the machine, the network, the chain and the people.
After every crash the log is judged against everything that anybody was told.
"""

import asyncio
import shutil
from collections import Counter
from enum import Enum, auto
from pathlib import Path

from openbourse.core.events import Applied
from openbourse.log.data_directory import DataDirectory
from openbourse.log.snapshots import SnapshotStore
from openbourse.venue.fund_operations import FundOperations
from openbourse.venue.operations import Operations
from tests.core.dice import Dice
from tests.simulation.journal import journal
from tests.simulation.machine import BEGINNING_MS, PowerCut
from tests.simulation.town.chain import OutsideChain
from tests.simulation.town.coinw_customer import CoinwCustomer
from tests.simulation.town.customer import ASSETS, Customer
from tests.simulation.town.founding import found
from tests.simulation.town.judgement import Judge
from tests.simulation.town.ledger import Ledger
from tests.simulation.town.life import Life
from tests.simulation.town.operator import Operator
from tests.simulation.town.watcher import Watcher

LIVES = 3
REST_SECONDS = 40.0


class Ended(Enum):
    """How a life ended: in order, in order because the disk had failed, or by a power cut."""

    WELL = auto()
    FAILED = auto()
    CRASHED = auto()


class TownStory:
    """`counts` tells what happened; `run` raises AssertionError when a promise was broken."""

    def __init__(self, seed: int, folder: Path, *, lives: int = LIVES) -> None:
        self.dice = Dice(seed)
        self.counts: Counter[str] = Counter()
        self.ledger = Ledger()
        self._lives = lives
        self._folder = folder
        self._moment = 1.0
        self._life: Life | None = None
        self._chain = OutsideChain(self.dice, self.counts, self._world_ms)
        town = found(folder / "0")
        self._customers = [
            Customer(who, self.ledger, self.dice, town.outside, "kid" if number == 0 else "")
            for number, who in enumerate(town.coinex)
        ]
        self._coinw = [CoinwCustomer(who, self.ledger, self.dice, town.outside) for who in town.coinw]
        self._watchers = [Watcher(customer.caller, self.dice) for customer in self._customers]
        self._operator = Operator(self._chain, self.dice)
        self._judge = Judge(self.ledger, self._watchers, self._chain)
        self._applied: list[Applied] = []

    def _world_ms(self) -> int:
        return BEGINNING_MS if self._life is None else self._life.machine.world_ms()

    def run(self) -> Counter[str]:
        """Through all lives; raises AssertionError."""
        with journal(self.counts):
            return self._run()

    def _run(self) -> Counter[str]:
        directory = DataDirectory(self._folder / "0")
        number, done = 0, False
        while not done:
            number += 1
            remains = DataDirectory(self._folder / str(number))
            last = number >= self._lives
            ended = self._live(directory, remains.path, last=last)
            done = last and ended is Ended.WELL
            if ended is Ended.CRASHED:
                shutil.rmtree(directory.path)
                directory = remains
                self._damage(directory)
        self._judge.at_end(directory)
        self._count()
        return self.counts

    # -- one life ------------------------------------------------------------------------------------

    def _live(self, directory: DataDirectory, remains: Path, *, last: bool) -> Ended:
        cut = None if last or self.dice.random() < 0.1 else self._cut()
        life = Life(directory, remains, self._chain, self.dice, self.counts, moment=self._moment, cut=cut)
        self._life = life
        self._chain.calm = False
        ended = life.run(lambda: self._recovered(life), lambda: self._people(life, last=last))
        assert not life.violations, life.violations[0]
        self.counts["seconds simulated"] += int(life.machine.moment - self._moment)
        self._moment = life.machine.moment + 30 * self.dice.random()
        self._chain.settle()
        self._applied = life.applied
        if not ended:
            assert cut is not None
            self.counts[f"fault crash at a {cut.kind}"] += 1
            return Ended.CRASHED
        self.counts["state orderly end"] += 1
        return Ended.WELL if life.venue.failure is None else Ended.FAILED

    def _recovered(self, life: Life) -> None:
        recovered = life.venue.recovered
        self.counts[
            f"state recovery from {'a snapshot' if recovered.snapshot_sequence else 'the log alone'}"
        ] += 1
        self._judge.after_recovery(life, self._applied)

    def _cut(self) -> PowerCut:
        often = (("turn", 5000), ("turn", 1500), ("commit", 400), ("commit", 400), ("chain", 250))
        rare = (("answer", 150), ("pool", 250), ("recovery", 3))
        kind, most = self.dice.choice((*often, *rare))
        return PowerCut(kind, self.dice.between(1, most))

    async def _people(self, life: Life, *, last: bool) -> None:
        """Everybody does what they do; at the end of the last life they wait until all is done."""
        background = [life.loop.create_task(watcher.live(life)) for watcher in self._watchers]
        background.append(life.loop.create_task(self._operator.live(life)))
        background.append(life.loop.create_task(self._outside(life)))
        actions = self.dice.between(10, 40)
        try:
            await asyncio.gather(
                *(customer.live(life, actions) for customer in self._customers),
                *(customer.live(life, actions) for customer in self._coinw),
            )
            if last:
                await self._come_to_rest(life)
        finally:
            for task in background:
                task.cancel()
            found = await asyncio.gather(*background, return_exceptions=True)
            for failure in found:
                if isinstance(failure, Exception):
                    raise failure

    async def _outside(self, life: Life) -> None:
        """Payments come in; now and then the newest blocks are replaced."""
        while not life.network.calm:
            await asyncio.sleep(self.dice.random())
            places = list(self.ledger.addresses)
            if places and self.dice.random() < 0.5:
                amount = self.dice.between(1, 500) * 10**22
                self._chain.inner.pay(self.dice.choice(places), "", self.dice.choice(ASSETS), amount)
                self.counts["payments to the venue"] += 1
            if self.dice.random() < 0.12:
                await self._chain.reorganise()

    async def _come_to_rest(self, life: Life) -> None:
        """No more faults: whatever is due is done, and everybody sees the same."""
        life.network.calm = self._chain.calm = True
        operations = Operations(life.venue)
        for market in life.venue.exchange.market_names():
            await operations.set_market_status(market, "open")
        await FundOperations(life.venue).switch_withdrawals(enabled=True)
        # Long enough for every block, every time-out, and for clients that did not read.
        await asyncio.sleep(REST_SECONDS)
        self._judge.at_rest(life)

    # -- between lives -------------------------------------------------------------------------------

    def _damage(self, directory: DataDirectory) -> None:
        """Snapshots and the history are disposable: a damaged one is passed over, a lost one made anew."""
        snapshots = sorted(directory.snapshots.glob("*"))
        if snapshots and self.dice.random() < 0.2:
            content = bytearray(snapshots[-1].read_bytes())
            content[self.dice.between(0, len(content) - 1)] ^= 8
            snapshots[-1].write_bytes(content)
            assert SnapshotStore(directory.snapshots).newest_valid() is None or len(snapshots) > 1
            snapshots[-1].unlink()  # `verify` would report it at the end, as it must
            self.counts["fault snapshot damaged"] += 1
        if self.dice.random() < 0.1:
            for file in directory.path.glob("history.db*"):
                file.unlink()
            self.counts["fault history deleted"] += 1

    def _count(self) -> None:
        record = self._judge.record
        self.counts["commands"] += len(record.commands)
        self.counts["claims judged"] += self.ledger.told
        for name, count in record.reached.items():
            self.counts[f"state {name}"] += count
