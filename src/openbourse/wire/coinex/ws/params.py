"""Reading the parameters of subscriptions (ws §6.1). Whatever is wrong with them is 20001."""

from typing import Final

from openbourse.wire.coinex.ws.errors import WsCode, WsError
from openbourse.wire.coinex.ws.messages import Params

MAX_NAME: Final = 64


def invalid() -> WsError:
    """The answer to parameters of a wrong shape."""
    return WsError(WsCode.INVALID_PARAMETER)


def names(params: Params, key: str) -> list[str]:
    """A list of names, without repetitions; an absent or null one is [] and means all."""
    found: dict[str, None] = {}
    for entry in entries(params, key):
        if not isinstance(entry, str) or len(entry) > MAX_NAME:
            raise invalid()
        found[entry] = None
    return list(found)


def entries(params: Params, key: str) -> list[object]:
    """The list under `key`, whatever is in it."""
    value = params.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise invalid()
    return value
