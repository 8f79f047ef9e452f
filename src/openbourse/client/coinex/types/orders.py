"""Orders, stop orders and deals. Written by `python -m tools.clients`."""

from decimal import Decimal

from msgspec import Struct

from openbourse.client.coinex.types.words import (
    MarketType,
    OrderType,
    Side,
)


class Order(Struct, frozen=True, kw_only=True):
    """An order. Not all answers have all of the optional fields."""

    order_id: int
    market: str
    market_type: MarketType
    ccy: str | None = None
    side: Side
    type: OrderType
    amount: Decimal
    price: Decimal
    unfilled_amount: Decimal
    filled_amount: Decimal
    filled_value: Decimal
    client_id: str
    base_fee: Decimal
    quote_fee: Decimal
    discount_fee: Decimal
    maker_fee_rate: Decimal
    taker_fee_rate: Decimal
    created_at: int
    updated_at: int
    last_filled_amount: Decimal | None = None
    last_filled_price: Decimal | None = None
    last_fill_amount: Decimal | None = None
    last_fill_price: Decimal | None = None
    status: str | None = None


class StopOrderId(Struct, frozen=True, kw_only=True):
    """What placing a stop order answers."""

    stop_id: int


class StopOrder(Struct, frozen=True, kw_only=True):
    """A stop order."""

    stop_id: int
    market: str
    market_type: MarketType
    ccy: str | None = None
    side: Side
    type: OrderType
    amount: Decimal
    price: Decimal
    trigger_price: Decimal
    trigger_direction: str
    trigger_price_type: str
    client_id: str
    created_at: int
    updated_at: int


class UserDeal(Struct, frozen=True, kw_only=True):
    """A fill of one's own order."""

    deal_id: int
    created_at: int
    market: str
    margin_market: str
    side: Side
    order_id: int
    client_id: str | None = None
    price: Decimal
    amount: Decimal
    role: str
    fee: Decimal
    fee_ccy: str
