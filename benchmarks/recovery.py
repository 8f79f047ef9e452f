"""Recovery: how long a large venue takes to start, from a snapshot and from its log alone, and what taking a
snapshot costs those who trade meanwhile.

`make bench` measures the starts of a venue with a million orders whose log holds nothing else.
`python -m benchmarks.recovery ORDERS COMMANDS` chooses the size, a million and ten million without, and goes
on to trade beside a snapshot; it takes half an hour. The log is made from a seed: first the orders, by ten
thousand users in twenty markets, then moves, cancels and new orders in their place, up to the number of
commands. Nothing trades, so that ids can be foretold and the log can be made faster than it is replayed.
"""

import asyncio
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from benchmarks.report import Figure, table
from benchmarks.scratch import scratch_directory
from openbourse.core.commands import (
    AnyCommand,
    CancelOrder,
    DefineMarket,
    Deposit,
    MarketSpec,
    ModifyOrder,
    OpenUser,
    OrderRequest,
    PlaceOrder,
)
from openbourse.core.exchange import Exchange
from openbourse.core.units import MONEY_UNIT, UNIT
from openbourse.log.data_directory import DataDirectory
from openbourse.log.recovery import recover
from openbourse.log.snapshots import SnapshotStore
from openbourse.log.snapshotter import Snapshotter
from openbourse.log.sqlite_log import SqliteLog
from openbourse.venue.clock import SystemClock
from openbourse.venue.sequencer import Sequencer

ORDERS: Final = 1_000_000
COMMANDS: Final = 10_000_000
SEED: Final = 6
_MARKETS: Final = 20
_USERS: Final = 10_000
_BATCH: Final = 2_000
_TIME: Final = 1_700_000_000_000
_MIDDLE: Final = 60_000
_CLIENTS: Final = 64
_CALM_SECONDS: Final = 10.0
_PAGE: Final = 4_096


def measure(orders: int = ORDERS) -> list[Figure]:
    """The starts alone, from the shortest log that leads to so many orders."""
    with tempfile.TemporaryDirectory(dir=scratch_directory()) as folder:
        return _starts(folder, orders, orders + len(list(_opening())))


def measure_all(orders: int = ORDERS, commands: int = COMMANDS) -> list[Figure]:
    """Starts after a long log, and trade beside a snapshot."""
    with tempfile.TemporaryDirectory(dir=scratch_directory()) as folder:
        figures = _starts(folder, orders, commands)
        _tell("trading ...")
        calm, busy, seconds = asyncio.run(_pauses(DataDirectory(folder)))
    return [
        *figures,
        Figure("a snapshot beside trade takes", [seconds], "s"),
        Figure("longest wait for an answer, without a snapshot", [1000 * calm[0]], "ms"),
        Figure("longest wait for an answer, during a snapshot", [1000 * busy[0]], "ms"),
        Figure("commands without a snapshot", [calm[1]], "/s"),
        Figure("commands during a snapshot", [busy[1]], "/s", f"{busy[1] / calm[1]:.2f} of without"),
    ]


def _starts(folder: str, orders: int, commands: int) -> list[Figure]:
    """Each start in a process of its own, once: the figures are large."""
    directory = DataDirectory(folder)
    directory.open("sandbox")
    _tell(f"making a log of {commands:,} commands ...")
    _make_log(directory, orders, commands)
    directory.close()
    _tell("starting from the log alone ...")
    from_log = _start("log", folder)
    _tell("starting from the snapshot ...")
    from_snapshot = _start("snapshot", folder)
    return [
        *_figures("the log alone", from_log),
        Figure("writing the snapshot", [from_log["save_seconds"]], "s"),
        Figure("size of the snapshot", [from_log["save_bytes"] / orders], "bytes an order"),
        *_figures("the snapshot", from_snapshot),
    ]


def _figures(what: str, found: dict[str, float]) -> list[Figure]:
    return [
        Figure(f"start from {what}", [found["seconds"]], "s", f"{found['cpu']:.1f} s of CPU"),
        Figure(f"start from {what}, memory kept", [found["kept"]], "bytes an order"),
        Figure(f"start from {what}, memory at most", [found["peak"]], "bytes an order"),
    ]


# -- the log -----------------------------------------------------------------------------------------


def _make_log(directory: DataDirectory, orders: int, commands: int) -> None:
    log = SqliteLog(directory.commands)
    stream = islice(_commands(orders), commands)
    while batch := list(islice(stream, _BATCH)):
        log.append(batch)
    log.close()


def _commands(orders: int) -> Iterator[AnyCommand]:
    """For ever: the venue, its orders, and what becomes of them."""
    dice = random.Random(SEED)
    opening = list(_opening())
    exchange = Exchange()
    for command in opening:
        exchange.apply(command)
        yield command
    next_id = exchange.state.last_id + 1
    resting: list[tuple[int, int, bool]] = []  # id, user, side
    for _ in range(orders):
        user, buys = dice.randint(1, _USERS), dice.random() < 0.5
        yield _placing(dice, next_id, user, buys)
        resting.append((next_id, user, buys))
        next_id += 1
    while True:
        place = dice.randrange(orders)
        order_id, user, buys = resting[place]
        if dice.random() < 0.8:
            yield ModifyOrder(_TIME, user, "spot", _market(user), order_id, None, _price(dice, buys))
        else:
            yield CancelOrder(_TIME, user, "spot", _market(user), order_id)
            yield _placing(dice, next_id, user, buys)
            resting[place] = (next_id, user, buys)
            next_id += 1


def _opening() -> Iterator[AnyCommand]:
    for number in range(_MARKETS):
        name = f"A{number:02}"
        spec = MarketSpec(f"{name}USDT", name, "USDT", 8, 2, UNIT // 20_000, UNIT // 500, UNIT // 500)
        yield DefineMarket(_TIME, spec)
    for user in range(1, _USERS + 1):
        yield OpenUser(_TIME, user)
        for asset in (_market(user)[:3], "USDT"):
            yield Deposit(_TIME, f"{asset}-{user}", user, asset, 10**9 * MONEY_UNIT)


def _market(user: int) -> str:
    """Everybody trades in one market."""
    return f"A{user % _MARKETS:02}USDT"


def _placing(dice: random.Random, number: int, user: int, buys: bool) -> PlaceOrder:
    amount = dice.randint(10_000, 100_000) * 10**7
    request = OrderRequest(
        user,
        "spot",
        _market(user),
        "buy" if buys else "sell",
        "limit",
        amount,
        _price(dice, buys),
        client_id=f"bot-{number}",
    )
    return PlaceOrder(_TIME, request)


def _price(dice: random.Random, buys: bool) -> int:
    """On its own side, one of ten thousand prices."""
    distance = dice.randint(1, 10_000)
    return (100 * _MIDDLE + (-distance if buys else distance)) * (UNIT // 100)


# -- starts ------------------------------------------------------------------------------------------


def _start(kind: str, folder: str) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.recovery", "--start", kind, folder]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _started(kind: str, folder: str) -> dict[str, float]:
    """The work of a process that starts once; the one that starts from the log leaves a snapshot."""
    directory = DataDirectory(folder)
    store = SnapshotStore(directory.snapshots)
    assert bool(store.sequences()) == (kind == "snapshot")
    before, cpu = _resident(), time.process_time()
    log = SqliteLog(directory.commands)
    recovered = recover(log, store)
    cpu = time.process_time() - cpu
    orders = sum(len(user.orders) for user in recovered.exchange.state.users.values())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    found = {
        "seconds": recovered.seconds,
        "cpu": cpu,
        "kept": (_resident() - before) / orders,
        "peak": (peak - before) / orders,
    }
    if kind == "log":
        began = time.perf_counter()
        path = store.save(recovered.exchange)
        found |= {"save_seconds": time.perf_counter() - began, "save_bytes": path.stat().st_size}
    log.close()
    return found


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE


# -- trade beside a snapshot ---------------------------------------------------------------------------


async def _pauses(directory: DataDirectory) -> tuple[tuple[float, float], tuple[float, float], float]:
    """Longest wait and commands a second, without a snapshot and during one; and how long that took.

    The snapshot process starts from the last one, as it does in a venue, and checks the invariants.
    """
    log = SqliteLog(directory.commands)
    exchange = recover(log, SnapshotStore(directory.snapshots)).exchange
    sequencer = Sequencer(exchange, log, lambda _: None, SystemClock())
    sequencer.start()
    floor = _Floor(sequencer, exchange)
    snapshotter = Snapshotter(directory.path, lambda: exchange.sequence, timeout_seconds=3600.0)
    calm = await floor.trade(asyncio.create_task(asyncio.sleep(_CALM_SECONDS)))
    began = time.perf_counter()
    taking = asyncio.create_task(snapshotter.take())
    busy = await floor.trade(taking)
    seconds = time.perf_counter() - began
    assert taking.result().ok, taking.result()
    await sequencer.stop()
    log.close()
    return calm, busy, seconds


class _Floor:
    """Some clients, each of which waits for its answer before it moves another of its orders."""

    def __init__(self, sequencer: Sequencer, exchange: Exchange) -> None:
        self._sequencer = sequencer
        self._exchange = exchange
        self._longest = 0.0
        self._done = 0

    async def trade(self, until: "asyncio.Task[object]") -> tuple[float, float]:
        """The longest wait for an answer (s) and commands a second."""
        self._longest, self._done = 0.0, 0
        began = time.perf_counter()
        await asyncio.gather(*(self._client(number, until) for number in range(_CLIENTS)))
        return self._longest, self._done / (time.perf_counter() - began)

    async def _client(self, number: int, until: "asyncio.Task[object]") -> None:
        dice = random.Random(number)
        users = [user for user in self._exchange.state.users.values() if user.orders]
        user = users[number % len(users)]
        resting = [(order.order_id, order.is_buy) for order in user.orders.values()]
        while not until.done():
            order_id, buys = dice.choice(resting)
            move = ModifyOrder(
                self._sequencer.now(),
                user.user,
                "spot",
                _market(user.user),
                order_id,
                None,
                _price(dice, buys),
            )
            began = time.perf_counter()
            await self._sequencer.submit(move)
            self._longest = max(self._longest, time.perf_counter() - began)
            self._done += 1


def _tell(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["--start"]:
        print(json.dumps(_started(*arguments[1:])))
        return
    print(table(measure_all(*map(int, arguments))))


if __name__ == "__main__":
    main(sys.argv[1:])
