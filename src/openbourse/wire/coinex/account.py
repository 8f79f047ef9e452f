"""The caller's account: who it is, what it pays, how it pays (account-assets.md A15-A17)."""

from typing import Literal

from msgspec import Struct

from openbourse.wire.coinex import envelope
from openbourse.wire.coinex.common import NoParams
from openbourse.wire.coinex.desk import Call
from openbourse.wire.coinex.endpoint import AnyEndpoint, Endpoint
from openbourse.wire.coinex.errors import unknown_market
from openbourse.wire.coinex.numbers import decimal
from openbourse.wire.coinex.params import Name, Params


class AccountInfo(Struct):
    """`user_id` is what strangers may know the account by."""

    user_id: str


class FeeRateParams(Params, kw_only=True, frozen=True):
    """One market; MARGIN has the rates of SPOT."""

    market_type: Literal["SPOT", "MARGIN", "FUTURES"]
    market: Name


class FeeRate(Struct):
    """Rates of orders placed now."""

    market: str
    maker_rate: str
    taker_rate: str


class SettingsParams(Params, kw_only=True, frozen=True):
    """Pay fees in the house token where possible?"""

    cet_discount_enabled: bool


async def info(call: Call, params: NoParams) -> bytes:
    del params
    return envelope.success(AccountInfo(call.signer.public_id))


async def trade_fee_rate(call: Call, params: FeeRateParams) -> bytes:
    """The caller's own rates, or those of the market."""
    if params.market_type == "FUTURES":
        raise unknown_market(params.market)  # there are no futures markets yet
    market = call.desk.market(params.market)
    own = await call.desk.venue.holdings.fee_rates(call.user)
    maker = market.maker_rate if own.maker is None else own.maker
    taker = market.taker_rate if own.taker is None else own.taker
    return envelope.success(FeeRate(market.name, decimal(maker), decimal(taker)))


async def settings(call: Call, params: SettingsParams) -> bytes:
    await call.desk.venue.holdings.set_fee_discount(call.signer, enabled=params.cet_discount_enabled)
    return envelope.EMPTY


ENDPOINTS: list[AnyEndpoint] = [
    Endpoint("GET", "/account/info", NoParams, AccountInfo, info, "read"),
    Endpoint("GET", "/account/trade-fee-rate", FeeRateParams, FeeRate, trade_fee_rate, "read"),
    Endpoint("POST", "/account/settings", SettingsParams, dict[str, str], settings, "trade"),
]
