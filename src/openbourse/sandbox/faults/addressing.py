"""Whom a request is for and from, as the rules of the fault desk name it."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final, NamedTuple

from openbourse.wire.coinw.parameters import read_parameters

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]

_MAX_BODY: Final = 64 * 1024
_BODY_SECONDS: Final = 30.0
_COINEX_KEY: Final = b"x-coinex-key"


class Addressed(NamedTuple):
    """`place` is the path, for CoinW with the action; `receive` is what the application reads it from."""

    place: str
    key: str
    receive: Receive


async def addressed(scope: Scope, receive: Receive) -> Addressed:
    """Find it out. A CoinW request may say it in its body: that is read, and kept for the application."""
    path = str(scope["path"])
    if not path.lower().startswith("/appapi"):
        return Addressed(path, _header(scope, _COINEX_KEY), receive)
    heard = await _hear(receive)
    body = b"".join(message.get("body", b"") for message in heard)
    parameters = read_parameters(scope["query_string"], body)
    place = f"{path}?action={parameters.action}" if parameters.action else path
    return Addressed(place, parameters.get("api_key"), _again(heard, receive))


def _header(scope: Scope, wanted: bytes) -> str:
    for name, value in scope["headers"]:
        if name == wanted:
            return bytes(value).decode("ascii", "replace")
    return ""


async def _hear(receive: Receive) -> list[Message]:
    """The messages of a body, or the first of them when it is too long or does not end."""
    heard: list[Message] = []
    size, more = 0, True
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_BODY_SECONDS):
            while more and size <= _MAX_BODY:
                message = await receive()
                heard.append(message)
                size += len(message.get("body", b""))
                more = message.get("more_body", False)
    return heard


def _again(heard: list[Message], receive: Receive) -> Receive:
    waiting = iter(heard)

    async def next_message() -> Message:
        for message in waiting:
            return message
        return await receive()

    return next_message
