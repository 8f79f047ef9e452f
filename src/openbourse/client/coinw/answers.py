"""Answers: from the bytes of an envelope to typed results, or to the exception of its code.

reference/coinw/legacy.md §1, §4.
"""

from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Final, TypeVar, get_origin

import msgspec
from msgspec import Raw, Struct

from openbourse.client import errors
from openbourse.client.coinw.types import Candle, Market, Numbers
from openbourse.client.errors import ApiError, UnexpectedAnswer

T = TypeVar("T")

OK: Final = 200
CODES: Final[Mapping[int, type[ApiError]]] = MappingProxyType(
    {
        500: errors.Failed,
        10001: errors.NetworkTrouble,
        10002: errors.UnknownMethod,
        10003: errors.InvalidParameter,
        10004: errors.PermissionDenied,
        10005: errors.PermissionDenied,
        10006: errors.UnknownKey,
        10007: errors.InvalidSignature,
    }
)
_MAX_SHOWN: Final = 200


class _Envelope(Struct):
    code: int
    msg: str = ""
    data: Raw = Raw(b"null")


class _MarketEnvelope(Struct):
    data: dict[str, Raw]
    buy: Raw = Raw(b"0")
    sell: Raw = Raw(b"0")


class _Tables(Struct, rename={"currencies": "币种symbol", "pairs": "交易对symbol"}):
    currencies: str
    pairs: str


def error_of(code: int, message: str) -> ApiError:
    """The exception of a code; a plain `ApiError` for one that is not known."""
    return CODES.get(code, ApiError)(code, message)


def opened(body: bytes) -> Raw:
    """The data of an answer; raises the error of a refusal."""
    envelope = _decoded(_Envelope, body)
    if envelope.code != OK:
        raise error_of(envelope.code, envelope.msg)
    return envelope.data


def nothing(body: bytes) -> None:
    """Reads answers that say no more than that it was done."""
    opened(body)


@cache
def plain(kind: type[T]) -> Callable[[bytes], T]:
    """Reads answers whose data are one `kind`. The original may have null for an empty list (§8)."""
    blank = Raw(b"[]" if get_origin(kind) is list else b"null")

    def read(body: bytes) -> T:
        data = opened(body)
        return _decoded(kind, blank if bytes(data) == b"null" else data)

    return read


@cache
def first(kind: type[T]) -> Callable[[bytes], T | None]:
    """Reads answers whose data are a list of one `kind`, or of none."""
    wanted: type[list[T]] = list[kind]  # type: ignore[valid-type]
    return lambda body: next(iter(_decoded(wanted, opened(body))), None)


def candles(body: bytes) -> list[Candle]:
    """Reads klines, which are JSON inside a text."""
    return _decoded(list[Candle], _decoded(str, opened(body)).encode())


def market(body: bytes) -> Market:
    """Reads the answer that has two of its numbers beside the data."""
    opened(body)
    found = _decoded(_MarketEnvelope, body)
    members = {"buy": found.buy, "sell": found.sell} | found.data
    return _decoded(Market, msgspec.json.encode(members))


def numbers(body: bytes) -> Numbers:
    """Reads the two tables, whose rows are divided by two spaces: `50-BTC  33-USDT`, `78:BTC/USDT`."""
    found = _decoded(_Tables, opened(body))
    try:
        return Numbers(_table(found.currencies, "-"), _table(found.pairs, ":"))
    except ValueError as error:
        raise _unexpected(body, str(error)) from error


def _table(text: str, divider: str) -> dict[str, int]:
    rows = [row.partition(divider) for row in text.split("  ") if row]
    return {name: int(number) for number, _, name in rows}


def _decoded(kind: type[T], text: bytes | Raw) -> T:
    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _unexpected(bytes(text), str(error)) from error


def _unexpected(body: bytes, reason: str) -> UnexpectedAnswer:
    return UnexpectedAnswer(f"{reason}: {body[:_MAX_SHOWN].decode(errors='replace')}")
