"""CoinEx's codes as exceptions (reference/coinex/conventions.md §5, websocket.md §3)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from openbourse.client import errors
from openbourse.client.errors import ApiError

CODES: Final[Mapping[int, type[ApiError]]] = MappingProxyType(
    {
        49: errors.TransferRefused,
        105: errors.WithdrawalLimitExceeded,
        158: errors.PermissionDenied,
        227: errors.RequestExpired,
        310: errors.InvalidAddress,
        3007: errors.Busy,
        3008: errors.Busy,
        3109: errors.InsufficientBalance,
        3127: errors.BelowMinimum,
        3157: errors.MarketClosed,
        3600: errors.OrderNotFound,
        3606: errors.PriceOutOfRange,
        3610: errors.PhaseForbids,
        3612: errors.PriceOutOfRange,
        3613: errors.PriceOutOfRange,
        3614: errors.PriceOutOfRange,
        3615: errors.PriceOutOfRange,
        3616: errors.PriceOutOfRange,
        3617: errors.PriceOutOfRange,
        3618: errors.PriceOutOfRange,
        3619: errors.PriceOutOfRange,
        3620: errors.NotEnoughLiquidity,
        3621: errors.NotFillable,
        3622: errors.WouldTake,
        3627: errors.NotEnoughLiquidity,
        3628: errors.NotEnoughLiquidity,
        3629: errors.NotEnoughLiquidity,
        3632: errors.PriceOutOfRange,
        3633: errors.PriceOutOfRange,
        3634: errors.PriceOutOfRange,
        3635: errors.PriceOutOfRange,
        3638: errors.PhaseForbids,
        3639: errors.InvalidParameter,
        4001: errors.Unavailable,
        4002: errors.ServiceTimedOut,
        4003: errors.InternalError,
        4004: errors.InvalidParameter,
        4005: errors.UnknownKey,
        4006: errors.InvalidSignature,
        4007: errors.AddressNotAllowed,
        4008: errors.InvalidSignature,
        4009: errors.UnknownMethod,
        4010: errors.RequestExpired,
        4011: errors.UserBarred,
        4017: errors.RequestExpired,
        4018: errors.UnknownMethod,
        4115: errors.UserBarred,
        4117: errors.MarketClosed,
        4130: errors.MarketClosed,
        4158: errors.MarketClosed,
        4159: errors.MarketClosed,
        4213: errors.RateLimited,
        4512: errors.PermissionDenied,
        # Over WebSocket; both families are in use.
        **{
            code + family: kind
            for family in (0, 10_000)
            for code, kind in (
                (20001, errors.InvalidParameter),
                (20002, errors.UnknownMethod),
                (21001, errors.NotSigned),
                (21002, errors.InvalidSignature),
                (23001, errors.ServiceTimedOut),
                (23002, errors.RateLimited),
                (24001, errors.InternalError),
                (24002, errors.Unavailable),
            )
        },
    }
)


def error_of(code: int, message: str) -> ApiError:
    """The exception of a code; a plain `ApiError` for one that is not known."""
    return CODES.get(code, ApiError)(code, message)
