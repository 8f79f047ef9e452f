"""Stop orders that fired, against the events."""

import itertools

from sqlalchemy import Connection

from openbourse.core.commands import Side
from openbourse.core.events import Applied
from openbourse.history.stops import finished_stops
from tests.history import naive
from tests.history.pages import check_pages

SIDES: tuple[Side | None, ...] = (None, "buy", "sell")


def test_lists_equal_the_events(connection: Connection, record: list[Applied]) -> None:
    everything = naive.finished_stops(record)
    assert {stop.outcome for stop in everything} == {"triggered", "failed"}
    for user, market, side, client_id in itertools.product((1, 2), ("", "BTCUSDT"), SIDES, ("", "a")):
        expected = [
            stop
            for stop in everything
            if stop.stop.request.user == user
            and stop.stop.request.wallet == "spot"
            and market in ("", stop.stop.request.market)
            and side in (None, stop.stop.request.side)
            and client_id in ("", stop.stop.request.client_id)
        ]
        check_pages(
            lambda page, limit: finished_stops(
                connection,
                user,  # noqa: B023 - called in this turn of the loop
                "spot",
                market=market,  # noqa: B023 - as above
                side=side,  # noqa: B023 - as above
                client_id=client_id,  # noqa: B023 - as above
                page=page,
                limit=limit,
            ),
            expected,
            (7, 1000),
        )
