"""Fees as fractions, from `reference/coinex/spot.md §4.6`."""

from fractions import Fraction

from openbourse.core.units import FEE_TOKEN_STEP, UNIT
from tests.core.naive.world import Market, Order, World


def normal_fee(buys: bool, price: int, quantity: int, rate: int) -> int:
    """The fee in the received asset, as money: base for a buyer, quote for a seller. Always exact."""
    received = Fraction(quantity, UNIT)
    if not buys:
        received *= Fraction(price, UNIT)
    fee = received * Fraction(max(rate, 0), UNIT) * UNIT * UNIT
    assert fee.denominator == 1, "a fee must not need rounding"
    return int(fee)


def charge_fee(
    world: World, market: Market, order: Order, price: int, quantity: int, rate: int
) -> tuple[int, str]:
    """Take the fee of one fill from the order's user, who already holds the gross proceeds."""
    asset = market.spec.base if order.buys else market.spec.quote
    fee = normal_fee(order.buys, price, quantity, rate)
    token_fee = _fee_in_token(world, asset, fee)
    user, wallet = order.request.user, order.request.wallet
    if token_fee is not None and world.users[user].fee_discount:
        token_balance = world.balance(user, wallet, world.fee_token)
        if token_balance.available >= token_fee:
            token_balance.available -= token_fee
            world.credit_system("fees", world.fee_token, token_fee)
            order.token_fee += token_fee
            return token_fee, world.fee_token
    world.balance(user, wallet, asset).available -= fee
    world.credit_system("fees", asset, fee)
    if order.buys:
        order.base_fee += fee
    else:
        order.quote_fee += fee
    return fee, asset


def _fee_in_token(world: World, asset: str, fee: int) -> int | None:
    """The discounted fee in the fee token, truncated to eight decimals; None when it has no price."""
    price = _price_in_token(world, asset)
    if fee == 0 or price is None:
        return None
    exact = fee * price * (1 - Fraction(world.fee_token_discount, UNIT))
    return int(exact / FEE_TOKEN_STEP) * FEE_TOKEN_STEP


def _price_in_token(world: World, asset: str) -> Fraction | None:
    token = world.fee_token
    if token == "":
        return None
    if asset == token:
        return Fraction(1)
    direct = _last(world, token, asset)
    if direct is not None:
        return 1 / direct
    for market in world.markets.values():
        if market.spec.base == token and market.last > 0:
            asset_price = _last(world, asset, market.spec.quote)
            if asset_price is not None:
                return asset_price / Fraction(market.last, UNIT)
    return None


def _last(world: World, base: str, quote: str) -> Fraction | None:
    for market in world.markets.values():
        if (market.spec.base, market.spec.quote) == (base, quote) and market.last > 0:
            return Fraction(market.last, UNIT)
    return None
