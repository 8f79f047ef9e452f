"""The part of the random traffic that concerns money on its way: chains, withdrawals, people who decide."""

from typing import get_args

import msgspec

from openbourse.core import commands as c
from openbourse.core.commands import AnyCommand, Destination, WithdrawalStep
from openbourse.core.events import AnyEvent, DepositChanged, WithdrawalChanged, WithdrawalState
from tests.core.dice import Dice

STEPS: tuple[WithdrawalStep, ...] = get_args(WithdrawalStep)
# The way of most withdrawals, so that enough of them get to each end.
USUAL_STEPS: dict[str, tuple[WithdrawalStep, ...]] = {
    "review": ("approved", "rejected"),
    "approved": ("processing", "processing", "processing", "rejected", "confirming"),
    "processing": ("confirming", "confirming", "failed", "unknown"),
    "confirming": ("confirming", "finished", "finished", "unknown"),
    "unknown": ("confirming", "failed"),
}
NETS = ("NET", "MESH")


class FundTraffic:
    """Aims at what it saw in events; the caller stamps the time and says who and how much."""

    def __init__(self, dice: Dice, faults: float) -> None:
        self._dice = dice
        self._faults = faults
        self._withdrawals: dict[int, WithdrawalState] = {}
        self._outputs: list[c.ReportDeposit] = []
        self._deposits: list[int] = []
        self._serial = 0
        self._halted = False

    def observe(self, event: AnyEvent) -> None:
        if isinstance(event, WithdrawalChanged):
            withdrawal = event.withdrawal
            self._withdrawals[withdrawal.withdrawal_id] = withdrawal
            if len(self._withdrawals) > 12:
                self._withdrawals.pop(min(self._withdrawals))
        elif isinstance(event, DepositChanged) and event.deposit.status in ("exception", "too_small"):
            self._deposits = [*self._deposits[-5:], event.deposit.deposit_id]

    def destination(self, user: int) -> Destination:
        """To a user, mostly one who exists and is not the sender, or to a chain, mostly with an address."""
        if self._dice.random() < 0.3:
            return Destination("inter_user", "", "someone@there", "", user)
        address = "" if self._dice.random() < self._faults else self._dice.choice(("here", "there"))
        memo = "m" * (300 if self._dice.random() < self._faults else 3)
        return Destination("on_chain", self._dice.choice(NETS), address, memo)

    def limits(self, amount: int) -> tuple[int | None, int | None]:
        """From where on a withdrawal is reviewed, and the limit of a day."""
        return self._dice.choice((None, 0, amount)), self._dice.choice((None, None, 3 * amount, amount - 1))

    def advance_withdrawal(self, time: int) -> AnyCommand:
        number, withdrawal = self._pick()
        step = self._dice.choice(STEPS)
        if withdrawal is not None and self._dice.random() < 0.6:
            step = self._dice.choice(USUAL_STEPS.get(withdrawal.status, STEPS))
        tx_id = self._dice.choice(("", f"tx{number}", f"tx{number}"))
        note = self._dice.choice(("", "", "a note"))
        return c.AdvanceWithdrawal(time, number, step, tx_id, self._dice.between(0, 2), note)

    def cancel_withdrawal(self, time: int) -> AnyCommand:
        number, withdrawal = self._pick()
        owner = 1 if withdrawal is None or self._dice.random() < 0.1 else withdrawal.user
        return c.CancelWithdrawal(time, owner, number)

    def _pick(self) -> tuple[int, WithdrawalState | None]:
        if not self._withdrawals:
            return 0, None
        number = self._dice.choice(list(self._withdrawals))
        return number, self._withdrawals[number]

    def set_withdrawals(self, time: int) -> AnyCommand:
        """What is halted is soon resumed."""
        self._halted = not self._halted and self._dice.random() < 0.3
        return c.SetWithdrawals(time, not self._halted)

    def report_deposit(self, time: int, user: int, asset: str, amount: int) -> AnyCommand:
        """Something new on a chain, or news of one of the latest outputs, true to what was said before."""
        pick = self._dice
        if self._outputs and pick.random() < 0.75:
            place = pick.between(0, len(self._outputs) - 1)
            output = self._outputs[place]
            depth = max(0, output.confirmations + pick.choice((0, 1, 1, 2, 4, -9)))
            report = msgspec.structs.replace(
                output, time=time, confirmations=depth, finding=self._finding(depth)
            )
            self._outputs[place] = report
            wrong = pick.random() < self._faults
            return msgspec.structs.replace(report, amount=report.amount + 1) if wrong else report
        self._serial += 1
        tx_id = "" if pick.random() < self._faults else f"tx{self._serial}"
        depth = pick.between(0, 2)
        minimum = pick.choice((0, amount, amount, 2 * amount, 3 * amount))
        report = c.ReportDeposit(
            time, pick.choice(NETS), tx_id, pick.between(0, 2), user, asset, amount, "home", "", depth,
            self._finding(depth), minimum,
        )  # fmt: skip
        self._outputs = [*self._outputs[-7:], report]
        return report

    def _finding(self, depth: int) -> c.DepositFinding:
        if depth == 0:
            return self._dice.choice(("seen", "gone"))
        if depth < 3:
            return "seen"
        return "safe" if depth < 6 else "irreversible"

    def resolve_deposit(self, time: int) -> AnyCommand:
        number = self._dice.choice(self._deposits or [0])
        return c.ResolveDeposit(time, number, self._dice.random() < 0.5, "a person says so")
