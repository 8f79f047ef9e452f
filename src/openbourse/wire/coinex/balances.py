"""Balances of the accounts beside spot (reference/coinex/account-assets.md B2-B7).

Futures wallets hold what was transferred to them. No market has margin trading, and there are no savings,
no liquidity pools and no credit yet: those accounts are empty, and their answers have the reference's form.
"""

from msgspec import Struct

from openbourse.wire.coinex import envelope
from openbourse.wire.coinex.assets import Balance
from openbourse.wire.coinex.common import NoParams
from openbourse.wire.coinex.desk import Call
from openbourse.wire.coinex.endpoint import AnyEndpoint, Endpoint
from openbourse.wire.coinex.errors import ApiError, Code
from openbourse.wire.coinex.numbers import dollars, money
from openbourse.wire.coinex.params import Name, Params


class MarginParams(Params, kw_only=True, frozen=True):
    """One margin market; all when absent."""

    market: Name | None = None


class FuturesBalance(Struct, kw_only=True):
    """What a user has of one asset in the futures account."""

    ccy: str
    available: str
    frozen: str
    margin: str
    unrealized_pnl: str
    transferrable: str
    equity: str


class PairAmounts(Struct, kw_only=True):
    """An amount of each asset of a market."""

    base_ccy: str
    quote_ccy: str


class MarginBalance(Struct, kw_only=True):
    """One isolated margin account; `repaid` is what is still to be repaid. Both spellings are in use."""

    margin_account: str
    base_ccy: str
    quote_ccy: str
    available: PairAmounts
    frozen: PairAmounts
    repaid: PairAmounts
    interest: PairAmounts
    risk_rate: str
    rik_rate: str
    liq_price: str


class Liquidity(Struct, kw_only=True):
    """A user's part of a liquidity pool."""

    market: str
    base_ccy: str
    quote_ccy: str
    base_ccy_amount: str
    quote_ccy_amount: str
    liquidity_proportion: str


class CreditInfo(Struct, kw_only=True):
    """The account as security for a loan; values in US dollars."""

    equity: str
    repaid: str
    risk_rate: str
    withdrawal_risk: str
    withdrawal_value: str


class CreditBalance(Struct, kw_only=True):
    """What is owed of one asset."""

    ccy: str
    repaid: str
    interest: str


def futures_row(asset: str, available: int, frozen: int) -> FuturesBalance:
    """Without positions there is no margin and no profit: the equity is what lies in the wallet."""
    return FuturesBalance(
        ccy=asset,
        available=money(available),
        frozen=money(frozen),
        margin="0",
        unrealized_pnl="0",
        transferrable=money(available),
        equity=money(available + frozen),
    )


async def futures_rows(call: Call, user: int) -> list[FuturesBalance]:
    """A row for each asset of which there is something."""
    balances = await call.desk.venue.holdings.balances(user, "futures")
    return [
        futures_row(asset, available, frozen)
        for asset, (available, frozen) in balances.items()
        if available or frozen
    ]


def margin_rows(call: Call, market: str | None) -> list[MarginBalance]:
    """One row for each margin market, of which there are none; raises 3639 for a market that is none."""
    if market is not None:
        call.desk.market(market)
        raise ApiError(Code.INVALID_PARAMETER)
    return []


async def futures(call: Call, params: NoParams) -> bytes:
    del params
    return envelope.success(await futures_rows(call, call.user))


async def margin(call: Call, params: MarginParams) -> bytes:
    return envelope.success(margin_rows(call, params.market))


async def nothing(call: Call, params: NoParams) -> bytes:
    """The rows of an account that nobody can have yet."""
    del call, params
    return envelope.success([])


async def credit(call: Call, params: NoParams) -> bytes:
    """Nothing is lent against accounts: all that is there may be withdrawn."""
    del params
    worth = dollars((await call.desk.venue.holdings.worth([call.user]))[0])
    return envelope.success(
        CreditInfo(equity=worth, repaid="0", risk_rate="", withdrawal_risk="0", withdrawal_value=worth)
    )


ENDPOINTS: list[AnyEndpoint] = [
    Endpoint("GET", "/assets/futures/balance", NoParams, list[FuturesBalance], futures, "read"),
    Endpoint("GET", "/assets/margin/balance", MarginParams, list[MarginBalance], margin, "read"),
    Endpoint("GET", "/assets/financial/balance", NoParams, list[Balance], nothing, "read"),
    Endpoint("GET", "/assets/amm/liquidity", NoParams, list[Liquidity], nothing, "read"),
    Endpoint("GET", "/assets/credit/info", NoParams, CreditInfo, credit, "read"),
    Endpoint("GET", "/assets/credit/balance", NoParams, list[CreditBalance], nothing, "read"),
]
