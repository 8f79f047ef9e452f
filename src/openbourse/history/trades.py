"""Queries: trades, as their parties and as everybody saw them."""

from collections.abc import Sequence
from typing import Any, Literal

import msgspec
from sqlalchemy import Connection, Row, Select, select

from openbourse.core.commands import Side
from openbourse.history.paging import Page, check_limit, read_page
from openbourse.history.tables import trades, user_trades
from openbourse.market_data.tape import TapeTrade


class UserTrade(msgspec.Struct, frozen=True, gc=False):
    """One party's view of a trade. `fee` is money of `fee_asset`; `time` in ms."""

    trade_id: int
    time: int
    user: int
    wallet: str
    market: str
    order_id: int
    client_id: str
    side: Side
    role: Literal["maker", "taker"]
    price: int
    quantity: int
    fee: int
    fee_asset: str


def trades_of_user(
    connection: Connection,
    user: int,
    wallet: str,
    market: str,
    *,
    side: Side | None = None,
    start: int | None = None,
    end: int | None = None,
    page: int = 1,
    limit: int = 10,
) -> Page[UserTrade]:
    """A user's trades in one market, newest first; `start` and `end` (ms) are inclusive.

    A trade with oneself gives two rows, one for each role (reference/coinex/spot.md §7).
    """
    query = select(user_trades).where(
        user_trades.c.user_id == user, user_trades.c.wallet == wallet, user_trades.c.market == market
    )
    if side:
        query = query.where(user_trades.c.side == side)
    if start is not None:
        query = query.where(user_trades.c.time >= start)
    if end is not None:
        query = query.where(user_trades.c.time <= end)
    newest_first = query.order_by(
        user_trades.c.time.desc(), user_trades.c.trade_id.desc(), user_trades.c.role.desc()
    )
    return read_page(connection, newest_first, _user_trade_of, page, limit)


def trades_of_order(
    connection: Connection,
    user: int,
    order_id: int,
    *,
    market: str = "",
    wallet: str = "",
    page: int = 1,
    limit: int = 10,
) -> Page[UserTrade]:
    """The trades of one order of a user, open or finished, newest first; none if it is not theirs."""
    query = select(user_trades).where(user_trades.c.order_id == order_id, user_trades.c.user_id == user)
    if market:
        query = query.where(user_trades.c.market == market)
    if wallet:
        query = query.where(user_trades.c.wallet == wallet)
    newest_first = query.order_by(user_trades.c.trade_id.desc())
    return read_page(connection, newest_first, _user_trade_of, page, limit)


def quantities_traded(connection: Connection, order_ids: Sequence[int]) -> dict[int, int]:
    """What was traded (10^-12 of the base asset) by each of some orders that traded at all."""
    query = select(user_trades.c.order_id, user_trades.c.quantity).where(
        user_trades.c.order_id.in_(order_ids)
    )
    traded: dict[int, int] = {}
    for row in connection.execute(query):
        traded[row.order_id] = traded.get(row.order_id, 0) + row.quantity
    return traded


def tape(connection: Connection, market: str, limit: int, above: int = 0) -> list[TapeTrade]:
    """The newest trades of a market, newest first, with ids greater than `above`."""
    check_limit(limit)
    query: Select[Any] = (
        select(trades)
        .where(trades.c.market == market, trades.c.trade_id > above)
        .order_by(trades.c.trade_id.desc())
        .limit(limit)
    )
    return [
        TapeTrade(row.trade_id, row.time, row.price, row.quantity, row.side)
        for row in connection.execute(query)
    ]


def _user_trade_of(row: Row[Any]) -> UserTrade:
    return UserTrade(
        trade_id=row.trade_id,
        time=row.time,
        user=row.user_id,
        wallet=row.wallet,
        market=row.market,
        order_id=row.order_id,
        client_id=row.client_id,
        side=row.side,
        role=row.role,
        price=row.price,
        quantity=row.quantity,
        fee=row.fee,
        fee_asset=row.fee_asset,
    )
