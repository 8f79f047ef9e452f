"""Random traffic through the real exchange, recorded as projections see it."""

from collections.abc import Iterator

from openbourse.core.events import Applied, Trade
from openbourse.core.exchange import Exchange
from tests.core.streams import Traffic


def run(exchange: Exchange, seed: int, count: int) -> Iterator[Applied]:
    """Apply `count` random commands to `exchange`, yielding each with its events as soon as it is applied."""
    traffic = Traffic(seed)
    for _ in range(count):
        command = traffic.next_command()
        events = exchange.apply(command)
        traffic.observe(events)
        yield Applied(exchange.sequence, command, events)


def recorded(seed: int, count: int) -> list[Applied]:
    return list(run(Exchange(), seed, count))


def timed_trades(record: list[Applied]) -> list[tuple[int, Trade]]:
    """Every trade with its time: the largest command time so far."""
    now = 0
    found: list[tuple[int, Trade]] = []
    for applied in record:
        now = max(now, applied.command.time)
        found += [(now, event) for event in applied.events if isinstance(event, Trade)]
    return found
