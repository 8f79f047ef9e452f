"""What a request over WebSocket can be refused with (ws §3).

The spot family of codes is served on both endpoints: one of the clients knows no other.
"""

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType
from typing import Final


class WsCode(IntEnum):
    """The codes that this venue sends."""

    INVALID_PARAMETER = 20001
    UNKNOWN_METHOD = 20002
    NOT_SIGNED = 21001
    WRONG_SIGNATURE = 21002
    TIMED_OUT = 23001
    TOO_FREQUENT = 23002
    INTERNAL = 24001
    UNAVAILABLE = 24002


# Never an empty text: ccxt takes an answer with one for a success (ws §3).
MESSAGES: Final[Mapping[WsCode, str]] = MappingProxyType(
    {
        WsCode.INVALID_PARAMETER: "invalid argument",
        WsCode.UNKNOWN_METHOD: "method not found",
        WsCode.NOT_SIGNED: "require auth",
        WsCode.WRONG_SIGNATURE: "Signature Incorrect",
        WsCode.TIMED_OUT: "service timeout",
        WsCode.TOO_FREQUENT: "request too frequent",
        WsCode.INTERNAL: "internal error",
        WsCode.UNAVAILABLE: "service unavailable",
    }
)


class WsError(Exception):
    """A refusal on its way to the client."""

    def __init__(self, code: WsCode) -> None:
        self.code = code
        self.message = MESSAGES[code]
        super().__init__(f"{int(code)} {self.message}")


class CloseCode(IntEnum):
    """Why the server ends a connection (ws §12)."""

    AWAY = 1001
    GARBAGE = 1007
    POLICY = 1008
    TOO_BIG = 1009
    INTERNAL = 1011
    RESTART = 1012
    SLOW_READER = 1013
