"""Refusals as CoinEx numbers and words them (reference/coinex/conventions.md §5, spot.md §4.15).

Texts in quotes in the reference are the real server's; where it gives none, the text is ours.
"""

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType
from typing import Final

from openbourse.core.events import RefusalReason, Refused


class Code(IntEnum):
    """The codes that this venue sends."""

    OK = 0
    SUB_ACCOUNT_TRANSFER_REFUSED = 49
    KEY_LACKS_PERMISSION = 158
    WITHDRAWAL_LIMIT_EXCEEDED = 105
    INVALID_WITHDRAWAL_ADDRESS = 310
    FUNDING_SETTLEMENT = 3007
    BUSY = 3008
    INSUFFICIENT_BALANCE = 3109
    BELOW_MINIMUM = 3127
    MARKET_SERVICE_STOPPED = 3157
    ORDER_NOT_FOUND = 3600
    PRICE_OUT_OF_BAND = 3606
    AUCTION_IN_PROGRESS = 3610
    SELL_FILL_BELOW_FLOOR = 3612
    BUY_FILL_ABOVE_CAP = 3613
    FILL_FAR_FROM_INDEX = 3614
    PRICE_FAR_FROM_INDEX = 3615
    PRICE_ABOVE_CAP = 3616
    PRICE_BELOW_FLOOR = 3617
    PRICE_FAR_FROM_TRIGGER = 3619
    NO_LIQUIDITY = 3620
    NOT_FILLABLE = 3621
    WOULD_TAKE = 3622
    BOOK_TOO_THIN = 3627
    PROTECTION_PERIOD = 3638
    INVALID_PARAMETER = 3639
    UNAVAILABLE = 4001
    TIMED_OUT = 4002
    INTERNAL = 4003
    INVALID_ARGUMENT = 4004
    UNKNOWN_KEY = 4005
    WRONG_SIGNATURE = 4006
    IP_NOT_ALLOWED = 4007
    MALFORMED_SIGNATURE = 4008
    UNKNOWN_METHOD = 4009
    REQUEST_EXPIRED = 4010
    USER_FORBIDDEN = 4011
    RETIRED = 4018
    USER_BARRED_FROM_TRADING = 4115
    MARKET_CLOSED = 4117
    FUTURES_HALTED = 4130
    TRADING_HALTED = 4158
    NO_API_TRADING = 4159
    TOO_MANY_REQUESTS = 4213
    SUB_ACCOUNT_LACKS_PERMISSION = 4512


MESSAGES: Final[Mapping[Code, str]] = MappingProxyType(
    {
        Code.OK: "OK",
        Code.SUB_ACCOUNT_TRANSFER_REFUSED: "transfer to this sub-account is refused",
        Code.KEY_LACKS_PERMISSION: "API permission is not allowed",
        Code.WITHDRAWAL_LIMIT_EXCEEDED: "daily withdrawal limit exceeded",
        Code.INVALID_WITHDRAWAL_ADDRESS: "Invalid Withdrawal Address.",
        Code.FUNDING_SETTLEMENT: "Service is not available during funding fee settlement",
        Code.BUSY: "service too busy",
        Code.INSUFFICIENT_BALANCE: "balance not enough",
        Code.BELOW_MINIMUM: "amount too small",
        Code.MARKET_SERVICE_STOPPED: "Service has been stopped in this market",
        Code.ORDER_NOT_FOUND: "Order not found",
        Code.PRICE_OUT_OF_BAND: "price too far from the latest price",
        Code.AUCTION_IN_PROGRESS: "order cannot be cancelled during call auction",
        Code.SELL_FILL_BELOW_FLOOR: "estimated price below the lowest ask allowed, please reduce the amount",
        Code.BUY_FILL_ABOVE_CAP: "estimated price above the highest bid allowed, please reduce the amount",
        Code.FILL_FAR_FROM_INDEX: "estimated price too far from the index price, please reduce the amount",
        Code.PRICE_FAR_FROM_INDEX: "price too far from the index price",
        Code.PRICE_ABOVE_CAP: "price above the highest bid allowed",
        Code.PRICE_BELOW_FLOOR: "price below the lowest ask allowed",
        Code.PRICE_FAR_FROM_TRIGGER: "price too far from the trigger price",
        Code.NO_LIQUIDITY: "not enough depth for market orders at present",
        Code.NOT_FILLABLE: "the order could not be filled completely and has been cancelled",
        Code.WOULD_TAKE: "the order could not be maker only and has been cancelled",
        Code.BOOK_TOO_THIN: "not enough depth, please reduce the amount",
        Code.PROTECTION_PERIOD: "protection period: only maker only orders and cancellations are allowed",
        Code.INVALID_PARAMETER: "Invalid Parameter",
        Code.UNAVAILABLE: "service unavailable",
        Code.TIMED_OUT: "service timeout",
        Code.INTERNAL: "internal error",
        Code.INVALID_ARGUMENT: "invalid argument",
        Code.UNKNOWN_KEY: "access_id not exists",
        Code.WRONG_SIGNATURE: "authorization fail",
        Code.IP_NOT_ALLOWED: "ip not allow visit",
        Code.MALFORMED_SIGNATURE: "need authorization header",
        Code.UNKNOWN_METHOD: "unknown method",
        Code.REQUEST_EXPIRED: "time check error",
        Code.USER_FORBIDDEN: "user is forbidden",
        Code.RETIRED: "this endpoint is retired, please use the newer one",
        Code.USER_BARRED_FROM_TRADING: "user is prohibited from trading",
        Code.MARKET_CLOSED: "trading is suspended in this market",
        Code.FUTURES_HALTED: "futures trading is suspended",
        Code.TRADING_HALTED: "trading is suspended",
        Code.NO_API_TRADING: "API trading is not available in this market",
        Code.TOO_MANY_REQUESTS: "too many requests, please try again later",
        Code.SUB_ACCOUNT_LACKS_PERMISSION: "sub-account permission denied",
    }
)

# What the core refuses. A user or a withdrawal that the core does not know is the venue's business
# to explain; the codes here are what a client may be told.
REFUSALS: Final[Mapping[RefusalReason, Code]] = MappingProxyType(
    {
        "unknown_user": Code.USER_FORBIDDEN,
        "unknown_market": Code.INVALID_PARAMETER,
        "unknown_order": Code.ORDER_NOT_FOUND,
        "unknown_withdrawal": Code.INVALID_PARAMETER,
        "invalid_amount": Code.INVALID_PARAMETER,
        "invalid_price": Code.INVALID_PARAMETER,
        "invalid_request": Code.INVALID_PARAMETER,
        "below_minimum": Code.BELOW_MINIMUM,
        "insufficient_balance": Code.INSUFFICIENT_BALANCE,
        "user_barred": Code.USER_BARRED_FROM_TRADING,
        "market_closed": Code.MARKET_CLOSED,
        "auction_in_progress": Code.AUCTION_IN_PROGRESS,
        "post_only_period": Code.PROTECTION_PERIOD,
        "price_out_of_band": Code.PRICE_OUT_OF_BAND,
        "no_liquidity": Code.NO_LIQUIDITY,
        "not_fillable": Code.NOT_FILLABLE,
        "would_take": Code.WOULD_TAKE,
        "too_many_orders": Code.INVALID_PARAMETER,
        "key_conflict": Code.INVALID_PARAMETER,
        "unknown_deposit": Code.INVALID_PARAMETER,
        "withdrawals_halted": Code.UNAVAILABLE,
        "daily_limit_exceeded": Code.WITHDRAWAL_LIMIT_EXCEEDED,
        "wrong_state": Code.INVALID_PARAMETER,
        "unknown_asset": Code.INVALID_PARAMETER,
        "unknown_chain": Code.INVALID_PARAMETER,
        "unknown_receiver": Code.INVALID_PARAMETER,
        "not_enabled": Code.INVALID_PARAMETER,
        "address_invalid": Code.INVALID_WITHDRAWAL_ADDRESS,
        "address_not_allowed": Code.INVALID_WITHDRAWAL_ADDRESS,
        "memo_required": Code.INVALID_PARAMETER,
    }
)


class ApiError(Exception):
    """A refusal on its way to the client: a code and a text. The `data` beside them is always empty."""

    def __init__(self, code: Code, message: str = "") -> None:
        self.code = code
        self.message = message or MESSAGES[code]
        super().__init__(f"{int(code)} {self.message}")


def unknown_market(name: str) -> ApiError:
    """Clients recognise an unknown symbol by the beginning and the end of this very text."""
    return ApiError(Code.INVALID_PARAMETER, f"Invalid Parameter: market {name[:40]} not found")


def of_refusal(refused: Refused, market: str = "") -> ApiError:
    """The core's refusal in the protocol's words; `market` is the one that the client named."""
    if refused.reason == "unknown_market" and market:
        return unknown_market(market)
    return ApiError(REFUSALS[refused.reason])
