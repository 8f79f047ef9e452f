"""Replaying: one command of the log, once more."""

from collections.abc import Set as AbstractSet

from openbourse.core.commands import AnyCommand
from openbourse.core.events import AnyEvent
from openbourse.core.exchange import Exchange
from openbourse.log.errors import PoisonedCommandError


def replay(
    exchange: Exchange, sequence: int, command: AnyCommand, skipped: AbstractSet[int]
) -> list[AnyEvent]:
    """The events of the command at `sequence`, which is refused if the operator has it `skipped`.

    Raises PoisonedCommandError when the core fails under it; the exchange is of no more use then.
    """
    if sequence in skipped:
        return exchange.skip(command)
    try:
        return exchange.apply(command)
    except Exception as error:
        raise PoisonedCommandError(sequence, command, error) from error
