"""A data directory as a venue with very many users leaves it, made quickly: a snapshot and the accounts."""

import random
import sqlite3
import zlib
from collections.abc import Iterator
from hashlib import sha256
from itertools import islice
from pathlib import Path

import msgspec

from openbourse.accounts.store import Store
from openbourse.core.units import MONEY_UNIT
from openbourse.log.data_directory import DataDirectory
from openbourse.log.snapshots import FORMAT, FORMAT_VERSION, Header, SnapshotStore

TIME = 1_767_225_600_000
ASSETS = ("BTC", "ETH", "USDT")


def make_many(path: Path, users: int, assets: int = 1) -> DataDirectory:
    """Users 1 to `users`, each with a balance of the first so many assets."""
    directory = DataDirectory(path)
    directory.open("sandbox")
    directory.close()
    Store(f"sqlite:///{directory.accounts}").close()
    connection = sqlite3.connect(directory.accounts)
    rows = ((user, f"user{user}", account(user), 0, "", "active", "", TIME) for user in range(1, users + 1))
    connection.executemany("INSERT INTO users VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
    connection.commit()
    connection.close()
    _write_snapshot(directory, users, ASSETS[:assets])
    return directory


def account(user: int) -> str:
    return f"{user * 2_654_435_761 % 2**32:08X}"  # scattered, as those of real users are


def _write_snapshot(directory: DataDirectory, users: int, assets: tuple[str, ...]) -> None:
    deflate, whole, parts = zlib.compressobj(1), sha256(), []
    for part in _dump(users, assets):
        whole.update(part)
        parts.append(deflate.compress(part))
    body = b"".join([*parts, deflate.flush()])
    counts = {"users": users, "accounts": users * len(assets)}
    header = Header(FORMAT, FORMAT_VERSION, users + 1, counts, whole.hexdigest(), len(body))
    directory.snapshots.mkdir()
    path = SnapshotStore(directory.snapshots).path(users + 1)
    path.write_bytes(msgspec.json.encode(header) + b"\n" + body)


def _dump(users: int, assets: tuple[str, ...]) -> Iterator[bytes]:
    """The tables that matter here, in the form of core.snapshot.dump."""
    dice, owed = random.Random(1), dict.fromkeys(assets, 0)
    yield msgspec.json.encode({"clock": [users + 1, TIME, 0]})[:-1]
    yield from _rows("users", ([user, "active", None, None, False] for user in range(1, users + 1)))

    def balances() -> Iterator[list[object]]:
        for user in range(1, users + 1):
            for asset in assets:
                available, frozen = dice.randrange(10**9) * MONEY_UNIT // 1000, user % 3 * MONEY_UNIT
                owed[asset] += available + frozen
                yield [user, "spot", asset, available, frozen]

    yield from _rows("accounts", balances())
    yield from _rows("system", ([["custody", asset, -amount] for asset, amount in owed.items()].__iter__()))
    yield b"}"


def _rows(table: str, rows: Iterator[list[object]]) -> Iterator[bytes]:
    yield f',"{table}":['.encode()
    first = True
    while chunk := list(islice(rows, 5_000)):
        yield (b"" if first else b",") + msgspec.json.encode(chunk)[1:-1]
        first = False
    yield b"]"
