"""The conservation watch: sees all the time that no money appears or vanishes, and stops what is concerned.

It looks at the live state itself, not at a replica: the snapshot process replays the log and checks the
core's invariants there, which shows faults of the program but not of this process's memory. Sums, frozen
money and samples of the history are compared in slices (`sweep.py`). Whatever does not add up halts all
withdrawals and all markets of the asset, at once and by commands, so that it is in the log; people decide
what happens next.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import Final, Protocol, TypeVar

import structlog
from sqlalchemy import Connection

from openbourse.core.commands import AnyCommand, SetMarketStatus, SetWithdrawals
from openbourse.core.events import AnyEvent, Applied, BalanceChanged
from openbourse.core.exchange import Exchange
from openbourse.history.statement import statement
from openbourse.venue.sweep import Finding, Sweep

EVERY_SECONDS: Final = 10.0
SLICE_SECONDS: Final = 0.001
_PAUSE_SECONDS: Final = 0.02  # between two slices: at most a twentieth of the loop's time
_SAMPLES: Final = 20
_MAX_TOLD: Final = 20

T = TypeVar("T")
_log = structlog.get_logger(__name__)


class Watched(Protocol):
    """What the watch needs of a venue."""

    @property
    def exchange(self) -> Exchange: ...

    def now(self) -> int: ...

    def submit(self, command: AnyCommand) -> Awaitable[list[AnyEvent]]: ...

    async def ask(self, query: Callable[[Connection], T]) -> T: ...

    def listen(self, listener: Callable[[list[Applied]], None]) -> None: ...


class ConservationWatch:
    """`alarms` counts findings, `passes` whole sweeps; `stopped` are the assets that it halted."""

    def __init__(self, venue: Watched, *, every_seconds: float = EVERY_SECONDS) -> None:
        self.alarms = 0
        self.passes = 0
        self.samples = 0
        self.longest_slice = 0.0  # seconds that the loop was held for, at most
        self.stopped: set[str] = set()
        self.on_alarm: Callable[[Finding], None] | None = None
        self._venue = venue
        self._every_seconds = every_seconds
        self._sweep: Sweep | None = None
        self._changed: set[int] | None = None  # users whose balances changed while a sample is taken
        self._dice = random.Random()  # noqa: S311 - any choice of samples will do
        self._task: asyncio.Task[None] | None = None
        venue.listen(self._follow)

    def start(self) -> None:
        """Begin to watch; call it in the event loop."""
        self._task = asyncio.create_task(self._watch(), name="conservation")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self._every_seconds)
            try:
                await self.look()
            except Exception:  # noqa: BLE001 - the venue is stopping, or busy: look again later
                _log.exception("conservation_watch_failed")

    async def look(self) -> list[Finding]:
        """One sweep and some samples; what is found is acted upon before this returns."""
        findings = await self._swept() + await self._sampled()
        self.passes += 1
        for finding in findings[:_MAX_TOLD]:
            _log.error("money_not_conserved", asset=finding.asset, disagreement=finding.text)
        for finding in findings:
            self.alarms += 1
            if self.on_alarm is not None:
                self.on_alarm(finding)
        for asset in dict.fromkeys(finding.asset for finding in findings):
            await self._halt(asset)
        return findings

    def _follow(self, batch: list[Applied]) -> None:
        if self._sweep is not None:
            self._sweep.follow(batch)
        if self._changed is not None:
            for applied in batch:
                for event in applied.events:
                    if isinstance(event, BalanceChanged):
                        self._changed.add(event.user)

    # -- looking -----------------------------------------------------------------------------------

    async def _swept(self) -> list[Finding]:
        self._sweep = sweep = Sweep(self._venue.exchange)
        try:
            slices, done = sweep.slices(), False
            while not done:
                began = time.perf_counter()
                while not done and time.perf_counter() - began < SLICE_SECONDS:
                    done = next(slices, self) is self
                self.longest_slice = max(self.longest_slice, time.perf_counter() - began)
                await asyncio.sleep(_PAUSE_SECONDS if not done else 0)
            return sweep.findings
        finally:
            self._sweep = None

    async def _sampled(self) -> list[Finding]:
        """Balances of some users in the history; one who trades meanwhile is left for another time."""
        findings: list[Finding] = []
        users = list(self._venue.exchange.state.users)
        for user in self._dice.sample(users, min(_SAMPLES, len(users))):
            self._changed = set()
            try:
                for wallet in list(self._venue.exchange.state.ledger.wallets[user]):
                    found = await self._sample(user, wallet)
                    if user not in self._changed:
                        self.samples += 1
                        findings += found
            finally:
                self._changed = None
        return findings

    async def _sample(self, user: int, wallet: str) -> list[Finding]:
        balances = self._venue.exchange.balances(user, wallet)

        def query(connection: Connection) -> dict[str, int]:
            pages = {asset: statement(connection, user, wallet, asset=asset, limit=1) for asset in balances}
            return {asset: page.rows[0].balance if page.rows else 0 for asset, page in pages.items()}

        told = await self._venue.ask(query)
        return [
            Finding(asset, f"user {user}, wallet {wallet}: {sum(has)} owned, the history says {told[asset]}")
            for asset, has in balances.items()
            if told[asset] != sum(has)
        ]

    # -- acting ------------------------------------------------------------------------------------

    async def _halt(self, asset: str) -> None:
        """No withdrawals at all, and no trade in what the asset has a part in. What is halted stays as it
        is.
        """
        venue = self._venue
        self.stopped.add(asset)
        if venue.exchange.withdrawals_enabled:
            await venue.submit(SetWithdrawals(venue.now(), False))
        for name in venue.exchange.market_names():
            spec = venue.exchange.market_spec(name)
            if spec is None or asset not in (spec.base, spec.quote):
                continue
            if venue.exchange.market_status(name) != "halted":
                await venue.submit(SetMarketStatus(venue.now(), name, "halted"))
        _log.error("asset_halted", asset=asset)
