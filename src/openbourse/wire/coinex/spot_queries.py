"""Looking spot orders up: resting, finished, by id (reference/coinex/spot.md §6)."""

from functools import partial
from typing import Annotated

from msgspec import Meta, Raw

from openbourse.core.events import OrderState
from openbourse.history.orders import finished_orders
from openbourse.wire.coinex import envelope, shapes
from openbourse.wire.coinex.desk import Call
from openbourse.wire.coinex.endpoint import AnyEndpoint, Endpoint
from openbourse.wire.coinex.errors import ApiError, Code
from openbourse.wire.coinex.numbers import wallet_of
from openbourse.wire.coinex.params import Id, Name, Params
from openbourse.wire.coinex.spot_requests import MAX_BATCH, MAX_PAGE, ListParams

_MAX_ID_LIST = 20 * MAX_BATCH
_MAX_ID_DIGITS = 19


class StatusParams(Params, kw_only=True, frozen=True):
    """One order, of either market type."""

    market: Name
    order_id: Id


class BatchStatusParams(Params, kw_only=True, frozen=True):
    """Several orders of one market, of either market type."""

    market: Name
    order_ids: Annotated[
        str, Meta(min_length=1, max_length=_MAX_ID_LIST, description="Ids separated by commas.")
    ]


async def order_status(call: Call, params: StatusParams) -> bytes:
    """An order of the caller, resting or finished. One that ended without a fill was never there (§4.10)."""
    market = call.desk.market(params.market)
    state = await call.desk.trading.order(call.user, params.order_id)
    if not _visible(state, market.name):
        raise ApiError(Code.ORDER_NOT_FOUND)
    assert state is not None
    return envelope.success(shapes.queried_order(state, market))


async def batch_order_status(call: Call, params: BatchStatusParams) -> bytes:
    market = call.desk.market(params.market)
    wanted = _ids(params.order_ids)
    found = await call.desk.trading.orders(call.user, wanted)
    items: list[Raw] = []
    for order_id in wanted:
        state = found[order_id]
        if state is None or not _visible(state, market.name):
            items.append(envelope.failed_item(ApiError(Code.ORDER_NOT_FOUND)))
        else:
            items.append(envelope.item(shapes.queried_order(state, market)))
    return envelope.batch(items)


def _visible(state: OrderState | None, market: str) -> bool:
    return state is not None and state.request.market == market and state.status != "cancelled"


def _ids(text: str) -> list[int]:
    """The ids of a comma list; raises 3639 for anything else and for too many."""
    parts = [part.strip() for part in text.split(",")]
    if len(parts) > MAX_BATCH or not all(
        part.isascii() and part.isdigit() and len(part) <= _MAX_ID_DIGITS for part in parts
    ):
        raise ApiError(Code.INVALID_PARAMETER)
    return [int(part) for part in parts]


async def pending_orders(call: Call, params: ListParams) -> bytes:
    """Resting orders, newest first, with their total."""
    market = call.desk.market(params.market).name if params.market else ""
    skipped, limit = params.window(MAX_PAGE)
    page = await call.desk.trading.open_orders(
        call.user,
        wallet_of(params.market_type, market),
        market=market,
        side=params.side or "",
        client_id=params.client_id or "",
        skipped=skipped,
        limit=limit,
    )
    rows = [shapes.order(state, call.desk.market(state.request.market)) for state in page.rows]
    return envelope.page(rows, has_next=page.has_next, total=page.total)


async def finished(call: Call, params: ListParams) -> bytes:
    """Orders that are over and have a fill, newest first."""
    market = call.desk.market(params.market).name if params.market else ""
    page = await call.desk.venue.ask(
        partial(
            finished_orders,
            user=call.user,
            wallet=wallet_of(params.market_type, market),
            market=market,
            side=params.side,
            client_id=params.client_id or "",
            page=params.page,
            limit=params.rows,
        )
    )
    rows = [
        shapes.order(state, call.desk.market(state.request.market), last_fill=False) for state in page.rows
    ]
    return envelope.page(rows, has_next=page.has_next)


ENDPOINTS: list[AnyEndpoint] = [
    Endpoint("GET", "/spot/order-status", StatusParams, shapes.Order, order_status, "read"),
    Endpoint(
        "GET",
        "/spot/batch-order-status",
        BatchStatusParams,
        shapes.Order,
        batch_order_status,
        "read",
        "batch",
    ),
    Endpoint("GET", "/spot/pending-order", ListParams, shapes.Order, pending_orders, "read", "page"),
    Endpoint("GET", "/spot/finished-order", ListParams, shapes.Order, finished, "read", "page"),
]
