"""Fees: charged per fill on what the order receives, or in the fee token at a discount.

Rules: reference/coinex/spot.md §4.6. Products are exact; a fee paid in the fee token is truncated
to eight decimals, in favour of the user.
"""

from openbourse.core.order import Order
from openbourse.core.state import State
from openbourse.core.units import FEE_TOKEN_STEP, UNIT


def assess_fee(state: State, order: Order, gross: int, rate: int) -> tuple[int, bool]:
    """The fee on `gross` money that an order received, and whether it is due in the fee token.

    A negative rate is charged as 0: rebates are paid later, outside the trade. The fee token is
    taken if the user wants that, it has a price, and the user's available balance covers the fee.
    """
    fee = gross * max(rate, 0) // UNIT
    if fee == 0 or not state.fee_token or not order.owner.fee_discount:
        return fee, False
    price = token_price(state, order.receives.asset)
    if price is None:
        return fee, False
    numerator, denominator = price
    in_token = fee * numerator * (UNIT - state.fee_discount) // (denominator * UNIT)
    in_token -= in_token % FEE_TOKEN_STEP
    if in_token > state.ledger.available(order.owner.user, order.wallet, state.fee_token):
        return fee, False
    return in_token, True


def token_price(state: State, asset: str) -> tuple[int, int] | None:
    """What one unit of `asset` is worth in the fee token, as numerator and denominator.

    By the last price of the pair token/asset, else over the first quote asset in which both the
    token and the asset are traded; None when no such price exists yet.
    """
    token = state.fee_token
    if asset == token:
        return 1, 1
    direct = state.pairs.get((token, asset))
    if direct is not None and direct.last_price > 0:
        return UNIT, direct.last_price
    for market in state.markets.values():
        if market.base != token or market.last_price == 0:
            continue
        other = state.pairs.get((asset, market.quote))
        if other is not None and other.last_price > 0:
            return other.last_price, market.last_price
    return None
