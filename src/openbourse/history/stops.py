"""Queries: stop orders that fired."""

from typing import Any, Literal

import msgspec
from sqlalchemy import Connection, Row, select

from openbourse.core.commands import Side
from openbourse.core.events import StopState
from openbourse.history.orders import request_of
from openbourse.history.paging import Page, read_page
from openbourse.history.tables import stops


class FinishedStop(msgspec.Struct, frozen=True, gc=False):
    """A stop order that fired; `order_id` is the order it placed, 0 when that was refused."""

    stop: StopState
    outcome: Literal["triggered", "failed"]
    order_id: int


def finished_stops(
    connection: Connection,
    user: int,
    wallet: str,
    *,
    market: str = "",
    side: Side | None = None,
    client_id: str = "",
    page: int = 1,
    limit: int = 10,
) -> Page[FinishedStop]:
    """A user's triggered and failed stop orders, newest (highest id) first; empty filters match all."""
    query = select(stops).where(stops.c.user_id == user, stops.c.wallet == wallet)
    if market:
        query = query.where(stops.c.market == market)
    if side:
        query = query.where(stops.c.side == side)
    if client_id:
        query = query.where(stops.c.client_id == client_id)
    return read_page(connection, query.order_by(stops.c.stop_id.desc()), _stop_of, page, limit)


def _stop_of(row: Row[Any]) -> FinishedStop:
    stop = StopState(
        stop_id=row.stop_id,
        request=request_of(row),
        trigger_price=row.trigger_price,
        rising=row.rising,
        maker_rate=row.maker_rate,
        taker_rate=row.taker_rate,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
    return FinishedStop(stop, row.outcome, row.order_id)
