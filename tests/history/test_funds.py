"""Deposits, withdrawals and transfers, against the events."""

from sqlalchemy import Connection, select

from openbourse.core.events import Adjusted, Applied, Deposited, Transferred, WithdrawalChanged
from openbourse.history import tables
from openbourse.history.funds import (
    PastDeposit,
    PastTransfer,
    PastWithdrawal,
    deposits_of,
    transfers_of,
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


def test_deposits(connection: Connection, record: list[Applied]) -> None:
    everything = [
        PastDeposit(applied.sequence, event.key, now, event.user, event.asset, event.amount)
        for applied, now in timed(record)
        for event in applied.events
        if isinstance(event, Deposited)
    ][::-1]
    for user in (1, 2):
        mine = [deposit for deposit in everything if deposit.user == user]
        assert len(mine) > 10
        check_pages(lambda p, n: deposits_of(connection, user, page=p, limit=n), mine, (9,))  # noqa: B023
        bitcoin = [deposit for deposit in mine if deposit.asset == "BTC"]
        assert deposits_of(connection, user, asset="BTC", limit=1000).rows == bitcoin


def test_withdrawals_show_their_newest_status(connection: Connection, record: list[Applied]) -> None:
    newest: dict[int, PastWithdrawal] = {}
    for applied, now in timed(record):
        for event in applied.events:
            if isinstance(event, WithdrawalChanged):
                before = newest.get(event.withdrawal_id)
                newest[event.withdrawal_id] = PastWithdrawal(
                    event.withdrawal_id,
                    event.key,
                    event.user,
                    event.asset,
                    event.amount,
                    event.fee_asset,
                    event.fee,
                    event.change,
                    before.created_at if before else now,
                    now,
                )
    assert {entry.status for entry in newest.values()} == {"requested", "settled", "cancelled"}
    for user in (1, 2, 3, 4):
        mine = [entry for _, entry in sorted(newest.items(), reverse=True) if entry.user == user]
        check_pages(lambda p, n: withdrawals_of(connection, user, page=p, limit=n), mine, (3,))  # noqa: B023
        tokens = [entry for entry in mine if entry.asset == "CET"]
        assert withdrawals_of(connection, user, asset="CET", limit=1000).rows == tokens


def test_transfers_are_seen_from_both_ends(connection: Connection, record: list[Applied]) -> None:
    everything = [
        PastTransfer(
            event.transfer_id,
            event.key,
            now,
            event.from_user,
            event.from_wallet,
            event.to_user,
            event.to_wallet,
            event.asset,
            event.amount,
        )
        for applied, now in timed(record)
        for event in applied.events
        if isinstance(event, Transferred)
    ][::-1]
    assert len(everything) > 10
    for user in (1, 2):
        mine = [t for t in everything if user in (t.from_user, t.to_user)]
        check_pages(lambda p, n: transfers_of(connection, user, page=p, limit=n), mine, (4,))  # noqa: B023
        ends = (user, "other")
        other = [t for t in mine if ends in ((t.from_user, t.from_wallet), (t.to_user, t.to_wallet))]
        assert transfers_of(connection, user, wallet="other").rows == other[:10]
        middle = mine[len(mine) // 2].time
        early = [t for t in mine if t.time <= middle and t.asset == "BTC"]
        assert transfers_of(connection, user, asset="BTC", end=middle, limit=1000).rows == early
        late = [t for t in mine if t.time >= middle]
        assert transfers_of(connection, user, start=middle, limit=1000).rows == late


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
