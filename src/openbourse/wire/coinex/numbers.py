"""Numbers and words of the protocol, to and from those of the house.

Amounts in answers are plain decimal text without trailing zeros; amounts in requests are truncated to
their precision and then validated (reference/coinex/spot.md §4.3).
"""

from functools import lru_cache
from types import MappingProxyType
from typing import Final, Literal

from openbourse.core.commands import MarketSpec, MarketStatus, OrderType, SelfTrade
from openbourse.core.decimals import money_text, unit_text
from openbourse.core.events import OrderStatus
from openbourse.core.units import MAX_AMOUNT, MAX_MONEY, MONEY_DECIMALS, UNIT_DECIMALS
from openbourse.wire.coinex.errors import ApiError, Code
from openbourse.wire.coinex.params import units

TypeWord = Literal["limit", "market", "maker_only", "ioc", "fok"]
SideWord = Literal["buy", "sell"]
SelfTradeWord = Literal["ct", "cm", "both"]
MarketTypeWord = Literal["SPOT", "MARGIN"]

TYPES: Final[MappingProxyType[str, OrderType]] = MappingProxyType(
    {"limit": "limit", "market": "market", "maker_only": "post_only", "ioc": "ioc", "fok": "fok"}
)
TYPE_WORDS: Final[MappingProxyType[OrderType, str]] = MappingProxyType(
    {kind: word for word, kind in TYPES.items()}
)
SELF_TRADE: Final[MappingProxyType[str | None, SelfTrade]] = MappingProxyType(
    {None: "allow", "ct": "cancel_taker", "cm": "cancel_maker", "both": "cancel_both"}
)
STATUS_WORDS: Final[MappingProxyType[OrderStatus, str]] = MappingProxyType(
    {
        "open": "open",
        "partially_filled": "part_filled",
        "filled": "filled",
        "partially_cancelled": "part_canceled",
        "cancelled": "canceled",
    }
)
# One text for all orders: a resting one keeps its own.
_WALLETS: Final = MappingProxyType({"SPOT": "spot", "FUTURES": "futures"})
# Clients know three states; a halt and the protection period are told by the refusals they cause.
MARKET_STATUS_WORDS: Final[MappingProxyType[MarketStatus, str]] = MappingProxyType(
    {
        "pre_open": "counting_down",
        "auction": "bidding",
        "post_only": "online",
        "open": "online",
        "halted": "online",
    }
)

# Quote amounts of market orders may have eight decimals, whatever the price precision (spot.md §4.2).
QUOTE_AMOUNT_DECIMALS: Final = 8
_VALUE_DECIMALS: Final = 8

# A price or quantity (10^-12), and money (10^-24), as text.
decimal: Final = unit_text
money: Final = money_text


@lru_cache(1_000)
def rate(value: int) -> str:
    """A fee rate (10^-12) as text; there are few of them."""
    return unit_text(value)


def dollars(value: int) -> str:
    """A market value (10^-24) as text, cut to eight decimals."""
    step = 10 ** (MONEY_DECIMALS - _VALUE_DECIMALS)
    return money_text(value - value % step)


def price_of(text: str, market: MarketSpec) -> int:
    """A submitted price in 10^-12; raises 3639 unless something positive is left of it."""
    return _positive(units(text, UNIT_DECIMALS, market.quote_precision), MAX_AMOUNT)


def quantity_of(text: str, market: MarketSpec) -> int:
    """A submitted base amount in 10^-12; raises 3639 unless something positive is left of it."""
    return _positive(units(text, UNIT_DECIMALS, market.base_precision), MAX_AMOUNT)


def quote_amount_of(text: str) -> int:
    """A submitted quote amount in 10^-24; raises 3639 unless something positive is left of it."""
    return _positive(units(text, MONEY_DECIMALS, QUOTE_AMOUNT_DECIMALS), MAX_MONEY)


def money_of(text: str) -> int:
    """A submitted amount of an asset in 10^-24; raises 3639 unless something positive is left of it."""
    return _positive(units(text, MONEY_DECIMALS), MAX_MONEY)


def _positive(value: int, most: int) -> int:
    # Refused here, since a command that is sure to be refused need not be written to the log first.
    if not 0 < value <= most:
        raise ApiError(Code.INVALID_PARAMETER)
    return value


def wallet_of(market_type: str, market: str) -> str:
    """The wallet that a market type trades from; each margin market has one of its own (spot.md §4.13)."""
    wallet = _WALLETS.get(market_type)
    if wallet is not None:
        return wallet
    if not market:
        raise ApiError(Code.INVALID_PARAMETER)
    return f"margin:{market}"


def account_type_of(wallet: str) -> str:
    """SPOT, FUTURES or MARGIN."""
    return wallet.partition(":")[0].upper()


def market_type_of(wallet: str) -> str:
    return "SPOT" if wallet == "spot" else "MARGIN"
