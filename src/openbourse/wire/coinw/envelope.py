"""Answers as bytes: the envelope around every result (reference/coinw/legacy.md §1)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

import msgspec
from msgspec import Raw

from openbourse.wire.coinw.errors import ApiError, Code
from openbourse.wire.http.messages import Response

CONTENT_TYPE: Final = b"application/json;charset=UTF-8"

_encode = msgspec.json.Encoder().encode


class Answer(NamedTuple):
    """What an action gives: `data`, and what `market` has beside it."""

    data: object
    beside: Mapping[str, Raw] = MappingProxyType({})


def success(action: str, message: str, time: int, answer: Answer) -> Response:
    """`time` is the server's, Unix ms; `action` stays in the house."""
    head = {"code": int(Code.OK), "msg": message, "time": time}
    body: dict[str, object] = {**head, **answer.beside, "data": answer.data}
    return _response(action, Code.OK, body)


def failure(action: str, error: ApiError, time: int) -> Response:
    """HTTP says 200 even then: only the code tells."""
    body: dict[str, object] = {"code": int(error.code), "msg": error.message, "time": time, "data": None}
    return _response(action, error.code, body)


def _response(action: str, code: Code, body: dict[str, object]) -> Response:
    endpoint = f"/appApi.html?action={action}" if action else ""
    return Response(_encode(body), content_type=CONTENT_TYPE, endpoint=endpoint, code=int(code))
