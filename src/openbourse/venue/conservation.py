"""The conservation watch: sees all the time that no money appears or vanishes, and stops what is concerned.

It looks at the live state itself, not at a replica: the snapshot process replays the log and checks the
core's invariants there, which shows faults of the program but not of this process's memory. Sums and frozen
money are compared in slices (`sweep.py`), the read sides by samples (`samples.py`). Whatever does not add up
stops the withdrawals and the markets of its asset, at once, and nothing else; people decide what happens
next.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final, Protocol, TypeVar

import msgspec
import structlog
from sqlalchemy import Connection

from openbourse.core.commands import AnyCommand, SetMarketStatus
from openbourse.core.events import AnyEvent, Applied, BalanceChanged
from openbourse.core.exchange import Exchange
from openbourse.history.statement import last_postings
from openbourse.history.writer import HistoryUnavailableError
from openbourse.market_data.market_data import MarketData
from openbourse.venue.finding import SUM, Finding, user_account
from openbourse.venue.samples import Samples
from openbourse.venue.sweep import Sweep
from openbourse.wallet.catalogue import AssetCatalogue

EVERY_SECONDS: Final = 10.0
SLICE_SECONDS: Final = 0.001
_PAUSE_SECONDS: Final = 0.02  # between two slices: at most a twentieth of the loop's time
_MAX_TOLD: Final = 20
_TRIES: Final = 5

T = TypeVar("T")
_log = structlog.get_logger(__name__)


class Watched(Protocol):
    """What the watch needs of a venue."""

    assets: AssetCatalogue
    market_data: MarketData

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
        self.longest_slice = 0.0  # seconds that the loop was held for, at most
        self.stopped: set[str] = set()
        self.on_alarm: Callable[[Finding], None] | None = None
        self.samples = Samples(venue)
        self._venue = venue
        self._every_seconds = every_seconds
        self._sweep: Sweep | None = None
        self._begun_at = 0  # the command before the newest look
        self._sound_at: dict[str, int] = {}  # assets with findings: the command before their last sound look
        # Assets of which somebody has more or less since it was emptied; None while nobody wants to know.
        self._moved: set[str] | None = None
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
        before, self._begun_at = self._begun_at, self._venue.exchange.sequence
        findings = self._dated(await self._swept(), before)
        findings += await _if_known(self.samples.take())
        self.passes += 1
        for asset in dict.fromkeys(finding.asset for finding in findings):
            await self._halt(asset)
        for asset in [finding.asset for finding in findings if finding.what == SUM]:
            findings += [each for each in await _if_known(self._postings(asset)) if each not in findings]
        self._tell(findings)
        return findings

    def _follow(self, batch: list[Applied]) -> None:
        if self._sweep is not None:
            self._sweep.follow(batch)
        if self._moved is not None:
            self._moved |= {
                event.asset for applied in batch for event in applied.events if type(event) is BalanceChanged
            }
        self.samples.follow(batch)

    def _tell(self, findings: list[Finding]) -> None:
        for finding in findings[:_MAX_TOLD]:
            _log.error("money_not_conserved", disagreement=finding.text, **finding._asdict())
        for finding in findings:
            self.alarms += 1
            if self.on_alarm is not None:
                self.on_alarm(finding)

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

    def _dated(self, findings: list[Finding], before: int) -> list[Finding]:
        """With the command after which the last look, begun `before`, found nothing wrong in the asset."""
        assets = {finding.asset for finding in findings}
        self._sound_at = {asset: self._sound_at.get(asset, before) for asset in assets}
        return [finding._replace(sound_at=self._sound_at[finding.asset]) for finding in findings]

    async def _postings(self, asset: str) -> list[Finding]:
        """Which accounts are to blame for a wrong sum: those that are not as their last posting left them.

        What the venue itself must have is what all users have by their postings.
        """
        moved = self._moved = set()
        try:
            for _ in range(_TRIES):
                moved.clear()
                told = await self._venue.ask(lambda connection: last_postings(connection, asset))
                if asset not in moved:
                    break
            else:
                return []  # its accounts are never quiet for so long: the next look tries again
        finally:
            self._moved = None
        ledger = self._venue.exchange.state.ledger
        findings: list[Finding] = []
        for user, wallets in ledger.wallets.items():
            for wallet, accounts in wallets.items():
                account = accounts.get(asset)
                has = 0 if account is None else account.available + account.frozen
                balance, sequence = told.get((user, wallet), (0, 0))
                if has != balance:
                    name = user_account(user, wallet)
                    findings.append(Finding(asset, name, "by its last posting", balance, has, sequence))
        venues = {name: accounts[asset] for name, accounts in ledger.system.items() if asset in accounts}
        has = sum(account.available for account in venues.values())
        owed = -sum(balance for balance, _ in told.values())
        if has != owed:
            name = f"the venue's accounts ({', '.join(venues)})"
            findings.append(Finding(asset, name, "by the postings of all users", owed, has))
        return findings

    # -- acting ------------------------------------------------------------------------------------

    async def _halt(self, asset: str) -> None:
        """No withdrawal of the asset, and no trade in what it has a part in. What is halted stays as it
        is.
        """
        venue = self._venue
        self.stopped.add(asset)
        spec = venue.assets.get(asset)
        if spec is not None and spec.withdraw_enabled:
            venue.assets.put(msgspec.structs.replace(spec, withdraw_enabled=False))
        for name in venue.exchange.market_names():
            market = venue.exchange.market_spec(name)
            if market is None or asset not in (market.base, market.quote):
                continue
            if venue.exchange.market_status(name) != "halted":
                await venue.submit(SetMarketStatus(venue.now(), name, "halted"))
                _log.error("market_halted", asset=asset, market=name)


async def _if_known(asked: Awaitable[list[Finding]]) -> list[Finding]:
    """What the history helps to find; nothing while it is behind, and the next look asks anew."""
    try:
        return await asked
    except HistoryUnavailableError:
        _log.info("conservation_watch_without_history")
        return []
