"""Payout: approved withdrawals are sent, each once.

The step to `processing` is durable before anything is broadcast, and only one can take it. Whatever happens
after it, a crash or a time-out, the withdrawal is not sent again unless the chain says for certain that it
was not sent before; where nobody can say, it becomes `unknown` and waits for a person.
"""

import structlog

from openbourse.core.commands import AdvanceWithdrawal
from openbourse.core.events import Refused, WithdrawalState
from openbourse.core.exchange import Exchange
from openbourse.wallet.catalogue import AssetCatalogue
from openbourse.wallet.chain import (
    BroadcastRefusedError,
    BroadcastUnknownError,
    Chain,
    Chains,
    ChainUnavailableError,
    Outgoing,
)
from openbourse.wallet.counter import Counter

_log = structlog.get_logger(__name__)


class Payout:
    """Sends withdrawals and follows them. Its rounds must not overlap."""

    def __init__(self, exchange: Exchange, counter: Counter, assets: AssetCatalogue, chains: Chains) -> None:
        self._exchange = exchange
        self._counter = counter
        self._assets = assets
        self._chains = chains

    async def work(self) -> None:
        """One round over all withdrawals that wait for something from a chain, oldest first."""
        for withdrawal in self._exchange.live_withdrawals():
            chain = self._chains.get(withdrawal.destination.chain)
            if withdrawal.destination.method != "on_chain" or chain is None:
                continue
            try:
                await self._attend(withdrawal, chain)
            except ChainUnavailableError as error:
                _log.warning("chain_unavailable", chain=withdrawal.destination.chain, error=str(error))

    async def _attend(self, withdrawal: WithdrawalState, chain: Chain) -> None:
        if withdrawal.status == "approved":
            await self._send(withdrawal, chain)
        elif withdrawal.status == "processing":
            await self._reconcile(withdrawal, chain)
        elif withdrawal.status == "confirming":
            await self._follow(withdrawal, chain)

    async def _send(self, withdrawal: WithdrawalState, chain: Chain) -> None:
        if not self._exchange.withdrawals_enabled or self._is_frozen(withdrawal.user):
            return  # the core would refuse it, on every round anew
        if self._is_switched_off(withdrawal.asset) or self._is_switched_off(withdrawal.fee_asset):
            return
        await chain.height()  # what cannot be reached now had better wait where it can be cancelled
        if await self._advance(
            AdvanceWithdrawal(self._counter.now(), withdrawal.withdrawal_id, "processing")
        ):
            await self._broadcast(withdrawal, chain)

    def _is_frozen(self, user: int) -> bool:
        terms = self._exchange.user_terms(user)
        return terms is not None and terms.status == "frozen"

    def _is_switched_off(self, name: str) -> bool:
        asset = self._assets.get(name)
        return asset is not None and not asset.withdraw_enabled

    async def _reconcile(self, withdrawal: WithdrawalState, chain: Chain) -> None:
        """Found in `processing` at the begin of a round: somebody was interrupted while sending it."""
        try:
            tx_id = await chain.find_outgoing(reference_of(withdrawal))
        except BroadcastUnknownError as error:
            await self._tell_unknown(withdrawal, str(error))
            return
        if tx_id is not None:
            await self._tell_sent(withdrawal, tx_id)
        elif self._exchange.withdrawals_enabled and not self._is_switched_off(withdrawal.asset):
            await self._broadcast(withdrawal, chain)

    async def _broadcast(self, withdrawal: WithdrawalState, chain: Chain) -> None:
        destination = withdrawal.destination
        payment = Outgoing(
            reference_of(withdrawal),
            withdrawal.asset,
            destination.address,
            destination.memo,
            withdrawal.amount,
        )
        try:
            tx_id = await chain.broadcast(payment)
        except BroadcastRefusedError as error:
            number = withdrawal.withdrawal_id
            await self._advance(AdvanceWithdrawal(self._counter.now(), number, "failed", note=str(error)))
        except ChainUnavailableError:
            raise  # nothing was sent, and the next round asks the chain again
        except Exception as error:  # noqa: BLE001 - it may have been sent, whatever went wrong
            await self._tell_unknown(withdrawal, str(error) or type(error).__name__)
        else:
            await self._tell_sent(withdrawal, tx_id)

    async def _follow(self, withdrawal: WithdrawalState, chain: Chain) -> None:
        confirmations = await chain.confirmations(withdrawal.tx_id)
        if confirmations is None:
            await self._tell_unknown(withdrawal, "its transaction has left the chain")
        elif confirmations >= self._final_depth(withdrawal):
            await self._advance(
                AdvanceWithdrawal(
                    self._counter.now(), withdrawal.withdrawal_id, "finished", confirmations=confirmations
                )
            )
        elif confirmations != withdrawal.confirmations:
            await self._advance(
                AdvanceWithdrawal(
                    self._counter.now(), withdrawal.withdrawal_id, "confirming", confirmations=confirmations
                )
            )

    def _final_depth(self, withdrawal: WithdrawalState) -> int:
        """The depth at which a payment is over; one whose chain has left the catalogue needs one block."""
        asset = self._assets.get(withdrawal.asset)
        spec = None if asset is None else asset.chain(withdrawal.destination.chain)
        return 1 if spec is None else max(1, spec.safe_confirmations)

    async def _tell_sent(self, withdrawal: WithdrawalState, tx_id: str) -> None:
        number = withdrawal.withdrawal_id
        await self._advance(AdvanceWithdrawal(self._counter.now(), number, "confirming", tx_id))

    async def _tell_unknown(self, withdrawal: WithdrawalState, why: str) -> None:
        number = withdrawal.withdrawal_id
        _log.error("withdrawal_unknown", withdrawal=number, why=why)
        await self._advance(AdvanceWithdrawal(self._counter.now(), number, "unknown", note=why[:200]))

    async def _advance(self, command: AdvanceWithdrawal) -> bool:
        """Whether the core took the step; it may not when somebody else was there before."""
        events = await self._counter.submit(command)
        return not isinstance(events[0], Refused)


def reference_of(withdrawal: WithdrawalState) -> str:
    """What names a withdrawal towards its chain, for ever."""
    return f"withdrawal-{withdrawal.withdrawal_id}"
