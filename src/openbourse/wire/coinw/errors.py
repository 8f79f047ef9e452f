"""Refusals as CoinW numbers and words them (reference/coinw/legacy.md §4)."""

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType
from typing import Final, Literal

from openbourse.core.events import RefusalReason

# The groups of actions, by the permission that they need.
Access = Literal["public", "read", "trade", "withdraw"]


class Code(IntEnum):
    """All codes of the protocol."""

    OK = 200
    FAILED = 500
    UNAVAILABLE = 10001
    UNKNOWN_ACTION = 10002
    PARAMETER = 10003
    NO_TRADING = 10004
    NO_WITHDRAWAL = 10005
    KEY = 10006
    SIGNATURE = 10007


MESSAGES: Final[Mapping[Code, str]] = MappingProxyType(
    {
        Code.OK: "Success",
        Code.FAILED: "Failed",
        Code.UNAVAILABLE: "Network error",
        Code.UNKNOWN_ACTION: "API non-existed",
        Code.PARAMETER: "Parameter error",
        Code.NO_TRADING: "Permission denied",
        Code.NO_WITHDRAWAL: "No permission to withdraw",
        Code.KEY: "api_key error",
        Code.SIGNATURE: "signature error",
    }
)

# What the core refuses because of the request; all else it refuses because of the state of things: 500.
_BY_REQUEST: Final[Mapping[RefusalReason, Code]] = MappingProxyType(
    {
        "unknown_market": Code.PARAMETER,
        "invalid_amount": Code.PARAMETER,
        "invalid_price": Code.PARAMETER,
        "invalid_request": Code.PARAMETER,
        "below_minimum": Code.PARAMETER,
        "unknown_asset": Code.PARAMETER,
        "memo_required": Code.PARAMETER,
    }
)


class ApiError(Exception):
    """A refusal on its way to the client: a code and, after the code's own text, a detail."""

    def __init__(self, code: Code, detail: str = "") -> None:
        self.code = code
        self.message = f"{MESSAGES[code]}: {detail}" if detail else MESSAGES[code]
        super().__init__(f"{int(code)} {self.message}")


def denied(access: Access) -> Code:
    """Who may not do something of that group hears this (§4)."""
    return Code.NO_WITHDRAWAL if access == "withdraw" else Code.NO_TRADING


def wrong(detail: str) -> ApiError:
    """A parameter is missing, malformed or out of range."""
    return ApiError(Code.PARAMETER, detail)


def of_refusal(reason: RefusalReason, access: Access) -> ApiError:
    """The venue's refusal of an action of that group, in the protocol's words."""
    if reason in ("user_barred", "unknown_user"):
        return ApiError(denied(access))
    return ApiError(_BY_REQUEST.get(reason, Code.FAILED), reason.replace("_", " "))
