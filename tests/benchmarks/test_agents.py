"""What the agents do is the same each time, and does the same on a fresh exchange."""

from collections import Counter

from benchmarks.agents import recorded
from openbourse.core.events import Refused, Trade
from openbourse.core.exchange import Exchange

_COUNT = 1_500


def test_recorded_commands_come_again_and_do_what_they_did() -> None:
    stream = recorded(_COUNT, 7)
    assert len(stream.commands) == _COUNT
    assert recorded(_COUNT, 7) == stream
    exchange = Exchange()
    opened = [event for command in stream.opening for event in exchange.apply(command)]
    assert not any(isinstance(event, Refused) for event in opened)
    events = [event for command in stream.commands for event in exchange.apply(command)]
    assert sum(isinstance(event, Refused) for event in events) * 20 <= _COUNT
    assert sum(isinstance(event, Trade) for event in events) > 50
    kinds = Counter(type(command).__name__ for command in stream.commands)
    assert {"PlaceOrder", "ModifyOrder", "CancelOrder"} <= set(kinds)


def test_another_seed_makes_other_commands() -> None:
    assert recorded(100, 1).commands != recorded(100, 2).commands
