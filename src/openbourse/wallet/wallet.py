"""The wallet: the outside of money, running. Watches deposits, sends withdrawals, round after round.

It keeps nothing that matters: what a deposit or a withdrawal has become is in the core, so that the wallet
may be killed at any point. Its rounds begin where the core's state says that something is to be done.
"""

import asyncio
import contextlib
from typing import Final

import structlog
from sqlalchemy import Engine

from openbourse.core.commands import AdvanceWithdrawal, RequestWithdrawal
from openbourse.core.events import Applied, WithdrawalChanged
from openbourse.core.exchange import Exchange
from openbourse.wallet.addresses import AddressBook, DepositAddress
from openbourse.wallet.allow_list import WithdrawalAllowList
from openbourse.wallet.catalogue import AssetCatalogue, ChainSpec
from openbourse.wallet.chain import Chains, ChainUnavailableError
from openbourse.wallet.counter import Counter
from openbourse.wallet.intake import Intake
from openbourse.wallet.payout import Payout

# The commands that may make a withdrawal an approved one: of the thousands of others nothing is looked at.
_APPROVING: Final = frozenset({RequestWithdrawal, AdvanceWithdrawal})

_log = structlog.get_logger(__name__)


class Wallet:
    """One per venue; `start` and `stop` it with the venue, or call `step` for a single round."""

    def __init__(
        self, engine: Engine, exchange: Exchange, counter: Counter, assets: AssetCatalogue, chains: Chains
    ) -> None:
        self.chains = chains
        self.addresses = AddressBook(engine)
        self.allow_list = WithdrawalAllowList(engine)
        self._counter = counter
        self._intake = Intake(engine, exchange, counter, assets, self.addresses)
        self._payout = Payout(exchange, counter, assets, chains)
        self._awake = asyncio.Event()
        self._stepping = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._halted = False

    def start(self, every_seconds: float) -> None:
        """Begin the rounds: at once, then at least this often."""
        self._task = asyncio.create_task(self._run(every_seconds))

    async def stop(self) -> None:
        """End the rounds. A broadcast under way is left to the next start, which asks the chain about it."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    def halt(self) -> None:
        """The venue has failed: begin no more rounds, and do not report the one that it spoils."""
        self._halted = True

    async def step(self) -> None:
        """One round over all chains."""
        async with self._stepping:
            for name in self.addresses.chains():
                chain = self.chains.get(name)
                if chain is not None:
                    try:
                        await self._intake.watch(name, chain)
                    except ChainUnavailableError as error:
                        _log.warning("chain_unavailable", chain=name, error=str(error))
                await asyncio.sleep(0)  # nobody waits for more than one chain
            await self._payout.work()

    def notice(self, batch: list[Applied]) -> None:
        """Wake up when a withdrawal may be sent; called with everything that the venue applies."""
        for applied in batch:
            if type(applied.command) in _APPROVING:
                for event in applied.events:
                    if type(event) is WithdrawalChanged and event.withdrawal.status == "approved":
                        self._awake.set()

    def deposit_address(self, user: int, spec: ChainSpec) -> DepositAddress | None:
        """Where a user receives, made on first use; None without a connection to the chain."""
        current = self.addresses.current(user, spec.name)
        return current if current is not None else self.renew_address(user, spec)

    def renew_address(self, user: int, spec: ChainSpec) -> DepositAddress | None:
        """A new address for a user; what arrives at the old one is still theirs."""
        chain = self.chains.get(spec.name)
        if chain is None:
            return None
        return self.addresses.give(
            user, spec.name, chain.new_address, memo=spec.memo_required, now=self._counter.now()
        )

    async def _run(self, every_seconds: float) -> None:
        while not self._halted:
            self._awake.clear()
            try:
                await self.step()
            except Exception:  # noqa: BLE001 - one bad round must not end the wallet; the next one tries again
                if not self._halted:
                    _log.exception("wallet_round_failed")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(every_seconds):
                    await self._awake.wait()
