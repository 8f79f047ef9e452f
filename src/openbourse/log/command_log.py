"""The command log: one total order of commands, durable before anybody hears of them."""

from collections.abc import Iterator
from typing import Protocol

from openbourse.core.commands import AnyCommand


class CommandLog(Protocol):
    """What the sequencer and recovery need of a log; `SqliteLog` is the embedded one.

    Sequences are consecutive and begin with 1. One writer at a time; `append` and `read` may be called from
    different threads.
    """

    @property
    def last_sequence(self) -> int:
        """The sequence of the newest durable command, 0 for an empty log."""

    @property
    def skipped(self) -> frozenset[int]:
        """Sequences of commands that the operator took out: every replay counts them as refused."""

    def append(self, commands: list[AnyCommand]) -> None:
        """Store the commands as one batch under the next sequences: all durable on return, or none.

        Raises LogError when they could not be stored; the log then takes no more commands.
        """

    def read(self, after: int) -> Iterator[tuple[int, list[AnyCommand]]]:
        """Every command with a sequence above `after`, in order, as (first sequence, commands) per batch.

        Raises DamagedLogError at the first batch that is not exactly as it was written.
        """

    def close(self) -> None: ...
