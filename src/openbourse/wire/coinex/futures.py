"""Futures: there are no contracts yet, but every ccxt client asks for their list (futures.md)."""

from msgspec import Struct

from openbourse.wire.coinex import envelope
from openbourse.wire.coinex.desk import Call
from openbourse.wire.coinex.endpoint import AnyEndpoint, Endpoint
from openbourse.wire.coinex.errors import unknown_market
from openbourse.wire.coinex.params import names
from openbourse.wire.coinex.spot_markets import MarketsParams


class Contract(Struct, kw_only=True):
    """The rules of one contract."""

    market: str
    contract_type: str
    base_ccy: str
    quote_ccy: str
    base_ccy_precision: int
    quote_ccy_precision: int
    tick_size: str
    min_amount: str
    maker_fee_rate: str
    taker_fee_rate: str
    leverage: list[str]
    open_interest_volume: str
    status: str
    delisted_at: int
    is_market_available: bool
    is_copy_trading_available: bool
    is_api_trading_available: bool


async def markets(call: Call, params: MarketsParams) -> bytes:
    """All contracts, which are none; a contract by name is unknown."""
    del call
    for name in names(params.market or ""):
        raise unknown_market(name)
    return envelope.success([])


ENDPOINTS: list[AnyEndpoint] = [
    Endpoint("GET", "/futures/market", MarketsParams, list[Contract], markets, "public")
]
