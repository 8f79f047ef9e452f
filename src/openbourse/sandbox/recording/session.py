"""A replay from beginning to end: which venue, whose keys, and how strictly is compared."""

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncGenerator, Callable, Mapping
from pathlib import Path

from openbourse.sandbox.recording.comparison import Finding
from openbourse.sandbox.recording.fresh import Fresh, fresh_venue
from openbourse.sandbox.recording.keys import KeyRing, Keys
from openbourse.sandbox.recording.lines import Header, SandboxState
from openbourse.sandbox.recording.player import Player
from openbourse.sandbox.recording.reader import read_header, read_lines
from openbourse.sandbox.recording.refusals import refusals
from openbourse.sandbox.recording.target import look_at
from openbourse.sandbox.setup import Trader
from openbourse.sandbox.virtual_clock import VirtualClock

Tell = Callable[[str], None]


class Stepped:
    """See Pace: the clock of a fresh venue, which goes where the recording was."""

    glance_seconds = 0.0

    def __init__(self, fresh: Fresh) -> None:
        self._playground = fresh.playground
        self._hub = fresh.hub

    async def reach(self, time: int) -> None:
        ahead = time - self._playground.clock.now()
        if ahead > 0:
            await self._playground.advance(ahead / 1000)

    def show(self) -> None:
        """Books are pushed by ticks of real time; recorded ones came between any two requests."""
        self._hub.tick()

    def shift(self, time: int) -> int:
        """None: the recorded time stamps are as old as they were."""
        del time
        return 0


class Elsewhere:
    """See Pace: the clock of a venue that is not ours to move."""

    glance_seconds = 1.0

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock

    async def reach(self, time: int) -> None:
        del time

    def show(self) -> None:
        """It shows what it likes."""

    def shift(self, time: int) -> int:
        return self._clock.now() - time


async def replay(
    path: Path,
    *,
    tell: Tell,
    against: str = "",
    users: Mapping[str, Keys] | None = None,
    chosen: Mapping[str, str] | None = None,
    values: bool | None = None,
) -> AsyncGenerator[Finding]:
    """All differences between the recording and a venue: a fresh one, or that at the URL `against`.

    `users` have the keys there; a fresh venue brings its own. `values`: whether values count, or names and
    types only; None decides by what can be repeated. `tell` gets sentences about that.

    Raises RecordFileError.
    """
    header = read_header(path)
    wrong = await asyncio.to_thread(lambda: refusals(read_lines(path)))
    async with contextlib.AsyncExitStack() as opened:
        if against:
            state, clock = await asyncio.to_thread(look_at, against)
            keys = KeyRing(users or {}, chosen)
            strict = (header.sandbox is not None and state is not None) if values is None else values
            player = Player(
                against.rstrip("/"),
                keys,
                Elsewhere(clock),
                values=strict,
                control=state is not None,
                refused=wrong,
            )
        else:
            folder = opened.enter_context(tempfile.TemporaryDirectory(prefix="openbourse-"))
            fresh = await opened.enter_async_context(fresh_venue(_state(header), Path(folder) / "venue"))
            keys = KeyRing({trader.user.name: _keys(trader) for trader in fresh.traders}, chosen)
            strict = _repeatable(header) if values is None else values
            _tell_of_beginning(header, fresh, tell, strict=strict)
            player = Player(fresh.url, keys, Stepped(fresh), values=strict, control=True, refused=wrong)
        async for finding in player.play(read_lines(path)):
            yield finding
        how = "values and all" if strict else "names, types and codes only"
        tell(f"{player.messages} messages compared, {how}")
        for label in sorted(keys.missing):
            tell(f"there was no key for {label}: its requests could not be signed (--credentials, --user)")


def _state(header: Header) -> SandboxState:
    """Where a fresh venue begins; what was no sandbox is compared to one with bots."""
    if header.sandbox is not None:
        return header.sandbox
    return SandboxState(began=header.began, time=header.began, sequence=0, bots=True, history=3600)


def _repeatable(header: Header) -> bool:
    return header.sandbox is not None and header.sandbox.repeatable


def _tell_of_beginning(header: Header, fresh: Fresh, tell: Tell, *, strict: bool) -> None:
    state = header.sandbox
    if state is None:
        tell("this is no recording of a sandbox: the markets are others here")
    elif not state.repeatable:
        tell("the bots of the recorded sandbox lived in real time, which nobody can repeat")
    elif state.sequence != fresh.sequence and strict:
        tell(
            f"the recorded sandbox had {state.sequence} commands behind it and this one has "
            f"{fresh.sequence}: what had been there before is missing, and may make differences"
        )


def _keys(trader: Trader) -> Keys:
    return {protocol: (key.key_id, key.secret) for protocol, key in trader.keys.items()}
