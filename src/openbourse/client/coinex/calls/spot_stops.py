"""Stop orders. Written by `python -m tools.clients`."""

from collections.abc import Sequence

from openbourse.client.coinex import answers
from openbourse.client.coinex.answers import Item, Page
from openbourse.client.coinex.types import (
    MarketType,
    NewStopOrder,
    OrderType,
    SelfTradeMode,
    Side,
    StopOrder,
    StopOrderId,
)
from openbourse.client.request import Amount, Request, number


def place_stop_order(
    *,
    market: str,
    side: Side,
    type: OrderType,
    amount: Amount,
    trigger_price: Amount,
    market_type: MarketType = "SPOT",
    price: Amount | None = None,
    ccy: str | None = None,
    client_id: str | None = None,
    is_hide: bool = False,
    stp_mode: SelfTradeMode | None = None,
) -> Request[StopOrderId]:
    """The id of the new stop order. No money is frozen, or needed, before it fires. Needs a key that may
    trade.

    Takes: A new stop order.

    `POST /v2/spot/stop-order`
    """
    return Request(
        "POST",
        "/v2/spot/stop-order",
        {
            "market": market,
            "side": side,
            "type": type,
            "amount": number(amount),
            "trigger_price": number(trigger_price),
            "market_type": market_type,
            "price": number(price),
            "ccy": ccy,
            "client_id": client_id,
            "is_hide": is_hide,
            "stp_mode": stp_mode,
        },
        answers.plain(StopOrderId),
        signed=True,
        changes=True,
    )


def place_stop_orders(*, orders: Sequence[NewStopOrder]) -> Request[list[Item[StopOrderId]]]:
    """Spot: batch stop order. Needs a key that may trade. Each item succeeds or fails by itself.

    Takes: Several orders, each with the parameters of a single one.

    `POST /v2/spot/batch-stop-order`
    """
    return Request(
        "POST",
        "/v2/spot/batch-stop-order",
        {"orders": [part.params() for part in orders]},
        answers.batch(StopOrderId),
        signed=True,
        changes=True,
    )


def modify_stop_order(
    *,
    market: str,
    stop_id: int,
    market_type: MarketType = "SPOT",
    amount: Amount | None = None,
    price: Amount | None = None,
    trigger_price: Amount | None = None,
) -> Request[StopOrderId]:
    """The id of the new stop order that replaces the old one. Needs a key that may trade.

    Takes: At least one of `amount`, `price` and `trigger_price`.

    `POST /v2/spot/modify-stop-order`
    """
    return Request(
        "POST",
        "/v2/spot/modify-stop-order",
        {
            "market": market,
            "stop_id": stop_id,
            "market_type": market_type,
            "amount": number(amount),
            "price": number(price),
            "trigger_price": number(trigger_price),
        },
        answers.plain(StopOrderId),
        signed=True,
        changes=True,
    )


def cancel_stop_order(*, market: str, stop_id: int, market_type: MarketType = "SPOT") -> Request[StopOrder]:
    """Spot: cancel stop order. Needs a key that may trade.

    Takes: One stop order of a market and market type.

    `POST /v2/spot/cancel-stop-order`
    """
    return Request(
        "POST",
        "/v2/spot/cancel-stop-order",
        {"market": market, "stop_id": stop_id, "market_type": market_type},
        answers.plain(StopOrder),
        signed=True,
        changes=True,
    )


def cancel_stop_orders(*, market: str, stop_ids: Sequence[int]) -> Request[list[Item[StopOrder]]]:
    """Stop orders of either market type, by their ids. Needs a key that may trade. Each item succeeds or
    fails by itself.

    Takes: Several stop orders of one market, of either market type.

    `POST /v2/spot/cancel-batch-stop-order`
    """
    return Request(
        "POST",
        "/v2/spot/cancel-batch-stop-order",
        {"market": market, "stop_ids": list(stop_ids)},
        answers.batch(StopOrder),
        signed=True,
        changes=True,
    )


def cancel_stop_orders_by_client_id(
    *, client_id: str, market_type: MarketType = "SPOT", market: str | None = None
) -> Request[list[Item[StopOrder]]]:
    """Every waiting stop order with that client id; to find none is an unknown order. Needs a key that may
    trade. Each item succeeds or fails by itself.

    Takes: All live orders with this client id; `market` may be left out for SPOT.

    `POST /v2/spot/cancel-stop-order-by-client-id`
    """
    return Request(
        "POST",
        "/v2/spot/cancel-stop-order-by-client-id",
        {"client_id": client_id, "market_type": market_type, "market": market},
        answers.batch(StopOrder),
        signed=True,
        changes=True,
    )


def pending_stop_orders(
    *,
    page: int = 1,
    limit: int = 10,
    market_type: MarketType = "SPOT",
    market: str | None = None,
    side: Side | None = None,
    client_id: str | None = None,
) -> Request[Page[StopOrder]]:
    """Waiting stop orders, newest first, with their total. Needs a key. A page of rows; `limit` is clamped to
    the endpoint's most. Also read: `order_side` for `side`.

    Takes: A filtered list, newest first; `market` must be given for MARGIN.

    `GET /v2/spot/pending-stop-order`
    """
    return Request(
        "GET",
        "/v2/spot/pending-stop-order",
        {
            "page": page,
            "limit": limit,
            "market_type": market_type,
            "market": market,
            "side": side,
            "client_id": client_id,
        },
        answers.page(StopOrder),
        signed=True,
    )


def finished_stop_orders(
    *,
    page: int = 1,
    limit: int = 10,
    market_type: MarketType = "SPOT",
    market: str | None = None,
    side: Side | None = None,
    client_id: str | None = None,
) -> Request[Page[StopOrder]]:
    """Stop orders that fired, newest first, whether their order could be placed or not. Needs a key. A page
    of rows; `limit` is clamped to the endpoint's most. Also read: `order_side` for `side`.

    Takes: A filtered list, newest first; `market` must be given for MARGIN.

    `GET /v2/spot/finished-stop-order`
    """
    return Request(
        "GET",
        "/v2/spot/finished-stop-order",
        {
            "page": page,
            "limit": limit,
            "market_type": market_type,
            "market": market,
            "side": side,
            "client_id": client_id,
        },
        answers.page(StopOrder),
        signed=True,
    )
