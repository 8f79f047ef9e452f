"""The description of this protocol (OpenAPI 3.1): one path, and the actions that it takes.

OpenAPI tells operations apart by path and method, and here all of them share one: the actions are the values
of a parameter, and what each takes and gives is told in words by the venue's own documentation.
"""

from typing import Any, Final

from openbourse.wire.coinw import public, trading, withdrawals
from openbourse.wire.coinw.desk import Action
from openbourse.wire.coinw.errors import MESSAGES, Code

Json = dict[str, Any]

PATH: Final = "/appApi.html"
TAG: Final = "CoinW"

_ACTIONS: Final[tuple[Action, ...]] = (*public.ACTIONS, *trading.ACTIONS, *withdrawals.ACTIONS)
_ACCESS: Final = {
    "public": "public",
    "read": "signed",
    "trade": "signed, may trade",
    "withdraw": "signed, may withdraw",
}


def paths() -> Json:
    """The one path with its two methods."""
    return {PATH: {"get": _operation("get", {}), "post": _operation("post", {"requestBody": _FORM})}}


_FORM: Final[Json] = {
    "required": False,
    "content": {
        "application/x-www-form-urlencoded": {
            "schema": {"type": "object", "additionalProperties": {"type": "string"}}
        }
    },
}


def _operation(method: str, more: Json) -> Json:
    actions = "; ".join(f"`{action.name}` ({_ACCESS[action.access]})" for action in _ACTIONS)
    return {
        "operationId": f"{method}_appApi",
        "summary": "One action of the CoinW protocol",
        "description": f"Parameters come in the query or in a form. Actions: {actions}.",
        "tags": [TAG],
        "security": [],
        "parameters": [
            _parameter("action", {"enum": [action.name for action in _ACTIONS]}, required=method == "get"),
            _parameter("api_key", {"type": "string", "description": "The key, on signed actions."}),
            _parameter(
                "sign",
                {
                    "type": "string",
                    "description": "MD5, in hex, of all other parameters but `action`, as `name=value` "
                    "sorted by name and joined by `&`, with `&secret_key=` and the secret at the end.",
                },
            ),
        ],
        "responses": {"200": _answer()},
        **more,
    }


def _parameter(name: str, schema: Json, *, required: bool = False) -> Json:
    return {"name": name, "in": "query", "required": required, "schema": schema}


def _answer() -> Json:
    codes = "; ".join(f"{int(code)} {text}" for code, text in MESSAGES.items())
    schema = {
        "type": "object",
        "properties": {
            "code": {"enum": [int(code) for code in MESSAGES], "description": f"{codes}."},
            "msg": {"type": "string"},
            "time": {"type": "integer", "description": "The server's, Unix time in milliseconds."},
            "data": {"description": "What the action gives; null after a refusal."},
        },
        "required": ["code", "msg", "data"],
    }
    shown = {"code": int(Code.OK), "msg": MESSAGES[Code.OK], "time": 1767225600000, "data": {}}
    content = {"application/json": {"schema": schema, "example": shown}}
    return {"description": "The result, or a refusal: `code` tells.", "content": content}
