"""Spot orders and deals. Written by `python -m tools.clients`."""

from collections.abc import Sequence

from openbourse.client.coinex import answers
from openbourse.client.coinex.answers import Item, Page
from openbourse.client.coinex.types import (
    MarketType,
    NewOrder,
    Order,
    OrderChange,
    OrderType,
    SelfTradeMode,
    Side,
    UserDeal,
)
from openbourse.client.request import Amount, Request, joined, number


def place_order(
    *,
    market: str,
    side: Side,
    type: OrderType,
    amount: Amount,
    market_type: MarketType = "SPOT",
    price: Amount | None = None,
    ccy: str | None = None,
    client_id: str | None = None,
    is_hide: bool = False,
    stp_mode: SelfTradeMode | None = None,
) -> Request[Order]:
    """The order after everything that it met at once. Needs a key that may trade.

    Takes: A new order. `ccy` counts on market orders only: the currency of `amount`.

    `POST /v2/spot/order`
    """
    return Request(
        "POST",
        "/v2/spot/order",
        {
            "market": market,
            "side": side,
            "type": type,
            "amount": number(amount),
            "market_type": market_type,
            "price": number(price),
            "ccy": ccy,
            "client_id": client_id,
            "is_hide": is_hide,
            "stp_mode": stp_mode,
        },
        answers.plain(Order),
        signed=True,
        changes=True,
    )


def place_orders(*, orders: Sequence[NewOrder]) -> Request[list[Item[Order]]]:
    """Spot: batch order. Needs a key that may trade. Each item succeeds or fails by itself.

    Takes: Several orders, each with the parameters of a single one.

    `POST /v2/spot/batch-order`
    """
    return Request(
        "POST",
        "/v2/spot/batch-order",
        {"orders": [part.params() for part in orders]},
        answers.batch(Order),
        signed=True,
        changes=True,
    )


def modify_order(
    *,
    market: str,
    order_id: int,
    market_type: MarketType = "SPOT",
    amount: Amount | None = None,
    price: Amount | None = None,
) -> Request[Order]:
    """The order after the change, with its status. Needs a key that may trade.

    Takes: At least one of `amount` (the new total) and `price`.

    `POST /v2/spot/modify-order`
    """
    return Request(
        "POST",
        "/v2/spot/modify-order",
        {
            "market": market,
            "order_id": order_id,
            "market_type": market_type,
            "amount": number(amount),
            "price": number(price),
        },
        answers.plain(Order),
        signed=True,
        changes=True,
    )


def modify_orders(*, orders: Sequence[OrderChange]) -> Request[list[Item[Order]]]:
    """Spot: batch modify order. Needs a key that may trade. Each item succeeds or fails by itself.

    Takes: Several orders, each with the parameters of a single one.

    `POST /v2/spot/batch-modify-order`
    """
    return Request(
        "POST",
        "/v2/spot/batch-modify-order",
        {"orders": [part.params() for part in orders]},
        answers.batch(Order),
        signed=True,
        changes=True,
    )


def cancel_order(*, market: str, order_id: int, market_type: MarketType = "SPOT") -> Request[Order]:
    """The order as it was when it was cancelled. Needs a key that may trade.

    Takes: One order of a market and market type.

    `POST /v2/spot/cancel-order`
    """
    return Request(
        "POST",
        "/v2/spot/cancel-order",
        {"market": market, "order_id": order_id, "market_type": market_type},
        answers.plain(Order),
        signed=True,
        changes=True,
    )


def cancel_orders(*, market: str, order_ids: Sequence[int]) -> Request[list[Item[Order]]]:
    """Orders of either market type, by their ids. Needs a key that may trade. Each item succeeds or fails by
    itself.

    Takes: Several orders of one market, of either market type.

    `POST /v2/spot/cancel-batch-order`
    """
    return Request(
        "POST",
        "/v2/spot/cancel-batch-order",
        {"market": market, "order_ids": list(order_ids)},
        answers.batch(Order),
        signed=True,
        changes=True,
    )


def cancel_all_orders(
    *, market: str, market_type: MarketType = "SPOT", side: Side | None = None
) -> Request[None]:
    """Every resting order of a market; nothing to cancel is fine. Stop orders stay. Needs a key that may
    trade.

    Takes: All orders of a market, of one side or both.

    `POST /v2/spot/cancel-all-order`
    """
    return Request(
        "POST",
        "/v2/spot/cancel-all-order",
        {"market": market, "market_type": market_type, "side": side},
        answers.nothing,
        signed=True,
        changes=True,
    )


def cancel_orders_by_client_id(
    *, client_id: str, market_type: MarketType = "SPOT", market: str | None = None
) -> Request[list[Item[Order]]]:
    """Every resting order with that client id; to find none is an unknown order. Needs a key that may trade.
    Each item succeeds or fails by itself.

    Takes: All live orders with this client id; `market` may be left out for SPOT.

    `POST /v2/spot/cancel-order-by-client-id`
    """
    return Request(
        "POST",
        "/v2/spot/cancel-order-by-client-id",
        {"client_id": client_id, "market_type": market_type, "market": market},
        answers.batch(Order),
        signed=True,
        changes=True,
    )


def order_status(*, market: str, order_id: int) -> Request[Order]:
    """An order of the caller, resting or finished. One that ended without a fill was never there. Needs a
    key.

    Takes: One order, of either market type.

    `GET /v2/spot/order-status`
    """
    return Request(
        "GET",
        "/v2/spot/order-status",
        {"market": market, "order_id": order_id},
        answers.plain(Order),
        signed=True,
    )


def order_statuses(*, market: str, order_ids: Sequence[int]) -> Request[list[Item[Order]]]:
    """Spot: batch order status. Needs a key. Each item succeeds or fails by itself.

    Takes: Several orders of one market, of either market type.

    `GET /v2/spot/batch-order-status`
    """
    return Request(
        "GET",
        "/v2/spot/batch-order-status",
        {"market": market, "order_ids": joined(order_ids)},
        answers.batch(Order),
        signed=True,
    )


def pending_orders(
    *,
    page: int = 1,
    limit: int = 10,
    market_type: MarketType = "SPOT",
    market: str | None = None,
    side: Side | None = None,
    client_id: str | None = None,
) -> Request[Page[Order]]:
    """Resting orders, newest first, with their total. Needs a key. A page of rows; `limit` is clamped to the
    endpoint's most. Also read: `order_side` for `side`.

    Takes: A filtered list, newest first; `market` must be given for MARGIN.

    `GET /v2/spot/pending-order`
    """
    return Request(
        "GET",
        "/v2/spot/pending-order",
        {
            "page": page,
            "limit": limit,
            "market_type": market_type,
            "market": market,
            "side": side,
            "client_id": client_id,
        },
        answers.page(Order),
        signed=True,
    )


def finished_orders(
    *,
    page: int = 1,
    limit: int = 10,
    market_type: MarketType = "SPOT",
    market: str | None = None,
    side: Side | None = None,
    client_id: str | None = None,
) -> Request[Page[Order]]:
    """Orders that are over and have a fill, newest first. Needs a key. A page of rows; `limit` is clamped to
    the endpoint's most. Also read: `order_side` for `side`.

    Takes: A filtered list, newest first; `market` must be given for MARGIN.

    `GET /v2/spot/finished-order`
    """
    return Request(
        "GET",
        "/v2/spot/finished-order",
        {
            "page": page,
            "limit": limit,
            "market_type": market_type,
            "market": market,
            "side": side,
            "client_id": client_id,
        },
        answers.page(Order),
        signed=True,
    )


def user_deals(
    *,
    market: str,
    page: int = 1,
    limit: int = 10,
    market_type: MarketType = "SPOT",
    side: Side | None = None,
    start_time: int | None = None,
    end_time: int | None = None,
) -> Request[Page[UserDeal]]:
    """The caller's fills, newest first; a trade with oneself has two rows. Needs a key. A page of rows;
    `limit` is clamped to the endpoint's most. Also read: `end_Time` for `end_time`.

    Takes: Deals of one market within [`start_time`, `end_time`] (ms).

    `GET /v2/spot/user-deals`
    """
    return Request(
        "GET",
        "/v2/spot/user-deals",
        {
            "market": market,
            "page": page,
            "limit": limit,
            "market_type": market_type,
            "side": side,
            "start_time": start_time,
            "end_time": end_time,
        },
        answers.page(UserDeal),
        signed=True,
    )


def order_deals(
    *, market: str, order_id: int, page: int = 1, limit: int = 10, market_type: MarketType = "SPOT"
) -> Request[Page[UserDeal]]:
    """The fills of one order, newest first; none for an unknown one. Needs a key. A page of rows; `limit` is
    clamped to the endpoint's most.

    Takes: The deals of one order, open or finished.

    `GET /v2/spot/order-deals`
    """
    return Request(
        "GET",
        "/v2/spot/order-deals",
        {"market": market, "order_id": order_id, "page": page, "limit": limit, "market_type": market_type},
        answers.page(UserDeal),
        signed=True,
    )
