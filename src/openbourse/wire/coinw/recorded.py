"""Recordings of CoinW requests: keys and signatures among their parameters (reference/coinw/legacy.md §3)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import msgspec

from openbourse.wire.coinw.app import PATHS
from openbourse.wire.coinw.errors import Code
from openbourse.wire.coinw.parameters import Parameters, read_parameters
from openbourse.wire.coinw.signature import digest
from openbourse.wire.recorded import TIME, RecordedRequest, Signer, SignerRefusal, in_form

# The one table of what need not be equal: clocks and generated ids.
_TIMES: Final = {"time": TIME, "createTime": TIME, "lastUpdateTime": TIME, "start": TIME, "end": TIME}
_ORDERS: Final = MappingProxyType({**_TIMES, "id": "order", "orderNumber": "order"})
_BY_ACTION: Final[Mapping[str, Mapping[str, str]]] = {
    **dict.fromkeys(("cancel_entrust", "entrust", "lastentrust", "order"), _ORDERS),
    "trade": MappingProxyType({**_TIMES, "data": "order"}),
    "trades": MappingProxyType({**_TIMES, "id": "trade"}),
    **dict.fromkeys(
        ("withdraw", "cancel_withdraw", "withdraw_record"),
        MappingProxyType({**_TIMES, "id": "withdrawal", "withdraw_id": "withdrawal"}),
    ),
}
_OTHERS: Final = MappingProxyType(_TIMES)
_SPELLINGS: Final = frozenset(path.lower() for path in PATHS)
_KEY: Final = "api_key"
_SIGN: Final = "sign"


class CoinwRequests:
    """See RecordedWire."""

    name = "coinw"

    def serves(self, path: str) -> bool:
        return path.lower() in _SPELLINGS

    def fields(self, request: RecordedRequest) -> Mapping[str, str]:
        return _BY_ACTION.get(_parameters(request).action, _OTHERS)

    def key_of(self, request: RecordedRequest) -> str:
        return _parameters(request).get(_KEY)

    def signed(self, request: RecordedRequest, signer: Signer, shift: int) -> RecordedRequest:
        """MD5 over the sorted parameters with the secret at the end. No parameter is a time stamp."""
        del shift
        request = _replaced(request, {_KEY: signer.key_id})
        fields = _parameters(request).fields
        text = "&".join(f"{name}={fields[name].value}" for name in sorted(fields) if name != _SIGN)
        if _SIGN not in fields:
            return request
        return _replaced(request, {_SIGN: digest(text + "?" * signer.wrong, signer.secret).decode()})

    def refusal(self, answer: Any) -> SignerRefusal | None:
        code = answer.get("code") if isinstance(answer, dict) else None
        if code == Code.KEY:
            return "key"
        return "signature" if code == Code.SIGNATURE else None


def _parameters(request: RecordedRequest) -> Parameters:
    return read_parameters(
        request.target.partition("?")[2].encode(), request.body.encode(errors="surrogateescape")
    )


def _replaced(request: RecordedRequest, values: Mapping[str, str]) -> RecordedRequest:
    """Other values for parameters that are there, wherever they are."""

    def new(name: str, _: str) -> str | None:
        return values.get(name)

    path, question, query = request.target.partition("?")
    body = request.body
    if body.lstrip()[:1] == "{":
        body = _in_json(body, values)
    else:
        body = in_form(body, new)
    return request._replace(target=path + question + in_form(query, new), body=body)


def _in_json(body: str, values: Mapping[str, str]) -> str:
    try:
        members: dict[str, Any] = msgspec.json.decode(body.encode(errors="replace"))
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return body
    changed = {name: value for name, value in values.items() if name in members}
    return msgspec.json.encode({**members, **changed}).decode() if changed else body
