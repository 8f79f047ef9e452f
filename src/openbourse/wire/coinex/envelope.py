"""Answers as bytes: the envelope around every result (reference/coinex/conventions.md §3).

Results are anything that msgspec encodes: structs, dicts, lists, or `msgspec.Raw` of bytes that are
JSON already.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from openbourse.wire.coinex.errors import ApiError, Code

_encode = msgspec.json.Encoder().encode

_OPENING: Final = b'{"code":0,"data":'
_CLOSING: Final = b',"message":"OK"}'

EMPTY: Final = b'{"code":0,"data":{},"message":"OK"}'


def success(data: object) -> bytes:
    """A result; endpoints without one answer `EMPTY`. `data` must not be None (§3.1)."""
    return b"%b%b%b" % (_OPENING, _encode(data), _CLOSING)


def page(rows: object, has_next: bool, total: int | None = None, misspelt: bool = False) -> bytes:
    """One page of a list; `total` counts all rows that match and may be left out.

    `misspelt` adds the key `paginatation`, which one endpoint of the real server has (§3.3).
    """
    pagination: dict[str, int | bool] = {} if total is None else {"total": total}
    pagination["has_next"] = has_next
    text = _encode(pagination)
    twin = b',"paginatation":' + text if misspelt else b""
    return b"%b%b%b%b%b%b" % (_OPENING, _encode(rows), b',"pagination":', text, twin, _CLOSING)


def failure(error: ApiError) -> bytes:
    """A refusal; its `data` is an empty object even where a result would be a list."""
    return _encode({"code": int(error.code), "data": {}, "message": error.message})


def batch(items: Sequence[msgspec.Raw]) -> bytes:
    """The answer of a batch endpoint: one item per sub-request, in their order (§3.2)."""
    return success(items)


def item(data: object) -> msgspec.Raw:
    """A batch item that went well."""
    return msgspec.Raw(success(data))


def flat_item(data: object) -> msgspec.Raw:
    """As `item`, with the fields of `data` (a non-empty object) repeated beside it.

    ccxt reads the flat form of some batch answers, JKorf the nested one (spot.md §3.5).
    """
    text = _encode(data)
    assert text[:1] == b"{" and text != b"{}", "a flat item needs fields"  # noqa: PT018 - one fact
    return msgspec.Raw(b"%b%b%b%b" % (_OPENING, text, b',"message":"OK",', text[1:]))


def failed_item(error: ApiError) -> msgspec.Raw:
    """A batch item that was refused; its `data` was recorded as null (spot.md §3.5)."""
    assert error.code != Code.OK, "a failed item needs a failure"
    return msgspec.Raw(_encode({"code": int(error.code), "data": None, "message": error.message}))
