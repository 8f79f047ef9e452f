"""An incident: a sandbox that stands where a venue's log stood, and goes on command by command."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

from openbourse.core.commands import AnyCommand
from openbourse.log.errors import LogError
from openbourse.log.sqlite_log import SqliteLog
from openbourse.sandbox.playground import Playground
from openbourse.wire.http.messages import Request

MAX_COUNT: Final = 1_000


class NextOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many commands of the log to apply."""

    count: int = 1


class Incident:
    """`next` applies what the venue did after the copy was made of it, with the events of each command.

    What somebody has done to the sandbox in between stays: the commands then meet another state, as they
    would have.
    """

    def __init__(self, playground: Playground, log: Path, sequence: int) -> None:
        """The copy of the venue with this `log` ends at `sequence`. Raises LogError."""
        self._playground = playground
        self._log = SqliteLog(log, read_only=True)
        self._position = sequence
        self._stepping = asyncio.Lock()
        playground.further = {
            ("GET", "/sandbox/log"): self._show,
            ("POST", "/sandbox/log/next"): self._next,
        }

    def close(self) -> None:
        """Let go of the venue's log."""
        self._log.close()

    async def next(self, count: int = 1) -> list[dict[str, Any]]:
        """Apply so many commands; what they were and what came of them. Fewer at the end of the log.

        A command that the operator had taken out is told and not applied. Raises LogError.
        """
        if not 1 <= count <= MAX_COUNT:
            raise LogError(f"a step has 1 to {MAX_COUNT} commands")
        # Two steps at a time would apply the same commands twice.
        async with self._stepping:
            return [await self._step(*following) for following in self._following(count)]

    async def _step(self, sequence: int, command: AnyCommand) -> dict[str, Any]:
        skipped = sequence in self._log.skipped
        events = [] if skipped else await self._apply(command)
        self._position = sequence
        return {
            "sequence": sequence,
            "skipped": skipped,
            "command": in_words(command),
            "events": [in_words(event) for event in events],
        }

    def _following(self, count: int) -> Iterator[tuple[int, AnyCommand]]:
        end = min(self._position + count, self._log.last_sequence)
        for first, commands in self._log.read(after=self._position):
            for sequence, command in enumerate(commands, first):
                if sequence > end:
                    return
                yield sequence, command

    async def _apply(self, command: AnyCommand) -> list[Any]:
        clock, venue = self._playground.clock, self._playground.venue
        if command.time > clock.now():
            clock.jump((command.time - clock.now()) / 1000)
        return await venue.submit(command)

    async def _show(self, request: Request) -> object:
        del request
        return {
            "sequence": self._playground.venue.exchange.sequence,
            "applied": self._position,
            "last": self._log.last_sequence,
        }

    async def _next(self, request: Request) -> object:
        order = msgspec.json.decode(request.body or b"{}", type=NextOrder)
        return await self.next(order.count)


def in_words(value: Any) -> Any:
    """A command or an event with the names of its fields; numbers as they are in the log (core/units.py)."""
    if isinstance(value, msgspec.Struct):
        fields = {name: in_words(getattr(value, name)) for name in value.__struct_fields__}
        return {"kind": type(value).__name__, **fields}
    if isinstance(value, list | tuple):
        return [in_words(member) for member in value]
    return value
