"""The counter: the wallet's one way into the exchange."""

from collections.abc import Awaitable
from typing import Protocol

from openbourse.core.commands import AnyCommand
from openbourse.core.events import AnyEvent


class Counter(Protocol):
    """Takes commands, as the venue does; see `venue.venue.Venue`."""

    def now(self) -> int:
        """The venue's time in Unix ms."""

    def submit(self, command: AnyCommand) -> Awaitable[list[AnyEvent]]:
        """The events of a command once it is durable."""
