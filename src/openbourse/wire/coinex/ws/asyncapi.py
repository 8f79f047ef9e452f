"""The AsyncAPI 3 description of the WebSocket side, made from the types that are sent.

`python -m openbourse.wire.coinex.ws.asyncapi` prints it; docs/reference/asyncapi.json is a copy that a
test keeps current.
"""

import sys
from collections.abc import Iterable
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta, Struct

from openbourse.wire.coinex.numbers import decimal
from openbourse.wire.coinex.shapes import UserDeal
from openbourse.wire.coinex.spot_markets import INTERVALS, LIMITS, Depth
from openbourse.wire.coinex.ws.balances import BalanceUpdate, FuturesBalanceUpdate
from openbourse.wire.coinex.ws.bbo import BboUpdate
from openbourse.wire.coinex.ws.deals import DealsUpdate
from openbourse.wire.coinex.ws.errors import MESSAGES
from openbourse.wire.coinex.ws.index import IndexUpdate
from openbourse.wire.coinex.ws.notice import NoticeUpdate
from openbourse.wire.coinex.ws.orders import OrderUpdate
from openbourse.wire.coinex.ws.state import StateUpdate
from openbourse.wire.coinex.ws.stops import StopUpdate

Json = dict[str, Any]

_REFS: Final = "#/components/schemas/{name}"


class MarketList(Struct):
    """Market names; an empty, null or absent list means all."""

    market_list: list[str] | None = None


class CcyList(Struct):
    """Currencies; an empty, null or absent list means all. Unknown ones are passed over."""

    ccy_list: list[str] | None = None


class DepthList(Struct):
    """[market, limit, interval, is_full] for each market, at least one."""

    market_list: Annotated[list[tuple[str, int, str, bool]], Meta(min_length=1)]


class NoticeList(Struct):
    """What to be told of: 101, maintenance."""

    channels: list[Literal[101]]


class Sign(Struct):
    """`signed_str` is the hex HMAC-SHA256, under the secret, of the decimal text of `timestamp` (ms)."""

    access_id: str
    signed_str: str
    timestamp: int


class Nothing(Struct):
    """No parameters."""


class PingResult(Struct):
    """Always pong."""

    result: Literal["pong"]


class TimeResult(Struct):
    """The venue's time in Unix ms."""

    timestamp: int


# channel -> (parameters of a subscription, what is pushed, what for)
CHANNELS: Final[dict[str, tuple[type[Struct], type[Struct], str]]] = {
    "state": (MarketList, StateUpdate, "24 hours of markets, every 200 ms as far as they changed."),
    "depth": (DepthList, Depth, "Order books, full or by increments, every 200 ms in which they changed."),
    "deals": (MarketList, DealsUpdate, "Trades, batched every 200 ms, newest first."),
    "bbo": (MarketList, BboUpdate, "The best prices, whenever one of the four values changes."),
    "index": (MarketList, IndexUpdate, "The index price, every five seconds."),
    "order": (MarketList, OrderUpdate, "Changes of one's orders. Needs server.sign."),
    "stop": (MarketList, StopUpdate, "Changes of one's stop orders. Needs server.sign."),
    "user_deals": (MarketList, UserDeal, "One's fills, one push each. Needs server.sign."),
    "balance": (CcyList, BalanceUpdate, "Changes of one's balances. Needs server.sign."),
    "notice": (NoticeList, NoticeUpdate, "Planned maintenance. Needs server.sign."),
}

# The endpoint for futures: what it pushes in a form of its own, and what there is on it without markets.
_FUTURES_BALANCE: Final = "futures.balance.update"
_OF_FUTURES: Final = ("success", "failure", "server.", "balance.", "notice.", "futures.")

# method -> (parameters, data of the answer, what for)
SYSTEM: Final[dict[str, tuple[type[Struct], type[Struct] | None, str]]] = {
    "server.ping": (Nothing, PingResult, "Is anybody there?"),
    "server.time": (Nothing, TimeResult, "What time is it?"),
    "server.sign": (Sign, None, "Sign in: private channels of this connection are this account's."),
}


def document(version: str) -> Json:
    """The whole description."""
    types = {each: None for row in (*CHANNELS.values(), *SYSTEM.values()) for each in row[:2] if each}
    _, schemas = msgspec.json.schema_components([*types, FuturesBalanceUpdate], ref_template=_REFS)
    messages: Json = {"success": _answer(None), "failure": _failure()}
    operations: Json = {}
    for method, (given, result, summary) in SYSTEM.items():
        answer = "success"
        if result is not None:
            answer = f"{method}.result"
            messages[answer] = _answer(result)
        messages[method] = _request(method, given)
        operations[method] = _operation(method, summary, answer)
    for name, (given, pushed, summary) in CHANNELS.items():
        for verb in ("subscribe", "unsubscribe"):
            method = f"{name}.{verb}"
            messages[method] = _request(method, given if verb == "subscribe" else _list_of(given))
            operations[method] = _operation(method, summary, "success")
        messages[f"{name}.update"] = _push(f"{name}.update", pushed)
        operations[f"{name}.update"] = _sending("spot", f"{name}.update", summary)
    spot = dict.fromkeys(messages)
    messages[_FUTURES_BALANCE] = _push("balance.update", FuturesBalanceUpdate)
    operations[_FUTURES_BALANCE] = _sending("futures", _FUTURES_BALANCE, "Changes of one's futures wallet.")
    futures = [name for name in messages if name.startswith(_OF_FUTURES) and name != "balance.update"]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Openbourse: CoinEx API v2 over WebSocket",
            "version": version,
            "description": _ABOUT,
        },
        "defaultContentType": "application/json",
        "channels": {"spot": _socket("/v2/spot", spot), "futures": _socket("/v2/futures", futures)},
        "operations": operations,
        "components": {"messages": messages, "schemas": schemas},
    }


def text(version: str) -> bytes:
    """The description as it is stored and served."""
    return msgspec.json.format(msgspec.json.encode(document(version), order="sorted"), indent=1) + b"\n"


_ABOUT: Final = (
    "Requests are JSON in text frames. Everything from the server is JSON, compressed with gzip, each "
    "message in one binary frame. Answers come in the order of requests and before the pushes they cause. "
    f"A depth subscription has a limit of {', '.join(map(str, sorted(LIMITS)))} levels and an interval of "
    f"{', '.join(map(decimal, sorted(INTERVALS.values())))}. The futures endpoint /v2/futures answers the "
    "same methods, premium and position as well; it has no markets yet, but balances."
)


def _list_of(given: type[Struct]) -> type[Struct]:
    """Unsubscribing takes plain names, also where subscribing takes more."""
    return MarketList if given is DepthList else given


def _request(method: str, given: type[Struct]) -> Json:
    properties = {
        "method": {"const": method},
        "params": {"$ref": _REFS.format(name=given.__name__)},
        "id": {"type": ["integer", "string"]},
    }
    return {"name": method, "payload": _object(properties)}


def _answer(result: type[Struct] | None) -> Json:
    properties: Json = {"id": {"type": ["integer", "string", "null"]}, "code": {"const": 0}}
    if result is not None:
        properties["data"] = {"$ref": _REFS.format(name=result.__name__)}
    return {"name": "success", "payload": _object(properties | {"message": {"const": "OK"}})}


def _failure() -> Json:
    properties = {
        "id": {"type": ["integer", "string", "null"]},
        "code": {"enum": [int(code) for code in MESSAGES]},
        "message": {"enum": list(MESSAGES.values())},
    }
    return {"name": "failure", "payload": _object(properties)}


def _push(method: str, pushed: type[Struct]) -> Json:
    properties = {
        "method": {"const": method},
        "data": {"$ref": _REFS.format(name=pushed.__name__)},
        "id": {"type": "null"},
    }
    return {"name": method, "payload": _object(properties)}


def _object(properties: Json) -> Json:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _socket(address: str, messages: Iterable[str]) -> Json:
    return {
        "address": address,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
        "bindings": {"ws": {"method": "GET"}},
    }


def _sending(channel: str, message: str, summary: str) -> Json:
    return {
        "action": "send",
        "summary": summary,
        "channel": {"$ref": f"#/channels/{channel}"},
        "messages": [{"$ref": f"#/channels/{channel}/messages/{message}"}],
    }


def _operation(method: str, summary: str, answer: str) -> Json:
    names = (answer, "failure")
    return {
        "action": "receive",
        "summary": summary,
        "channel": {"$ref": "#/channels/spot"},
        "messages": [{"$ref": f"#/channels/spot/messages/{method}"}],
        "reply": {
            "channel": {"$ref": "#/channels/spot"},
            "messages": [{"$ref": f"#/channels/spot/messages/{name}"} for name in names],
        },
    }


if __name__ == "__main__":
    from openbourse import __version__

    sys.stdout.buffer.write(text(__version__))
