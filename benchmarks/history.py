"""The history: commands a second that its writer takes, and what a query costs when there is much of it.

The rows that are queried are made up, since to trade for them would take hours. `python -m benchmarks.history
5000000` makes five million finished orders and twenty million rows of their trades; it takes some minutes and
gigabytes. Every user has two hundred orders. Beside each query stands the same one in a history of a
hundredth of the size, with a hundredth of the users.
"""

import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, Final

from sqlalchemy import Connection

from benchmarks.mixes import MIXES, stream
from benchmarks.report import Figure, percentile, table
from benchmarks.scratch import scratch_directory
from openbourse.core.events import Applied
from openbourse.core.exchange import Exchange
from openbourse.history import tables
from openbourse.history.bulk import BulkInsert
from openbourse.history.history import History
from openbourse.history.orders import finished_order, finished_orders
from openbourse.history.trades import trades_of_order, trades_of_user

ORDERS: Final = 200_000
_COMMANDS: Final = 20_000
_BATCH: Final = 1_000
_RUNS: Final = 3
_ORDERS_OF_A_USER: Final = 200
_MARKETS: Final = ("BTCUSDT", "ETHUSDT", "CETUSDT", "LTCUSDT")
_FILLS: Final = 4
_TIME: Final = 1_700_000_000_000
_ASKED: Final = 500
_WARM: Final = 50

Query = Callable[[Connection, random.Random], object]


def measure() -> list[Figure]:
    """The writer, then the queries."""
    return [_writing(), *queries(ORDERS)]


# -- writing ---------------------------------------------------------------------------------------


def _writing() -> Figure:
    """CPU time of the writer alone, on the events of mix B."""
    commands = stream(MIXES["B"], _COMMANDS, 3)
    exchange = Exchange()
    everything = [*commands.opening, *commands.commands]
    applied = [
        Applied(number, command, exchange.apply(command)) for number, command in enumerate(everything, 1)
    ]
    rates = [_written(applied) for _ in range(_RUNS)]
    return Figure("history, mix B written", rates, "commands/s of CPU")


def _written(applied: list[Applied]) -> float:
    with tempfile.TemporaryDirectory(dir=scratch_directory()) as folder:
        history = History(f"sqlite:///{folder}/history.db")
        began = time.process_time()
        for start in range(0, len(applied), _BATCH):
            history.apply(applied[start : start + _BATCH])
        spent = time.process_time() - began
        history.close()
    return len(applied) / spent


# -- querying --------------------------------------------------------------------------------------


def queries(orders: int) -> list[Figure]:
    """Each query on a full history and on a small one."""
    small, full = _asked(orders // 100), _asked(orders)
    return [
        Figure(
            f"history of {orders:,} orders, {name}",
            [times[0]],
            "ms",
            f"{times[0] / small[name][0]:.2f} of {orders // 100:,} orders; p99 {times[1]:.2f} ms",
        )
        for name, times in full.items()
    ]


def _asked(orders: int) -> dict[str, tuple[float, float]]:
    """Median and 99th percentile of each query in ms."""
    with tempfile.TemporaryDirectory(dir=scratch_directory()) as folder:
        history = History(f"sqlite:///{folder}/history.db")
        _fill(history, orders)
        with history.engine.connect() as connection:
            found = {name: _timed(query, connection) for name, query in _queries(orders).items()}
        history.close()
    return found


def _timed(query: Query, connection: Connection) -> tuple[float, float]:
    chance = random.Random(1)
    times = []
    for _ in range(_WARM + _ASKED):
        began = time.perf_counter_ns()
        query(connection, chance)
        times.append(time.perf_counter_ns() - began)
    times = sorted(times[_WARM:])
    return percentile(times, 0.5) / 1e6, percentile(times, 0.99) / 1e6


def _queries(orders: int) -> dict[str, Query]:
    def user(chance: random.Random) -> int:
        return chance.randint(1, orders // _ORDERS_OF_A_USER)

    def order(chance: random.Random) -> int:
        return chance.randint(1, orders)

    return {
        "last 100 orders": lambda c, r: finished_orders(c, user(r), "spot", limit=100),
        "last 100 orders of a market": lambda c, r: finished_orders(
            c, user(r), "spot", market=r.choice(_MARKETS), limit=100
        ),
        "orders of a client id": lambda c, r: finished_orders(
            c, user(r), "spot", client_id=f"bot-{r.randrange(_ORDERS_OF_A_USER)}", traded_only=False
        ),
        "one order": lambda c, r: finished_order(c, user(r), order(r)),
        "trades of an order": lambda c, r: trades_of_order(c, user(r), order(r)),
        "last 100 trades": lambda c, r: trades_of_user(c, user(r), "spot", r.choice(_MARKETS), limit=100),
        "trades of a day": lambda c, r: trades_of_user(
            c, user(r), "spot", r.choice(_MARKETS), start=_TIME + order(r), end=_TIME + order(r), limit=100
        ),
    }


def _fill(history: History, orders: int) -> None:
    chance = random.Random(2)
    users = orders // _ORDERS_OF_A_USER
    owners = [(chance.randint(1, users), chance.choice(_MARKETS)) for _ in range(orders)]
    made: dict[Any, Iterator[dict[str, Any]]] = {
        tables.orders: map(_order, range(orders), owners),
        tables.user_trades: (
            _fill_of(_FILLS * number + fill, number, owner)
            for number, owner in enumerate(owners)
            for fill in range(_FILLS)
        ),
    }
    for kind, rows in made.items():
        insert = BulkInsert(history.engine, kind)
        while part := list(islice(rows, 10_000)):
            with history.engine.begin() as connection:
                insert.execute(connection, part)


def _order(number: int, owner: tuple[int, str]) -> dict[str, Any]:
    """Every third order was cancelled without a fill."""
    traded = number % 3 > 0
    row: dict[str, Any] = dict.fromkeys(tables.orders.c.keys(), 10**12)
    row |= _common(number, owner)
    row |= {"type": "limit", "in_quote": False, "hidden": False, "self_trade": "allow"}
    row |= {"order_id": number + 1, "status": "filled" if traded else "cancelled", "traded": traded}
    row |= {"created_at": _TIME + number, "updated_at": _TIME + number}
    return row


def _fill_of(trade: int, number: int, owner: tuple[int, str]) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(tables.user_trades.c.keys(), 10**12)
    row |= _common(number, owner)
    row |= {"trade_id": trade + 1, "role": "taker", "time": _TIME + number, "order_id": number + 1}
    row |= {"fee_asset": "USDT"}
    return row


def _common(number: int, owner: tuple[int, str]) -> dict[str, Any]:
    user, market = owner
    side = "buy" if number % 2 else "sell"
    client_id = f"bot-{number % _ORDERS_OF_A_USER}"
    return {"user_id": user, "wallet": "spot", "market": market, "side": side, "client_id": client_id}


if __name__ == "__main__":
    print(table(queries(int(sys.argv[1]))))
