"""The operator of the venue, who decides what machines may not, and looks at the chain before doing so."""

import asyncio
import contextlib

from openbourse.core.refusal import Refusal
from openbourse.venue.fund_operations import FundOperations
from openbourse.venue.operations import Operations
from openbourse.venue.sequencer import Busy, VenueStopped
from tests.core.dice import Dice
from tests.simulation.town.chain import IRREVERSIBLE, OutsideChain
from tests.simulation.town.customer import MARKETS
from tests.simulation.town.life import Life

HOUR_MS = 3_600_000


class Operator:
    """Also the one who sets the computer's clock, and whose disk runs full."""

    def __init__(self, chain: OutsideChain, dice: Dice) -> None:
        self._chain = chain
        self._dice = dice

    async def live(self, life: Life) -> None:
        """Look after things from time to time."""
        while True:
            await asyncio.sleep(0.3 + self._dice.random())
            with contextlib.suppress(Refusal, Busy, VenueStopped, ValueError):
                await self._look(life)
            if not life.network.calm:
                with contextlib.suppress(Refusal, Busy, VenueStopped):
                    await self._meddle(life)

    async def _look(self, life: Life) -> None:
        desk = FundOperations(life.venue)
        for withdrawal in desk.waiting_withdrawals():
            number = withdrawal.withdrawal_id
            if withdrawal.status == "review" and self._dice.random() < 0.7:
                await desk.approve(number)
            elif withdrawal.status == "review":
                await desk.reject(number, "looks odd")
            elif withdrawal.status == "unknown" and self._dice.random() < 0.4:
                await self._find_out(desk, number)
        for deposit in desk.held_deposits():
            if deposit.status == "exception":
                seen = await self._chain.inner.find_incoming(deposit.tx_id, deposit.output)
                if seen is None or seen.confirmations >= IRREVERSIBLE:
                    there = seen is not None
                    await desk.resolve_deposit(deposit.deposit_id, credit=there, reason="looked at the chain")

    async def _find_out(self, desk: FundOperations, number: int) -> None:
        """Was it sent? What may still be under way cannot be told."""
        reference = f"withdrawal-{number}"
        if reference in self._chain.pending:
            return
        sent = [payment for payment in self._chain.payments() if payment.reference == reference]
        if sent:
            await desk.mark_sent(number, sent[0].tx_id)
        else:
            await desk.mark_not_sent(number, "it is not on the chain")

    async def _meddle(self, life: Life) -> None:
        chance = self._dice.random()
        desk, operations = FundOperations(life.venue), Operations(life.venue)
        if chance < 0.03:
            life.machine.offset += self._dice.between(-5, 5) * HOUR_MS
            life.counts["fault clock set by hours"] += 1
        elif chance < 0.033:
            assert life.disk is not None
            life.disk.full = True
        elif chance < 0.06:
            market = self._dice.choice(tuple(MARKETS))
            await operations.set_market_status(market, self._dice.choice(("halted", "post_only", "auction")))
            await asyncio.sleep(self._dice.random())
            await operations.set_market_status(market, "open")
            life.counts["state market halted and opened"] += 1
        elif chance < 0.08:
            await desk.switch_withdrawals(enabled=False)
            await asyncio.sleep(2 * self._dice.random())
            await desk.switch_withdrawals(enabled=True)
            life.counts["state withdrawals halted and resumed"] += 1
