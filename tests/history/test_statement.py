"""The statement against the events, and the chain of its balances."""

import gc
import itertools
from collections.abc import Sequence

import pytest
from sqlalchemy import Connection

from openbourse.core.events import Applied, BalanceCause
from openbourse.history.statement import statement
from tests.history import naive
from tests.history.pages import check_pages

CAUSES: tuple[Sequence[BalanceCause], ...] = (
    (),
    ("trade",),
    ("trade", "fee"),
    ("deposit",),
    ("deposit", "deposit"),
)


@pytest.mark.parametrize(("user", "wallet"), [(1, "spot"), (2, "spot"), (2, "other"), (99, "spot")])
def test_equals_the_events(connection: Connection, record: list[Applied], user: int, wallet: str) -> None:
    mine = [e.entry for e in naive.statement(record) if e.user == user and e.wallet == wallet]
    times = [entry.time for entry in mine] or [0]
    spans = [(None, None), (times[len(times) // 2], times[0]), (times[-1], times[len(times) // 2] - 1)]
    for causes, asset, (start, end) in itertools.product(CAUSES, ("", "BTC", "NONE"), spans):
        expected = [
            entry
            for entry in mine
            if (not causes or entry.cause in causes)
            and asset in ("", entry.asset)
            and (start is None or entry.time >= start)
            and (end is None or entry.time <= end)
        ]
        check_pages(
            lambda page, limit: statement(
                connection,
                user,
                wallet,
                causes=causes,  # noqa: B023 - called in this turn of the loop
                asset=asset,  # noqa: B023 - as above
                start=start,  # noqa: B023 - as above
                end=end,  # noqa: B023 - as above
                page=page,
                limit=limit,
            ),
            expected,
            (400,),
        )
    assert bool(mine) == (user != 99)


def test_leaves_no_garbage_for_the_collector(connection: Connection) -> None:
    """Its query is put together once: each would be a thousand objects that refer to each other."""
    statement(connection, 1, "spot", asset="BTC")
    gc.collect()
    gc.disable()
    try:
        for user in range(5):
            statement(connection, user, "spot", asset="USDT")
        assert gc.collect() < 100
    finally:
        gc.enable()


def test_balances_form_a_chain(connection: Connection) -> None:
    """reference/coinex/account-assets.md B8: balance = balance before + change."""
    for asset in ("BTC", "USDT", "CET"):
        entries = statement(connection, 1, "spot", asset=asset, limit=1000).rows
        assert len(entries) > 100
        for newer, older in itertools.pairwise(entries):
            assert newer.balance == older.balance + newer.change


def test_far_pages_are_empty(connection: Connection) -> None:
    assert statement(connection, 1, "spot", page=10**30).rows == []
    assert statement(connection, 1, "spot", start=10**30).rows == []
    with pytest.raises(ValueError, match="page"):
        statement(connection, 1, "spot", page=0)
