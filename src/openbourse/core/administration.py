"""Administration: markets, users and fee terms, as the operator sets them."""

from openbourse.core.auction import uncross
from openbourse.core.commands import (
    DefineMarket,
    MarketSpec,
    MarketStatus,
    OpenUser,
    SetFeeDiscount,
    SetFeeRates,
    SetFeeToken,
    SetMarketStatus,
    SetUserStatus,
)
from openbourse.core.events import FeeTokenChanged, MarketChanged
from openbourse.core.market import Market
from openbourse.core.refusal import Refusal
from openbourse.core.state import State
from openbourse.core.units import MAX_AMOUNT, MAX_MARKET_DECIMALS, RATE_STEP, UNIT, UNIT_DECIMALS
from openbourse.core.user import User

_MAX_NAME = 32


def define_market(state: State, command: DefineMarket) -> None:
    """Open a market, or change the rules of one; what its numbers mean, assets and precisions, stays."""
    spec = command.market
    _check_spec(spec)
    market = state.markets.get(spec.name)
    if market is None:
        if (spec.base, spec.quote) in state.pairs:
            raise Refusal("invalid_request", f"{spec.base}/{spec.quote} has a market")
        market = Market(len(state.markets), spec, "pre_open")
        state.markets[spec.name] = market
        state.pairs[(spec.base, spec.quote)] = market
        _set_status(state, market, command.status)
    else:
        old = market.spec
        if (spec.base, spec.quote, spec.base_precision, spec.quote_precision) != (
            old.base,
            old.quote,
            old.base_precision,
            old.quote_precision,
        ):
            raise Refusal("invalid_request", "assets and precisions of a market never change")
        market.set_spec(spec)
        state.events.append(MarketChanged(spec, market.status))


def _check_spec(spec: MarketSpec) -> None:
    if not 0 < len(spec.name) <= _MAX_NAME or not spec.base or not spec.quote:
        raise Refusal("invalid_request", "name, base and quote are needed")
    if spec.base == spec.quote:
        raise Refusal("invalid_request", "base and quote are the same")
    precisions = (spec.base_precision, spec.quote_precision)
    if not all(0 <= precision <= UNIT_DECIMALS for precision in precisions):
        raise Refusal("invalid_request", f"precisions are 0 to {UNIT_DECIMALS}")
    if sum(precisions) > MAX_MARKET_DECIMALS:
        raise Refusal("invalid_request", f"precisions sum to more than {MAX_MARKET_DECIMALS}")
    step = int(10 ** (UNIT_DECIMALS - spec.base_precision))
    if not 0 < spec.min_amount <= MAX_AMOUNT or spec.min_amount % step:
        raise Refusal("invalid_request", "minimum amount")
    for rate in (spec.maker_rate, spec.taker_rate):
        _check_rate(rate)
    if spec.taker_rate < 0 or spec.price_band < 0:
        raise Refusal("invalid_request", "a rate is negative")


def _check_rate(rate: int) -> None:
    if abs(rate) >= UNIT or rate % RATE_STEP:
        raise Refusal("invalid_request", "rate")


def set_market_status(state: State, command: SetMarketStatus) -> None:
    _set_status(state, state.market(command.market), command.status)


def _set_status(state: State, market: Market, status: MarketStatus) -> None:
    """Change the phase; a book that crosses from an auction is cleared before trading begins."""
    if status == "open" or status == "post_only":
        uncross(state, market)
    market.status = status
    state.events.append(MarketChanged(market.spec, status))
    state.touch(market)


def set_fee_token(state: State, command: SetFeeToken) -> None:
    _check_rate(command.discount)
    if command.discount < 0:
        raise Refusal("invalid_request", "discount")
    state.fee_token = command.asset
    state.fee_discount = command.discount
    state.events.append(FeeTokenChanged(command.asset, command.discount))


def open_user(state: State, command: OpenUser) -> None:
    if command.user in state.users or command.user <= 0:
        raise Refusal("invalid_request", f"user {command.user} exists or is no valid id")
    user = User(command.user, state.ledger.open(command.user))
    state.users[command.user] = user
    state.events.append(user.terms())


def set_user_status(state: State, command: SetUserStatus) -> None:
    user = state.user(command.user)
    user.status = command.status
    state.events.append(user.terms())


def set_fee_rates(state: State, command: SetFeeRates) -> None:
    user = state.user(command.user)
    for rate in (command.maker_rate, command.taker_rate):
        if rate is not None:
            _check_rate(rate)
    if command.taker_rate is not None and command.taker_rate < 0:
        raise Refusal("invalid_request", "taker rate is negative")
    user.maker_rate = command.maker_rate
    user.taker_rate = command.taker_rate
    state.events.append(user.terms())


def set_fee_discount(state: State, command: SetFeeDiscount) -> None:
    user = state.user(command.user)
    user.fee_discount = command.enabled
    state.events.append(user.terms())
