"""What clients send about orders, and the requests to the core that it becomes (spot.md §4, §6)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, ClassVar, Final

from msgspec import Meta, Raw

from openbourse.core.commands import MarketSpec, OrderRequest
from openbourse.wire.coinex.auth import require_granted
from openbourse.wire.coinex.desk import Call
from openbourse.wire.coinex.errors import ApiError, Code
from openbourse.wire.coinex.numbers import (
    SELF_TRADE,
    TYPES,
    MarketTypeWord,
    SelfTradeWord,
    SideWord,
    TypeWord,
    price_of,
    quantity_of,
    quote_amount_of,
    wallet_of,
)
from openbourse.wire.coinex.params import ClientId, DecimalText, Id, Name, Paged, Params

MAX_BATCH: Final = 50
MAX_PAGE: Final = 1000


class OrderParams(Params, kw_only=True, frozen=True):
    """A new order. `ccy` counts on market orders only: the currency of `amount`."""

    market: Name
    market_type: MarketTypeWord
    side: SideWord
    type: TypeWord
    amount: DecimalText
    price: DecimalText | None = None
    ccy: Name | None = None
    client_id: ClientId | None = None
    is_hide: bool = False
    stp_mode: SelfTradeWord | None = None


class StopParams(OrderParams, kw_only=True, frozen=True):
    """A new stop order."""

    trigger_price: DecimalText


class BatchParams(Params, kw_only=True, frozen=True):
    """Several orders, each with the parameters of a single one."""

    orders: Annotated[list[Raw], Meta(min_length=1, max_length=MAX_BATCH)]


class ModifyParams(Params, kw_only=True, frozen=True):
    """At least one of `amount` (the new total) and `price`."""

    market: Name
    market_type: MarketTypeWord
    order_id: Id
    amount: DecimalText | None = None
    price: DecimalText | None = None


class ModifyStopParams(Params, kw_only=True, frozen=True):
    """At least one of `amount`, `price` and `trigger_price`."""

    market: Name
    market_type: MarketTypeWord
    stop_id: Id
    amount: DecimalText | None = None
    price: DecimalText | None = None
    trigger_price: DecimalText | None = None


class OrderIdParams(Params, kw_only=True, frozen=True):
    """One order of a market and market type."""

    market: Name
    market_type: MarketTypeWord
    order_id: Id


class StopIdParams(Params, kw_only=True, frozen=True):
    """One stop order of a market and market type."""

    market: Name
    market_type: MarketTypeWord
    stop_id: Id


class OrderIdsParams(Params, kw_only=True, frozen=True):
    """Several orders of one market, of either market type."""

    market: Name
    order_ids: Annotated[list[Id], Meta(min_length=1, max_length=MAX_BATCH)]


class StopIdsParams(Params, kw_only=True, frozen=True):
    """Several stop orders of one market, of either market type."""

    market: Name
    stop_ids: Annotated[list[Id], Meta(min_length=1, max_length=MAX_BATCH)]


class ClientIdParams(Params, kw_only=True, frozen=True):
    """All live orders with this client id; `market` may be left out for SPOT (spot.md §6)."""

    client_id: ClientId
    market_type: MarketTypeWord = "SPOT"
    market: Name | None = None


class CancelAllParams(Params, kw_only=True, frozen=True):
    """All orders of a market, of one side or both."""

    market: Name
    market_type: MarketTypeWord
    side: SideWord | None = None


class ListParams(Paged, kw_only=True, frozen=True):
    """A filtered list, newest first; `market` must be given for MARGIN."""

    # The documentation's example URL has the second name.
    aliases: ClassVar[Mapping[str, str]] = MappingProxyType({"order_side": "side"})

    market_type: MarketTypeWord
    market: Name | None = None
    side: SideWord | None = None
    client_id: ClientId | None = None

    @property
    def rows(self) -> int:
        """How many rows a page has: larger limits are clamped."""
        return min(self.limit, MAX_PAGE)


def order_request(call: Call, params: OrderParams) -> OrderRequest:
    """What the core is asked for; raises ApiError for what no market would take."""
    if params.market_type == "MARGIN":
        require_granted(call.signer, "margin")
        call.desk.market(params.market)
        raise ApiError(Code.MARKET_CLOSED)  # no market has margin trading (spot.md §4.13)
    market = call.desk.market(params.market)
    in_quote = False
    price = 0
    if params.type == "market":
        in_quote = counts_in_quote(params, market)
    elif params.price is None:
        raise ApiError(Code.INVALID_PARAMETER)
    else:
        price = price_of(params.price, market)
    return OrderRequest(
        user=call.user,
        wallet=wallet_of(params.market_type, market.name),
        market=market.name,
        side=params.side,
        type=TYPES[params.type],
        amount=quote_amount_of(params.amount) if in_quote else quantity_of(params.amount, market),
        price=price,
        in_quote=in_quote,
        client_id=params.client_id or "",
        hidden=params.is_hide,
        self_trade=SELF_TRADE[params.stp_mode],
    )


def counts_in_quote(params: OrderParams, market: MarketSpec) -> bool:
    """Is the amount of a market order quote money? Buys default to quote, sells to base (§4.2)."""
    if params.ccy is None:
        return params.side == "buy"
    if params.ccy not in (market.base, market.quote):
        raise ApiError(Code.INVALID_PARAMETER)
    return params.ccy == market.quote
