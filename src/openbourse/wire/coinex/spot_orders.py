"""Placing, changing and cancelling spot orders (reference/coinex/spot.md §6)."""

from openbourse.core.commands import CancelOrder, CancelOrders, ModifyOrder
from openbourse.core.events import OrderState
from openbourse.wire.coinex import envelope, shapes
from openbourse.wire.coinex.answers import batch, read_each
from openbourse.wire.coinex.desk import Call
from openbourse.wire.coinex.endpoint import AnyEndpoint, Endpoint
from openbourse.wire.coinex.errors import ApiError, Code
from openbourse.wire.coinex.numbers import price_of, quantity_of, wallet_of
from openbourse.wire.coinex.params import Reader
from openbourse.wire.coinex.spot_requests import (
    BatchParams,
    CancelAllParams,
    ClientIdParams,
    ModifyParams,
    OrderIdParams,
    OrderIdsParams,
    OrderParams,
    order_request,
)

_order_reader = Reader(OrderParams)
_modify_reader = Reader(ModifyParams)


def _shown(call: Call, state: OrderState) -> shapes.Order:
    return shapes.order(state, call.desk.market(state.request.market))


async def place(call: Call, params: OrderParams) -> bytes:
    """The order after everything that it met at once."""
    state = await call.desk.trading.place(order_request(call, params))
    return envelope.success(_shown(call, state))


async def place_batch(call: Call, params: BatchParams) -> bytes:
    return await batch(
        read_each(params.orders, lambda item: order_request(call, _order_reader.body(item))),
        call.desk.trading.place_all,
        lambda state: _shown(call, state),
        envelope.flat_item,
    )


async def modify(call: Call, params: ModifyParams) -> bytes:
    """The order after the change, with its status (§3.2)."""
    state = await call.desk.trading.modify(_change(call, params))
    return envelope.success(_modified(call, state))


async def modify_batch(call: Call, params: BatchParams) -> bytes:
    return await batch(
        read_each(params.orders, lambda item: _change(call, _modify_reader.body(item))),
        call.desk.trading.modify_all,
        lambda state: _modified(call, state),
    )


def _change(call: Call, params: ModifyParams) -> ModifyOrder:
    market = call.desk.market(params.market)
    if params.amount is None and params.price is None:
        raise ApiError(Code.INVALID_PARAMETER)
    return ModifyOrder(
        call.desk.venue.now(),
        call.user,
        wallet_of(params.market_type, market.name),
        market.name,
        params.order_id,
        None if params.amount is None else quantity_of(params.amount, market),
        None if params.price is None else price_of(params.price, market),
    )


def _modified(call: Call, state: OrderState) -> shapes.Order:
    return shapes.order(state, call.desk.market(state.request.market), with_status=True)


async def cancel(call: Call, params: OrderIdParams) -> bytes:
    """The order as it was when it was cancelled."""
    market = call.desk.market(params.market).name
    wallet = wallet_of(params.market_type, market)
    command = CancelOrder(call.desk.venue.now(), call.user, wallet, market, params.order_id)
    return envelope.success(_shown(call, await call.desk.trading.cancel(command)))


async def cancel_batch(call: Call, params: OrderIdsParams) -> bytes:
    """Orders of either market type, by their ids."""
    market = call.desk.market(params.market).name
    now = call.desk.venue.now()
    return await batch(
        [CancelOrder(now, call.user, "", market, order_id) for order_id in params.order_ids],
        call.desk.trading.cancel_each,
        lambda state: _shown(call, state),
    )


async def cancel_all(call: Call, params: CancelAllParams) -> bytes:
    """Every resting order of a market; nothing to cancel is fine. Stop orders stay."""
    market = call.desk.market(params.market).name
    wallet = wallet_of(params.market_type, market)
    now = call.desk.venue.now()
    await call.desk.trading.cancel_matching(CancelOrders(now, call.user, wallet, market, params.side or ""))
    return envelope.EMPTY


async def cancel_by_client_id(call: Call, params: ClientIdParams) -> bytes:
    """Every resting order with that client id; to find none is an unknown order (§6)."""
    market = call.desk.market(params.market).name if params.market else ""
    wallet = wallet_of(params.market_type, market)
    command = CancelOrders(call.desk.venue.now(), call.user, wallet, market, client_id=params.client_id)
    cancelled = await call.desk.trading.cancel_matching(command)
    if not cancelled:
        raise ApiError(Code.ORDER_NOT_FOUND)
    return envelope.batch([envelope.flat_item(_shown(call, state)) for state in cancelled])


ENDPOINTS: list[AnyEndpoint] = [
    Endpoint("POST", "/spot/order", OrderParams, shapes.Order, place, "trade"),
    Endpoint(
        "POST",
        "/spot/batch-order",
        BatchParams,
        shapes.Order,
        place_batch,
        "trade",
        "flat batch",
        items=OrderParams,
    ),
    Endpoint("POST", "/spot/modify-order", ModifyParams, shapes.Order, modify, "trade"),
    Endpoint(
        "POST",
        "/spot/batch-modify-order",
        BatchParams,
        shapes.Order,
        modify_batch,
        "trade",
        "batch",
        items=ModifyParams,
    ),
    Endpoint("POST", "/spot/cancel-order", OrderIdParams, shapes.Order, cancel, "trade"),
    Endpoint(
        "POST", "/spot/cancel-batch-order", OrderIdsParams, shapes.Order, cancel_batch, "trade", "batch"
    ),
    Endpoint("POST", "/spot/cancel-all-order", CancelAllParams, dict[str, str], cancel_all, "trade"),
    Endpoint(
        "POST",
        "/spot/cancel-order-by-client-id",
        ClientIdParams,
        shapes.Order,
        cancel_by_client_id,
        "trade",
        "flat batch",
    ),
]
