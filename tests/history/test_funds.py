"""Deposits and withdrawals, against the events."""

from typing import get_args

from sqlalchemy import Connection, select

from openbourse.core.events import (
    Adjusted,
    Applied,
    DepositChanged,
    Deposited,
    DepositMethod,
    DepositState,
    WithdrawalChanged,
)
from openbourse.history import tables
from openbourse.history.funds import (
    deposits_of,
    withdrawal_of,
    withdrawals_of,
)
from tests.history.pages import check_pages


def timed(record: list[Applied]) -> list[tuple[Applied, int]]:
    now = 0
    found = []
    for applied in record:
        now = max(now, applied.command.time)
        found.append((applied, now))
    return found


def direct(event: Deposited, now: int) -> DepositState:
    return DepositState(
        event.deposit_id, event.key, event.user, event.asset, event.amount, event.amount, "direct",
        "", "", "", "", 0, 0, 0, True, "finished", "", now, now,
    )  # fmt: skip


def test_deposits_show_how_they_stand(connection: Connection, record: list[Applied]) -> None:
    newest: dict[int, DepositState] = {}
    for applied, now in timed(record):
        for event in applied.events:
            if isinstance(event, Deposited):
                newest[event.deposit_id] = direct(event, now)
            elif isinstance(event, DepositChanged):
                newest[event.deposit.deposit_id] = event.deposit
    everything = [deposit for _, deposit in sorted(newest.items(), reverse=True)]
    assert {deposit.method for deposit in everything} == set(get_args(DepositMethod))
    assert {deposit.status for deposit in everything} >= {"finished", "exception", "cancelled", "too_small"}
    for user in (1, 2):
        mine = [deposit for deposit in everything if deposit.user == user]
        assert len(mine) > 10
        check_pages(lambda p, n: deposits_of(connection, user, page=p, limit=n), mine, (9,))  # noqa: B023
        bitcoin = [deposit for deposit in mine if deposit.asset == "BTC"]
        assert deposits_of(connection, user, asset="BTC", limit=1000).rows == bitcoin
        void = [deposit for deposit in mine if deposit.status == "cancelled"]
        assert deposits_of(connection, user, status="cancelled", limit=1000).rows == void
        named = next(deposit for deposit in mine if deposit.tx_id)
        assert named in deposits_of(connection, user, tx_id=named.tx_id).rows


def test_withdrawals_show_how_they_stand(connection: Connection, record: list[Applied]) -> None:
    newest = {
        event.withdrawal.withdrawal_id: event.withdrawal
        for applied in record
        for event in applied.events
        if isinstance(event, WithdrawalChanged)
    }
    everything = [withdrawal for _, withdrawal in sorted(newest.items(), reverse=True)]
    assert {entry.status for entry in everything} >= {"finished", "cancelled", "failed", "rejected"}
    for user in (1, 2, 3, 4):
        mine = [entry for entry in everything if entry.user == user]
        check_pages(lambda p, n: withdrawals_of(connection, user, page=p, limit=n), mine, (3,))  # noqa: B023
        tokens = [entry for entry in mine if entry.asset == "CET"]
        assert withdrawals_of(connection, user, asset="CET", limit=1000).rows == tokens
        over = [entry for entry in mine if entry.status in ("failed", "finished")]
        assert withdrawals_of(connection, user, statuses=("finished", "failed"), limit=1000).rows == over
        assert withdrawal_of(connection, user, mine[0].withdrawal_id) == mine[0]
        assert withdrawal_of(connection, user + 1, mine[0].withdrawal_id) is None


def test_adjustments_keep_their_reason(connection: Connection, record: list[Applied]) -> None:
    expected = [
        (applied.sequence, event.key, now, event.user, event.asset, event.amount, event.reason)
        for applied, now in timed(record)
        for event in applied.events
        if isinstance(event, Adjusted)
    ]
    assert expected
    found = connection.execute(select(tables.adjustments).order_by(tables.adjustments.c.sequence))
    assert [tuple(row) for row in found] == expected
