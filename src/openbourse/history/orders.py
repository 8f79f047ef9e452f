"""Queries: orders that are over."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, select, true

from openbourse.core.commands import OrderRequest, Side
from openbourse.core.events import Filled, OrderState, OrderStatus, Rates
from openbourse.history.paging import Page, read_page
from openbourse.history.tables import orders


def finished_orders(
    connection: Connection,
    user: int,
    wallet: str,
    *,
    market: str = "",
    side: Side | None = None,
    client_id: str = "",
    traded_only: bool = True,
    statuses: Sequence[OrderStatus] = (),
    page: int = 1,
    limit: int = 10,
) -> Page[OrderState]:
    """A user's finished orders, newest (highest id) first; empty filters match all.

    `traded_only` leaves out those cancelled without a fill (reference/coinex/spot.md §4.10).
    """
    query = select(orders).where(orders.c.user_id == user, orders.c.wallet == wallet)
    if market:
        query = query.where(orders.c.market == market)
    if side:
        query = query.where(orders.c.side == side)
    if client_id:
        query = query.where(orders.c.client_id == client_id)
    if traded_only:
        query = query.where(orders.c.traded == true())
    if statuses:
        query = query.where(orders.c.status.in_(statuses))
    return read_page(connection, query.order_by(orders.c.order_id.desc()), order_of, page, limit)


def finished_order(connection: Connection, user: int, order_id: int) -> OrderState | None:
    """One finished order of a user in any wallet, also one cancelled without a fill; None if unknown.

    `status` "cancelled" tells the latter, which some protocols do not show.
    """
    query = select(orders).where(orders.c.order_id == order_id, orders.c.user_id == user)
    row = connection.execute(query).first()
    return None if row is None else order_of(row)


def finished_among(connection: Connection, order_ids: Sequence[int]) -> set[int]:
    """Those of some orders that are over."""
    query = select(orders.c.order_id).where(orders.c.order_id.in_(order_ids))
    return {row.order_id for row in connection.execute(query)}


def order_of(row: Row[Any]) -> OrderState:
    return OrderState(
        order_id=row.order_id,
        request=request_of(row),
        amount=row.amount,
        price=row.price,
        remaining=row.remaining,
        filled=Filled(
            quantity=row.filled_quantity,
            notional=row.filled_notional,
            base_fee=row.base_fee,
            quote_fee=row.quote_fee,
            token_fee=row.token_fee,
            last_quantity=row.last_quantity,
            last_price=row.last_price,
        ),
        rates=Rates(row.maker_rate, row.taker_rate),
        status=row.status,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def request_of(row: Row[Any]) -> OrderRequest:
    """The request columns, which orders and stop orders share."""
    return OrderRequest(
        user=row.user_id,
        wallet=row.wallet,
        market=row.market,
        side=row.side,
        type=row.type,
        amount=row.request_amount,
        price=row.request_price,
        in_quote=row.in_quote,
        client_id=row.client_id,
        hidden=row.hidden,
        self_trade=row.self_trade,
    )
