"""Transfers of one user and of a family, against every transfer that was made."""

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Connection

from openbourse.core.commands import Transfer
from openbourse.core.events import Applied, Transferred
from openbourse.history.history import History
from openbourse.history.transfers import (
    PastTransfer,
    TransferFilter,
    TransferPage,
    family_transfers,
    own_transfers,
)

EVERYTHING = TransferFilter()
FAMILY = (1, 2, 3)
STRANGER = 4
WALLETS = ("spot", "futures", "margin:BTCUSDT", "margin:ETHUSDT")


def made() -> list[PastTransfer]:
    """Every way between four users and four wallets, twice, one every ten milliseconds."""
    sides = list(itertools.product((*FAMILY, STRANGER), WALLETS))
    ways = [(source, target) for source in sides for target in sides if source != target]
    return [
        PastTransfer(
            number, f"k-{number}", 10 * number, *source, *target, ("BTC", "USDT")[number % 2], number
        )
        for number, (source, target) in enumerate(ways * 2, start=1)
    ]


MADE = made()


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    history = History(f"sqlite:///{tmp_path_factory.mktemp('transfers')}/history.db")
    history.apply(
        [
            Applied(
                number,
                Transfer(row.time, row.key, *_way(row), row.asset, row.amount),
                [Transferred(row.transfer_id, row.key, *_way(row), row.asset, row.amount)],
            )
            for number, row in enumerate(MADE, start=1)
        ]
    )
    with history.engine.connect() as opened:
        yield opened
    history.close()


def _way(row: PastTransfer) -> tuple[int, str, int, str]:
    return row.from_user, row.from_wallet, row.to_user, row.to_wallet


def check(ask: Callable[..., TransferPage], wanted: Callable[[PastTransfer], bool]) -> None:
    """`ask` finds what is `wanted`, newest first, in pages, and filtered by asset and time."""
    rows = [row for row in reversed(MADE) if wanted(row)]
    assert rows
    for page in range(1, len(rows) // 7 + 3):
        found = ask(wanted=EVERYTHING, page=page, limit=7)
        assert found.rows == rows[7 * (page - 1) : 7 * page]
        assert (found.has_next, found.total) == (len(rows) > 7 * page, len(rows))
    asset, start, end = "BTC", rows[-1].time, rows[len(rows) // 2].time
    for given, expected in (
        ({"asset": asset}, [row for row in rows if row.asset == asset]),
        ({"start": end}, [row for row in rows if row.time >= end]),
        ({"start": start, "end": end}, [row for row in rows if start <= row.time <= end]),
        ({"asset": asset, "end": start - 1}, []),
    ):
        filters: dict[str, Any] = given
        found = ask(wanted=TransferFilter(**filters), page=1, limit=1000)
        assert (found.rows, found.total, found.has_next) == (expected, len(expected), False)


@pytest.mark.parametrize("wallet", ["futures", "margin:BTCUSDT", "margin:"])
def test_between_ones_own_wallets(connection: Connection, wallet: str) -> None:
    def wanted(row: PastTransfer) -> bool:
        own = (row.from_user, row.to_user) == (2, 2)
        names = (row.from_wallet, row.to_wallet)
        return own and (wallet in names or any(wallet == "margin:" == name[:7] for name in names))

    check(lambda **more: own_transfers(connection, 2, wallet, **more), wanted)


@pytest.mark.parametrize("member", [None, 1, 3])
def test_within_a_family(connection: Connection, member: int | None) -> None:
    def wanted(row: PastTransfer) -> bool:
        ends = {row.from_user, row.to_user}
        return len(ends) == 2 and ends <= set(FAMILY) and (member is None or member in ends)

    check(lambda **more: family_transfers(connection, FAMILY, member, **more), wanted)


def test_a_stranger_has_no_part_in_it(connection: Connection) -> None:
    assert family_transfers(connection, FAMILY, STRANGER, EVERYTHING, 1, 10) == TransferPage([], False, 0)
    assert family_transfers(connection, (STRANGER,), None, EVERYTHING, 1, 10) == TransferPage([], False, 0)
