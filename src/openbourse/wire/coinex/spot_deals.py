"""One's own deals (reference/coinex/spot.md §7)."""

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import ClassVar

from openbourse.history.trades import trades_of_order, trades_of_user
from openbourse.wire.coinex import envelope, shapes
from openbourse.wire.coinex.desk import Call
from openbourse.wire.coinex.endpoint import AnyEndpoint, Endpoint
from openbourse.wire.coinex.numbers import MarketTypeWord, SideWord, wallet_of
from openbourse.wire.coinex.params import Id, Milliseconds, Name, Paged
from openbourse.wire.coinex.spot_requests import MAX_PAGE


class UserDealsParams(Paged, kw_only=True, frozen=True):
    """Deals of one market within [`start_time`, `end_time`] (ms)."""

    # JKorf writes it so.
    aliases: ClassVar[Mapping[str, str]] = MappingProxyType({"end_Time": "end_time"})

    market: Name
    market_type: MarketTypeWord
    side: SideWord | None = None
    start_time: Milliseconds | None = None
    end_time: Milliseconds | None = None


class OrderDealsParams(Paged, kw_only=True, frozen=True):
    """The deals of one order, open or finished."""

    market: Name
    market_type: MarketTypeWord
    order_id: Id


async def user_deals(call: Call, params: UserDealsParams) -> bytes:
    """The caller's fills, newest first; a trade with oneself has two rows."""
    market = call.desk.market(params.market).name
    page = await call.desk.venue.ask(
        partial(
            trades_of_user,
            user=call.user,
            wallet=wallet_of(params.market_type, market),
            market=market,
            side=params.side,
            start=params.start_time,
            end=params.end_time,
            page=params.page,
            limit=min(params.limit, MAX_PAGE),
        )
    )
    return envelope.page([shapes.user_deal(trade) for trade in page.rows], has_next=page.has_next)


async def order_deals(call: Call, params: OrderDealsParams) -> bytes:
    """The fills of one order, newest first; none for an unknown one."""
    market = call.desk.market(params.market).name
    page = await call.desk.venue.ask(
        partial(
            trades_of_order,
            user=call.user,
            order_id=params.order_id,
            market=market,
            wallet=wallet_of(params.market_type, market),
            page=params.page,
            limit=min(params.limit, MAX_PAGE),
        )
    )
    return envelope.page([shapes.user_deal(trade) for trade in page.rows], has_next=page.has_next)


ENDPOINTS: list[AnyEndpoint] = [
    Endpoint("GET", "/spot/user-deals", UserDealsParams, shapes.UserDeal, user_deals, "read", "page"),
    Endpoint("GET", "/spot/order-deals", OrderDealsParams, shapes.UserDeal, order_deals, "read", "page"),
]
