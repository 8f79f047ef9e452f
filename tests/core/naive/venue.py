"""Markets, users and their terms."""

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
from openbourse.core.events import FeeTokenChanged, MarketChanged, UserChanged
from openbourse.core.units import MAX_MARKET_DECIMALS, RATE_STEP, UNIT
from tests.core.naive.auction import uncross
from tests.core.naive.checks import known_market, known_user
from tests.core.naive.world import Market, Refusal, User, World

MAX_MARKET_NAME = 32


def define_market(world: World, command: DefineMarket) -> None:
    """Open a market, or change the rules of a known one, which keeps its status."""
    spec = command.market
    if not _valid_spec(spec):
        raise Refusal("invalid_request")
    if any((known.base, known.quote) == (spec.base, spec.quote) for known in _others(world, spec.name)):
        raise Refusal("invalid_request")
    market = world.markets.get(spec.name)
    if market is None:
        market = world.markets[spec.name] = Market(spec, command.status)
        _enter_status(world, market, command.status)
        return
    if _identity(spec) != _identity(market.spec):
        raise Refusal("invalid_request")
    market.spec = spec
    world.events.append(MarketChanged(spec, market.status))


def _others(world: World, name: str) -> list[MarketSpec]:
    return [market.spec for market in world.markets.values() if market.spec.name != name]


def _valid_spec(spec: MarketSpec) -> bool:
    precisions = (spec.base_precision, spec.quote_precision)
    if not 0 < len(spec.name) <= MAX_MARKET_NAME or spec.base == spec.quote:
        return False
    if any(not 0 <= precision <= 12 for precision in precisions) or sum(precisions) > MAX_MARKET_DECIMALS:
        return False
    if spec.min_amount <= 0 or spec.min_amount % (UNIT // 10**spec.base_precision) != 0:
        return False
    if spec.price_band < 0:
        return False
    return _valid_rate(spec.maker_rate) and _valid_rate(spec.taker_rate) and spec.taker_rate >= 0


def _valid_rate(rate: int) -> bool:
    return abs(rate) < UNIT and rate % RATE_STEP == 0


def _identity(spec: MarketSpec) -> tuple[str, str, int, int]:
    return spec.base, spec.quote, spec.base_precision, spec.quote_precision


def set_market_status(world: World, command: SetMarketStatus) -> None:
    _enter_status(world, known_market(world, command.market), command.status)


def _enter_status(world: World, market: Market, status: MarketStatus) -> None:
    """A book that may be crossed is uncrossed before it rests in a status that has no crossed book."""
    if status in ("open", "post_only"):
        uncross(world, market)
    market.status = status
    world.events.append(MarketChanged(market.spec, market.status))


def set_fee_token(world: World, command: SetFeeToken) -> None:
    if not 0 <= command.discount < UNIT or command.discount % RATE_STEP != 0:
        raise Refusal("invalid_request")
    world.fee_token, world.fee_token_discount = command.asset, command.discount
    world.events.append(FeeTokenChanged(command.asset, command.discount))


def open_user(world: World, command: OpenUser) -> None:
    if command.user in world.users:
        raise Refusal("invalid_request")
    world.users[command.user] = User()
    _tell(world, command.user)


def set_user_status(world: World, command: SetUserStatus) -> None:
    known_user(world, command.user).status = command.status
    _tell(world, command.user)


def set_fee_rates(world: World, command: SetFeeRates) -> None:
    user = known_user(world, command.user)
    if any(rate is not None and not _valid_rate(rate) for rate in (command.maker_rate, command.taker_rate)):
        raise Refusal("invalid_request")
    if command.taker_rate is not None and command.taker_rate < 0:
        raise Refusal("invalid_request")
    user.maker_rate, user.taker_rate = command.maker_rate, command.taker_rate
    _tell(world, command.user)


def set_fee_discount(world: World, command: SetFeeDiscount) -> None:
    known_user(world, command.user).fee_discount = command.enabled
    _tell(world, command.user)


def _tell(world: World, number: int) -> None:
    user = world.users[number]
    world.events.append(
        UserChanged(
            user=number,
            status=user.status,
            maker_rate=user.maker_rate,
            taker_rate=user.taker_rate,
            fee_discount=user.fee_discount,
        )
    )
