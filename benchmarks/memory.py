"""Memory: what a resting order and a funded account take, by the growth of a process that holds many.

`python -m benchmarks.memory orders 1000000` is one such process; `both` has as many of each, and what counts
is the most that it ever had. The market data that the public sees are kept beside the exchange. Every order
has a client id, every account the key of its first deposit. Idle connections are measured by
`websocket_fanout`; what a process with a history keeps, by `recovery`.
"""

import gc
import random
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.report import Figure
from openbourse.core.commands import (
    AnyCommand,
    DefineMarket,
    Deposit,
    MarketSpec,
    OpenUser,
    OrderRequest,
    PlaceOrder,
    Side,
)
from openbourse.core.events import Applied, Refused
from openbourse.core.exchange import Exchange
from openbourse.core.units import MONEY_UNIT, UNIT
from openbourse.market_data.market_data import MarketData

COUNT = 200_000
MILLION = 1_000_000
_TIME = 1_700_000_000_000
_BATCH = 1_000
_TRADERS = 100
_PAGE = 4_096
_PEAK_UNIT = 1 if sys.platform == "darwin" else 1024
_MARKET = MarketSpec("BTCUSDT", "BTC", "USDT", 8, 2, UNIT // 20_000, UNIT // 500, UNIT // 500)


def measure() -> list[Figure]:
    """Both kinds, each in a process of its own; then a million of each in one."""
    return [
        Figure("memory, a resting order", [_measured("orders", COUNT)], "bytes"),
        Figure("memory, a user with one funded account", [_measured("accounts", COUNT)], "bytes"),
        Figure(
            "memory, 1,000,000 resting orders and 1,000,000 funded users at most",
            [_measured("both", MILLION) / 1e9],
            "GB",
        ),
    ]


def _measured(kind: str, count: int) -> float:
    command = [sys.executable, "-m", "benchmarks.memory", kind, str(count)]
    return float(subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=900).stdout)


def run(kind: str, count: int) -> float:
    """Bytes by which this process grows for each of `count` things; of both, the most it had in all."""
    venue = Books()
    venue.apply([DefineMarket(_TIME, _MARKET)])
    for user in range(1, _TRADERS + 1):
        venue.apply([OpenUser(_TIME, user)])
        for asset, amount in (("BTC", 10**6), ("USDT", 10**10)):
            venue.apply([Deposit(_TIME, f"{asset}-{user}", user, asset, amount * MONEY_UNIT)])
    gc.collect()
    before = _resident()
    commands = _KINDS[kind](count)
    while batch := [command for _, command in zip(range(_BATCH), commands, strict=False)]:
        venue.apply(batch)
    if kind == "both":
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _PEAK_UNIT
    gc.collect()
    return (_resident() - before) / count


class Books:
    """What a venue keeps of its markets and accounts: the exchange, and what the public sees of it."""

    def __init__(self) -> None:
        self._exchange = Exchange()
        self._public = MarketData()

    def apply(self, commands: list[AnyCommand]) -> None:
        for command in commands:
            events = self._exchange.apply(command)
            assert not isinstance(events[0], Refused), command
            self._public.apply([Applied(self._exchange.sequence, command, events)])


def _orders(count: int) -> Iterator[AnyCommand]:
    chance = random.Random(1)
    for number in range(count):
        buys = chance.random() < 0.5
        distance = chance.randint(1, 10_000) * UNIT // 100
        price = 60_000 * UNIT + (-distance if buys else distance)
        amount = chance.randint(10_000, 100_000) * 10**7
        user = chance.randint(1, _TRADERS)
        side: Side = "buy" if buys else "sell"
        name = f"bot-{number}"
        request = OrderRequest(user, "spot", _MARKET.name, side, "limit", amount, price, client_id=name)
        yield PlaceOrder(_TIME, request)


def _accounts(count: int) -> Iterator[AnyCommand]:
    for user in range(_TRADERS + 1, _TRADERS + 1 + count):
        yield OpenUser(_TIME, user)
        yield Deposit(_TIME, f"USDT-{user}", user, "USDT", 1_234 * MONEY_UNIT)


def _both(count: int) -> Iterator[AnyCommand]:
    yield from _orders(count)
    yield from _accounts(count)


_KINDS: dict[str, Callable[[int], Iterator[AnyCommand]]] = {
    "orders": _orders,
    "accounts": _accounts,
    "both": _both,
}


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE


if __name__ == "__main__":
    print(run(sys.argv[1], int(sys.argv[2])))
