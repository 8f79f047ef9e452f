"""Markets and their data. Written by `python -m tools.clients`."""

from decimal import Decimal

from msgspec import Struct

from openbourse.client.coinex.types.words import (
    Side,
)


class Market(Struct, frozen=True, kw_only=True):
    """The rules of one market, as of now."""

    market: str
    maker_fee_rate: Decimal
    taker_fee_rate: Decimal
    min_amount: Decimal
    base_ccy: str
    quote_ccy: str
    base_ccy_precision: int
    quote_ccy_precision: int
    status: str | None = None
    delisted_at: int | None = None
    is_amm_available: bool
    is_margin_available: bool
    is_pre_market_trading_available: bool | None = None
    is_pre_trading_available: bool | None = None
    is_api_trading_available: bool | None = None


class Ticker(Struct, frozen=True, kw_only=True):
    """24 hours of one market; `volume` in base, `value` in quote, `period` in seconds."""

    market: str
    last: Decimal
    open: Decimal
    close: Decimal
    high: Decimal
    low: Decimal
    volume: Decimal
    value: Decimal
    volume_sell: Decimal
    volume_buy: Decimal
    period: int


class DepthLevels(Struct, frozen=True, kw_only=True):
    """[price, amount] pairs, best first; `checksum` is a CRC-32 of all of them."""

    asks: list[tuple[Decimal, Decimal]]
    bids: list[tuple[Decimal, Decimal]]
    last: Decimal
    updated_at: int
    checksum: int


class Depth(Struct, frozen=True, kw_only=True):
    """The depth of one market."""

    market: str
    is_full: bool
    depth: DepthLevels


class Deal(Struct, frozen=True, kw_only=True):
    """A trade on the tape; `side` is the taker's, `amount` in base."""

    deal_id: int
    created_at: int
    side: Side
    price: Decimal
    amount: Decimal


class IndexSource(Struct, frozen=True, kw_only=True):
    """Where an index price comes from."""

    exchange: str
    created_at: int
    index_weight: Decimal
    index_price: Decimal


class Index(Struct, frozen=True, kw_only=True):
    """The index of one market and its sources."""

    market: str
    created_at: int
    price: Decimal
    sources: list[IndexSource]


class Kline(Struct, frozen=True, kw_only=True):
    """One candle; `created_at` is its start."""

    market: str
    created_at: int
    open: Decimal
    close: Decimal
    high: Decimal
    low: Decimal
    volume: Decimal
    value: Decimal


class Contract(Struct, frozen=True, kw_only=True):
    """The rules of one contract."""

    market: str
    contract_type: str
    base_ccy: str
    quote_ccy: str
    base_ccy_precision: int
    quote_ccy_precision: int
    tick_size: Decimal
    min_amount: Decimal
    maker_fee_rate: Decimal
    taker_fee_rate: Decimal
    leverage: list[Decimal]
    open_interest_volume: Decimal
    status: str
    delisted_at: int
    is_market_available: bool
    is_copy_trading_available: bool
    is_api_trading_available: bool
