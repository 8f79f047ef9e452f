"""`python -m tests.wallet.victim DIRECTORY TIME MOMENT`: a venue that dies at a chosen moment, just so.

The process ends as with kill -9: no snapshot, no drained queue, no closed file.
"""

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from openbourse.core.commands import AdvanceWithdrawal, AnyCommand, ReportDeposit
from tests.wallet.desk import CHAIN, Clock, Desk, money

DEAD = 9


def die(*_: object, **__: object) -> Any:
    os._exit(DEAD)


async def live(directory: Path, time: int, moment: str) -> None:
    desk = await Desk.open(directory, Clock(time))
    if moment.startswith("withdrawal"):
        await desk.endow(desk.ann, "100")
        await desk.withdraw("10")
    elif moment.startswith("deposit"):
        address = await desk.funds.deposit_address(desk.ann, "USDT", CHAIN)
        if not await desk.deposits():
            desk.chain.pay(address.address, "", "USDT", money("5"))
    MOMENTS[moment](desk)
    await desk.blocks(3)
    if moment == "deposit_reorganised":
        desk.chain.reorganise(3, drop=False)
        die()
    await desk.blocks(3)
    raise AssertionError("it should be dead")


def before_processing(desk: Desk) -> None:
    desk.chain.height = die  # type: ignore[method-assign]


def before_broadcast(desk: Desk) -> None:
    desk.chain.broadcast = die  # type: ignore[method-assign]


def after_broadcast(desk: Desk) -> None:
    _die_instead(desk, lambda c: isinstance(c, AdvanceWithdrawal) and c.status == "confirming")


def before_the_end(desk: Desk) -> None:
    _die_instead(desk, lambda c: isinstance(c, AdvanceWithdrawal) and c.status == "finished")


def before_crediting(desk: Desk) -> None:
    _die_instead(desk, lambda c: isinstance(c, ReportDeposit) and c.finding in ("safe", "irreversible"))


def after_crediting(desk: Desk) -> None:
    _die_instead(
        desk, lambda c: isinstance(c, ReportDeposit) and c.finding in ("safe", "irreversible"), done=True
    )


def later(desk: Desk) -> None:
    del desk


def _die_instead(desk: Desk, chosen: Callable[[AnyCommand], bool], *, done: bool = False) -> None:
    """Die when the wallet is about to submit such a command, or, with `done`, when it is durable."""
    submit = desk.venue.submit

    async def deadly(command: AnyCommand) -> Any:
        if chosen(command) and not done:
            die()
        events = await submit(command)
        if chosen(command):
            die()
        return events

    desk.venue.submit = deadly  # type: ignore[method-assign]


MOMENTS: dict[str, Callable[[Desk], None]] = {
    "withdrawal_before_processing": before_processing,
    "withdrawal_before_broadcast": before_broadcast,
    "withdrawal_after_broadcast": after_broadcast,
    "withdrawal_before_the_end": before_the_end,
    "deposit_before_crediting": before_crediting,
    "deposit_after_crediting": after_crediting,
    "deposit_reorganised": later,
}

if __name__ == "__main__":
    asyncio.run(live(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
