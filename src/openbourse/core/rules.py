"""Rules: what an order must satisfy before anything changes (reference/coinex/spot.md §4.3, §4.15).

Each check raises `Refusal` or returns. Amounts and prices must already lie on the market's steps:
how a dialect treats extra decimals is the dialect's matter.
"""

from typing import Final

from openbourse.core.commands import OrderType
from openbourse.core.ledger import SPOT
from openbourse.core.market import Market
from openbourse.core.refusal import Refusal
from openbourse.core.units import MAX_AMOUNT, MAX_MONEY, UNIT
from openbourse.core.user import User

MAX_CLIENT_ID: Final = 64
MAX_OPEN_ORDERS: Final = 100_000
MAX_WAITING_STOPS: Final = 10_000

# Numbers up to this one fit in a machine word, and are compared in one step instead of some hundred.
_SMALL: Final = 10**18

# Quote amounts of market orders may have eight decimals, whatever the price precision.
_QUOTE_AMOUNT_STEP: Final = 10**16


def check_user(user: User) -> None:
    """The user may trade."""
    if user.status != "active":
        raise Refusal("user_barred")


def check_open(market: Market) -> None:
    """The market takes orders of some kind."""
    if market.status == "pre_open" or market.status == "halted":
        raise Refusal("market_closed", market.name)


def check_wallet(wallet: str) -> None:
    """Orders can be placed from this wallet."""
    if wallet != SPOT:
        raise Refusal("invalid_request", f"no orders in wallet {wallet}")


def check_phase(market: Market, kind: OrderType) -> None:
    """The market's phase takes orders of this type now."""
    if market.status == "open":
        return
    if market.status == "auction":
        if kind == "market":
            raise Refusal("no_liquidity", "no market orders during the auction")
        if kind == "ioc" or kind == "fok":
            raise Refusal("not_fillable", "nothing is filled during the auction")
    elif kind != "post_only":
        raise Refusal("post_only_period")


def check_fields(market: Market, kind: OrderType, amount: int, price: int, in_quote: bool) -> None:
    """Amount and price of an order of this type are well-formed for this market."""
    if in_quote:
        if kind != "market":
            raise Refusal("invalid_amount", "only market orders count in the quote asset")
        if not 0 < amount <= MAX_MONEY or amount % _QUOTE_AMOUNT_STEP:
            raise Refusal("invalid_amount")
    else:
        check_amount(market, amount)
    if kind != "market":
        check_price(market, price)
    elif price != 0:
        raise Refusal("invalid_price", "a market order has no price")


def check_client_id(client_id: str) -> None:
    if len(client_id) > MAX_CLIENT_ID:
        raise Refusal("invalid_request", "client id too long")


def check_room(open_now: int, limit: int) -> None:
    """A user has not too many orders open, or stops waiting, already."""
    if open_now >= limit:
        raise Refusal("too_many_orders", f"at most {limit}")


def check_amount(market: Market, amount: int) -> None:
    if not _in_bounds(amount) or amount % market.quantity_step:
        raise Refusal("invalid_amount")


def check_price(market: Market, price: int) -> None:
    if not _in_bounds(price) or price % market.price_step:
        raise Refusal("invalid_price")


def _in_bounds(number: int) -> bool:
    return 0 < number <= _SMALL or _SMALL < number <= MAX_AMOUNT


def check_band(market: Market, price: int) -> None:
    """A limit price is not too far from the last price."""
    if not market.price_band or not market.last_price:
        return
    if abs(price - market.last_price) * UNIT > market.price_band * market.last_price:
        raise Refusal("price_out_of_band")
