"""What is pushed over WebSocket. Written by `python -m tools.clients`."""

from decimal import Decimal

from msgspec import Struct

from openbourse.client.coinex.types.markets import (
    Deal,
    Ticker,
)
from openbourse.client.coinex.types.words import (
    OrderType,
    Side,
)


class StateUpdate(Struct, frozen=True, kw_only=True):
    """`state_list` is never empty and has only subscribed markets."""

    state_list: list[Ticker]


class DealsUpdate(Struct, frozen=True, kw_only=True):
    """The trades of one market; `deal_list` is never empty."""

    market: str
    deal_list: list[Deal]


class BboUpdate(Struct, frozen=True, kw_only=True):
    """The best bid and ask, unmerged; an empty side has "0" for both values."""

    market: str
    updated_at: int
    best_bid_price: Decimal
    best_bid_size: Decimal
    best_ask_price: Decimal
    best_ask_size: Decimal


class IndexUpdate(Struct, frozen=True, kw_only=True):
    """The index price of one market."""

    market: str
    index_price: Decimal


class OrderState(Struct, frozen=True, kw_only=True):
    """An order; some names differ from those over HTTP. Its fees are those so far."""

    order_id: int
    market: str
    margin_market: str
    type: OrderType
    side: Side
    amount: Decimal
    price: Decimal
    unfilled_amount: Decimal
    filled_amount: Decimal
    filled_value: Decimal
    taker_fee_rate: Decimal
    maker_fee_rate: Decimal
    base_ccy_fee: Decimal
    quote_ccy_fee: Decimal
    discount_ccy_fee: Decimal
    last_filled_amount: Decimal | None
    last_filled_price: Decimal | None
    client_id: str
    created_at: int
    updated_at: int


class OrderUpdate(Struct, frozen=True, kw_only=True):
    """`event` is put, update, modify or finish."""

    event: str
    order: OrderState


class StopState(Struct, frozen=True, kw_only=True):
    """A stop order, with the amount and price of the order it is to place."""

    stop_id: int
    market: str
    margin_market: str
    type: OrderType
    side: Side
    amount: Decimal
    price: Decimal
    trigger_price: Decimal
    trigger_direction: str
    trigger_price_type: str | None = None
    taker_fee_rate: Decimal
    maker_fee_rate: Decimal
    client_id: str
    status: str
    created_at: int
    updated_at: int


class StopUpdate(Struct, frozen=True, kw_only=True):
    """`event` is put, active or cancel."""

    event: str
    stop: StopState


class BalanceState(Struct, frozen=True, kw_only=True):
    """What is available and frozen; ccxt recognises spot by `updated_at` (Unix ms)."""

    margin_market: str
    ccy: str
    available: Decimal
    frozen: Decimal
    updated_at: int


class BalanceUpdate(Struct, frozen=True, kw_only=True):
    """`balance_list` is never empty."""

    balance_list: list[BalanceState]


class NoticeInfo(Struct, frozen=True, kw_only=True):
    """Times in Unix ms. During the protection only cancels and post-only orders pass."""

    start_time: int
    end_time: int
    scope: list[str]
    protect_duration_start: int
    protect_duration_end: int


class NoticeUpdate(Struct, frozen=True, kw_only=True):
    """`channel` is 101."""

    channel: int
    info: NoticeInfo
