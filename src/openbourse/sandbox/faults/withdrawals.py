"""Faults of withdrawals: payments that the venue's wallet has begun and no chain will take."""

import time
from collections.abc import Callable
from math import inf
from typing import Final

from openbourse.sandbox.faults.desk import FaultDesk
from openbourse.wallet.chain import Outgoing

_MAX_HELD: Final = 10_000


class WithdrawalJam:
    """Holds payments back: each stays stuck for the seconds of its rule, or until the rules are cleared.

    The dice are thrown once for a payment, however often the wallet tries to send it.
    """

    def __init__(self, faults: FaultDesk, seconds: Callable[[], float] = time.monotonic) -> None:
        """`seconds` is a clock of real time, as for all faults."""
        self._faults = faults
        self._seconds = seconds
        self._held: dict[str, float] = {}
        faults.on_cleared = self._held.clear

    def holds_back(self, chain: str, payment: Outgoing) -> bool:
        """Is this payment stuck now? Asked whenever it is about to be sent."""
        if payment.reference not in self._held and not self._strikes(chain, payment):
            return False
        if self._seconds() < self._held[payment.reference]:
            return True
        del self._held[payment.reference]
        return False

    def _strikes(self, chain: str, payment: Outgoing) -> bool:
        if len(self._held) >= _MAX_HELD:
            return False
        for rule in self._faults.on_withdrawal(payment.asset, chain):
            self._held[payment.reference] = self._seconds() + rule.seconds if rule.seconds > 0 else inf
            return True
        return False
