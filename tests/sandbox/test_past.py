"""A past that was lived through: there, plausible, and equal for equal seeds."""

from pathlib import Path

import pytest

from openbourse.core.commands import encode_commands
from openbourse.core.snapshot import state_hash
from openbourse.history.trades import tape
from openbourse.sandbox.catalogue import MARKETS
from openbourse.sandbox.house import House
from openbourse.sandbox.past import live_through, seconds_of
from openbourse.sandbox.setup import set_up
from openbourse.sandbox.virtual_clock import VirtualClock
from tests.sandbox.venues import START, running

HOUR = 3600


async def past(directory: Path, seed: int) -> tuple[str, bytes, list[object]]:
    """State, log and tape after an hour and a bit of living markets, stepped through."""
    clock = VirtualClock(START, 0)
    async with running(directory, clock=clock) as venue:
        await set_up(venue)
        house = House(venue, seed, clock.sleep)
        await live_through(venue, clock, house, HOUR)
        async with house:
            await clock.advance(5)
        assert clock.now() == START + HOUR * 1000 + 5000
        trades: list[object] = list(await venue.ask(lambda connection: tape(connection, "BTCUSDT", 1000)))
        commands = [command for _, batch in venue.log.read(0) for command in batch]
        return state_hash(venue.exchange), encode_commands(commands), trades


async def test_equal_seeds_give_equal_tapes_byte_for_byte(tmp_path: Path) -> None:
    one, same, other = [await past(tmp_path / name, seed) for name, seed in (("a", 1), ("b", 1), ("c", 2))]
    assert one == same
    assert one[0] != other[0]
    assert one[2] != other[2]
    assert len(one[2]) > 50


async def test_the_hours_before_are_there(tmp_path: Path) -> None:
    clock = VirtualClock(START, 0)
    async with running(tmp_path, clock=clock) as venue:
        await set_up(venue)
        await live_through(venue, clock, House(venue, 1, clock.sleep), 2 * HOUR)
        for market in MARKETS:
            trades = await venue.ask(lambda connection, name=market.name: tape(connection, name, 1000))  # type: ignore[misc]
            assert len(trades) > 60
            assert trades[-1].time - START < 10 * 60_000
            assert START + 2 * HOUR * 1000 - trades[0].time < 10 * 60_000


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("24h", 86_400), ("90m", 5_400), ("7d", 604_800), ("30s", 30), ("0", 0), (" 5h ", 18_000)],
)
def test_lengths_of_time(text: str, seconds: int) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "h", "-1h", "1.5h", "32d", "1y", "1h30m"])
def test_what_is_no_length_of_time(text: str) -> None:
    with pytest.raises(ValueError, match="not a length of time"):
        seconds_of(text)
