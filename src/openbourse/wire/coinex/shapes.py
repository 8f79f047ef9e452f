"""The objects of orders, stop orders and deals, as clients see them (reference/coinex/spot.md §3)."""

from msgspec import UNSET, Struct, UnsetType

from openbourse.core.commands import MarketSpec, OrderRequest
from openbourse.core.events import OrderState, StopState
from openbourse.history.trades import UserTrade
from openbourse.wire.coinex.numbers import STATUS_WORDS, TYPE_WORDS, decimal, market_type_of, money, rate


class Order(Struct):
    """An order. Not all answers have all of the optional fields (§3.1, §3.2)."""

    order_id: int
    market: str
    market_type: str
    ccy: str
    side: str
    type: str
    amount: str
    price: str
    unfilled_amount: str
    filled_amount: str
    filled_value: str
    client_id: str
    base_fee: str
    quote_fee: str
    discount_fee: str
    maker_fee_rate: str
    taker_fee_rate: str
    created_at: int
    updated_at: int
    # The documentation names the first pair, every recording of the live server the second.
    last_filled_amount: str | UnsetType = UNSET
    last_filled_price: str | UnsetType = UNSET
    last_fill_amount: str | UnsetType = UNSET
    last_fill_price: str | UnsetType = UNSET
    status: str | UnsetType = UNSET


class StopOrder(Struct, kw_only=True):
    """A stop order (§3.3)."""

    stop_id: int
    market: str
    market_type: str
    ccy: str
    side: str
    type: str
    amount: str
    price: str
    trigger_price: str
    trigger_direction: str
    trigger_price_type: str
    client_id: str
    created_at: int
    updated_at: int


class StopId(Struct):
    """What placing a stop order answers."""

    stop_id: int


class UserDeal(Struct, kw_only=True):
    """A fill of one's own order (§3.4)."""

    deal_id: int
    created_at: int
    market: str
    margin_market: str
    side: str
    order_id: int
    client_id: str
    price: str
    amount: str
    role: str
    fee: str
    fee_ccy: str


def order(
    state: OrderState, market: MarketSpec, *, last_fill: bool = True, with_status: bool = False
) -> Order:
    """The object of an order; `with_status` adds the state."""
    request = state.request
    in_quote = request.in_quote
    # Not all by name: for more than fifteen names a call makes a dictionary, which costs more than the rest.
    shown = Order(
        state.order_id,
        request.market,
        market_type_of(request.wallet),
        _counted_in(request, market),
        request.side,
        TYPE_WORDS[request.type],
        money(state.amount) if in_quote else decimal(state.amount),
        decimal(state.price),
        unfilled_amount=money(state.remaining) if in_quote else decimal(state.remaining),
        filled_amount=decimal(state.filled.quantity),
        filled_value=money(state.filled.notional),
        client_id=request.client_id,
        base_fee=money(state.filled.base_fee),
        quote_fee=money(state.filled.quote_fee),
        discount_fee=money(state.filled.token_fee),
        maker_fee_rate=rate(state.rates.maker),
        taker_fee_rate=rate(state.rates.taker),
        created_at=state.created_at,
        updated_at=state.updated_at,
    )
    if last_fill:
        shown.last_filled_amount = shown.last_fill_amount = decimal(state.filled.last_quantity)
        shown.last_filled_price = shown.last_fill_price = decimal(state.filled.last_price)
    if with_status:
        shown.status = STATUS_WORDS[state.status]
    return shown


def queried_order(state: OrderState, market: MarketSpec) -> Order:
    """As the status queries show an order: the newest fill is "" once it is filled (§3.2)."""
    shown = order(state, market, with_status=True)
    if state.status == "filled":
        shown.last_filled_amount = shown.last_fill_amount = ""
        shown.last_filled_price = shown.last_fill_price = ""
    return shown


def stop_order(state: StopState, market: MarketSpec) -> StopOrder:
    request = state.request
    return StopOrder(
        stop_id=state.stop_id,
        market=request.market,
        market_type=market_type_of(request.wallet),
        ccy=_counted_in(request, market),
        side=request.side,
        type=TYPE_WORDS[request.type],
        amount=money(request.amount) if request.in_quote else decimal(request.amount),
        price=decimal(request.price),
        trigger_price=decimal(state.trigger_price),
        trigger_direction="higher" if state.rising else "lower",
        trigger_price_type="latest_price",
        client_id=request.client_id,
        created_at=state.created_at,
        updated_at=state.updated_at,
    )


def user_deal(trade: UserTrade) -> UserDeal:
    return UserDeal(
        deal_id=trade.trade_id,
        created_at=trade.time,
        market=trade.market,
        margin_market="" if trade.wallet == "spot" else trade.market,
        side=trade.side,
        order_id=trade.order_id,
        client_id=trade.client_id,
        price=decimal(trade.price),
        amount=decimal(trade.quantity),
        role=trade.role,
        fee=money(trade.fee),
        fee_ccy=trade.fee_asset,
    )


def _counted_in(request: OrderRequest, market: MarketSpec) -> str:
    return market.quote if request.in_quote else market.base
