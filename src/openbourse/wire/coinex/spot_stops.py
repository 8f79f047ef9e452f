"""Stop orders of spot markets (reference/coinex/spot.md §4.11, §4.12, §6)."""

from functools import partial

from openbourse.core.commands import CancelStop, CancelStops, ModifyStop, OrderRequest
from openbourse.core.events import StopState
from openbourse.history.stops import finished_stops
from openbourse.wire.coinex import envelope, shapes
from openbourse.wire.coinex.answers import batch, read_each
from openbourse.wire.coinex.desk import Call
from openbourse.wire.coinex.endpoint import AnyEndpoint, Endpoint
from openbourse.wire.coinex.errors import ApiError, Code
from openbourse.wire.coinex.numbers import price_of, quantity_of, quote_amount_of, wallet_of
from openbourse.wire.coinex.params import Reader
from openbourse.wire.coinex.spot_requests import (
    MAX_PAGE,
    BatchParams,
    ClientIdParams,
    ListParams,
    ModifyStopParams,
    StopIdParams,
    StopIdsParams,
    StopParams,
    order_request,
)

_stop_reader = Reader(StopParams)


def _shown(call: Call, state: StopState) -> shapes.StopOrder:
    return shapes.stop_order(state, call.desk.market(state.request.market))


def _number(state: StopState) -> shapes.StopId:
    return shapes.StopId(state.stop_id)


async def place(call: Call, params: StopParams) -> bytes:
    """The id of the new stop order. No money is frozen, or needed, before it fires."""
    return envelope.success(_number(await call.desk.trading.place_stop(*_stop_request(call, params))))


async def place_batch(call: Call, params: BatchParams) -> bytes:
    return await batch(
        read_each(params.orders, lambda item: _stop_request(call, _stop_reader.body(item))),
        call.desk.trading.place_stops,
        _number,
    )


def _stop_request(call: Call, params: StopParams) -> tuple[OrderRequest, int]:
    request = order_request(call, params)
    return request, price_of(params.trigger_price, call.desk.market(params.market))


async def modify(call: Call, params: ModifyStopParams) -> bytes:
    """The id of the new stop order that replaces the old one."""
    market = call.desk.market(params.market)
    if params.amount is None and params.price is None and params.trigger_price is None:
        raise ApiError(Code.INVALID_PARAMETER)
    wallet = wallet_of(params.market_type, market.name)
    waiting = await call.desk.trading.waiting_stops(call.user, wallet, market=market.name)
    old = next((stop.request for stop in waiting if stop.stop_id == params.stop_id), None)
    if old is None:
        raise ApiError(Code.ORDER_NOT_FOUND)
    amount = price = None
    if params.amount is not None:
        amount = quote_amount_of(params.amount) if old.in_quote else quantity_of(params.amount, market)
    if params.price is not None and old.type != "market":
        price = price_of(params.price, market)
    trigger_price = None if params.trigger_price is None else price_of(params.trigger_price, market)
    now = call.desk.venue.now()
    change = ModifyStop(now, call.user, wallet, market.name, params.stop_id, amount, price, trigger_price)
    return envelope.success(_number(await call.desk.trading.modify_stop(change)))


async def cancel(call: Call, params: StopIdParams) -> bytes:
    market = call.desk.market(params.market).name
    wallet = wallet_of(params.market_type, market)
    command = CancelStop(call.desk.venue.now(), call.user, wallet, market, params.stop_id)
    return envelope.success(_shown(call, await call.desk.trading.cancel_stop(command)))


async def cancel_batch(call: Call, params: StopIdsParams) -> bytes:
    """Stop orders of either market type, by their ids."""
    market = call.desk.market(params.market).name
    now = call.desk.venue.now()
    return await batch(
        [CancelStop(now, call.user, "", market, stop_id) for stop_id in params.stop_ids],
        call.desk.trading.cancel_each_stop,
        lambda state: _shown(call, state),
    )


async def cancel_by_client_id(call: Call, params: ClientIdParams) -> bytes:
    """Every waiting stop order with that client id; to find none is an unknown order (§6)."""
    market = call.desk.market(params.market).name if params.market else ""
    wallet = wallet_of(params.market_type, market)
    command = CancelStops(call.desk.venue.now(), call.user, wallet, market, client_id=params.client_id)
    cancelled = await call.desk.trading.cancel_matching_stops(command)
    if not cancelled:
        raise ApiError(Code.ORDER_NOT_FOUND)
    return envelope.batch([envelope.flat_item(_shown(call, state)) for state in cancelled])


async def pending(call: Call, params: ListParams) -> bytes:
    """Waiting stop orders, newest first, with their total."""
    market = call.desk.market(params.market).name if params.market else ""
    stops = await call.desk.trading.waiting_stops(
        call.user,
        wallet_of(params.market_type, market),
        market=market,
        side=params.side or "",
        client_id=params.client_id or "",
    )
    skipped, limit = params.window(MAX_PAGE)
    rows = [_shown(call, state) for state in stops[skipped : skipped + limit]]
    return envelope.page(rows, has_next=len(stops) > skipped + limit, total=len(stops))


async def finished(call: Call, params: ListParams) -> bytes:
    """Stop orders that fired, newest first, whether their order could be placed or not."""
    market = call.desk.market(params.market).name if params.market else ""
    page = await call.desk.venue.ask(
        partial(
            finished_stops,
            user=call.user,
            wallet=wallet_of(params.market_type, market),
            market=market,
            side=params.side,
            client_id=params.client_id or "",
            page=params.page,
            limit=params.rows,
        )
    )
    return envelope.page([_shown(call, row.stop) for row in page.rows], has_next=page.has_next)


ENDPOINTS: list[AnyEndpoint] = [
    Endpoint("POST", "/spot/stop-order", StopParams, shapes.StopId, place, "trade"),
    Endpoint(
        "POST",
        "/spot/batch-stop-order",
        BatchParams,
        shapes.StopId,
        place_batch,
        "trade",
        "batch",
        items=StopParams,
    ),
    Endpoint("POST", "/spot/modify-stop-order", ModifyStopParams, shapes.StopId, modify, "trade"),
    Endpoint("POST", "/spot/cancel-stop-order", StopIdParams, shapes.StopOrder, cancel, "trade"),
    Endpoint(
        "POST",
        "/spot/cancel-batch-stop-order",
        StopIdsParams,
        shapes.StopOrder,
        cancel_batch,
        "trade",
        "batch",
    ),
    Endpoint(
        "POST",
        "/spot/cancel-stop-order-by-client-id",
        ClientIdParams,
        shapes.StopOrder,
        cancel_by_client_id,
        "trade",
        "flat batch",
    ),
    Endpoint("GET", "/spot/pending-stop-order", ListParams, shapes.StopOrder, pending, "read", "page"),
    Endpoint("GET", "/spot/finished-stop-order", ListParams, shapes.StopOrder, finished, "read", "page"),
]
