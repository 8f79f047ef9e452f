"""Faults of HTTP: a door in front of the venue's application that lets requests go wrong.

Seconds are real ones, whatever the venue's clock does: they wear out the patience of a client.
"""

import asyncio
import contextlib
import socket
import struct
from collections.abc import Awaitable, Callable
from typing import Final

from openbourse.sandbox.faults.addressing import Message, Receive, Scope, addressed
from openbourse.sandbox.faults.desk import FaultDesk
from openbourse.sandbox.faults.rules import Rule, maintenance_of
from openbourse.wire.coinex import envelope
from openbourse.wire.coinex.auth import DEFAULT_WINDOW_MS, TIMESTAMP_HEADER
from openbourse.wire.coinex.common import announced
from openbourse.wire.coinex.errors import ApiError, Code
from openbourse.wire.coinw import envelope as coinw_envelope
from openbourse.wire.coinw import errors as coinw_errors
from openbourse.wire.http.messages import TEXT, Response

Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_CODES: Final = {"busy": Code.BUSY, "rate_limited": Code.TOO_MANY_REQUESTS, "maintenance": Code.UNAVAILABLE}
_RESET: Final = struct.pack("ii", 1, 0)
_MAINTENANCE_PATHS: Final = ("/v2/maintain/info", "/v2/maintain-info")
_TIME_PATH: Final = "/v2/time"
_DEPTH_PATH: Final = "/v2/spot/depth"
_MAX_STALE: Final = 1_000
_MAX_DIGITS: Final = 16


class FaultyDoor:
    """An ASGI application around another one. With no rules it costs nothing but a look."""

    def __init__(self, app: App, faults: FaultDesk, now: Callable[[], int]) -> None:
        """`now` is the venue's time in Unix ms."""
        self._app = app
        self._faults = faults
        self._now = now
        self._stale: dict[bytes, list[Message]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""
        if scope["type"] != "http" or not self._faults.armed:
            self._stale.clear()
            await self._app(scope, receive, send)
            return
        if not self._faults.standing("stale_depth"):
            self._stale.clear()
        place, key, hear = await addressed(scope, receive)

        def applies(rule: Rule) -> bool:
            return self._applies(rule, scope)

        for rule in self._faults.on_request(scope["method"], place, key, applies):
            if rule.kind == "latency":
                await asyncio.sleep(max(0.0, rule.seconds))
            elif rule.kind == "lost_after":
                await self._app(scope, hear, _nowhere)
                await _vanish(rule, receive)
                return
            else:
                await self._suffer(rule, scope, receive, send)
                return
        await self._app(scope, hear, send)

    def _applies(self, rule: Rule, scope: Scope) -> bool:
        """See desk.Applies."""
        if rule.kind == "stale_depth":
            return bool(scope["path"] == _DEPTH_PATH)
        if rule.kind == "clock_skew":
            return scope["path"] == _TIME_PATH or self._is_refused(rule, scope)
        return True

    def _is_refused(self, rule: Rule, scope: Scope) -> bool:
        """Is a signed request too old or too new for a clock that goes wrong by so much?"""
        sent = dict(scope["headers"]).get(TIMESTAMP_HEADER, b"")
        if not sent.isdigit() or len(sent) > _MAX_DIGITS:
            return False
        return abs(self._now() + _skew(rule) - int(sent)) > DEFAULT_WINDOW_MS

    async def _suffer(self, rule: Rule, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a fault strike that is the end of the request."""
        if rule.kind == "maintenance" and scope["path"] in _MAINTENANCE_PATHS:
            told = [
                announced(maintenance_of(standing.rule, standing.since))
                for standing in self._faults.rules()
                if standing.rule is rule
            ]
            await _answer(send, Response(envelope.success(told)))
        elif rule.kind == "clock_skew":
            await _answer(send, self._skewed(rule, scope))
        elif rule.kind == "stale_depth":
            await self._remembered(scope, receive, send)
        elif rule.kind == "lost_before":
            await _vanish(rule, receive)
        elif rule.kind == "reset":
            await _reset(receive)
        else:
            await _answer(send, self._refusal(rule, scope))

    def _refusal(self, rule: Rule, scope: Scope) -> Response:
        if rule.kind == "http_error":
            return Response(
                b"<html><body>injected error</body></html>", rule.status, content_type=b"text/html"
            )
        if str(scope["path"]).startswith("/v2"):
            return Response(envelope.failure(ApiError(_CODES[rule.kind])))
        if str(scope["path"]).lower().startswith("/appapi"):
            return coinw_envelope.failure(
                "", coinw_errors.ApiError(coinw_errors.Code.UNAVAILABLE), self._now()
            )
        return Response(b"503 service unavailable\n", 503, content_type=TEXT)

    def _skewed(self, rule: Rule, scope: Scope) -> Response:
        """The answer of a venue whose clock goes wrong."""
        if scope["path"] == _TIME_PATH:
            return Response(envelope.success({"timestamp": self._now() + _skew(rule)}))
        return Response(envelope.failure(ApiError(Code.REQUEST_EXPIRED)))

    async def _remembered(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request for depth as it was answered first since the fault was ordered."""
        target: bytes = scope["query_string"]
        if target not in self._stale:
            messages: list[Message] = []

            async def keep(message: Message) -> None:
                messages.append(message)

            await self._app(scope, receive, keep)
            if len(self._stale) < _MAX_STALE:
                self._stale[target] = messages
            for message in messages:
                await send(message)
            return
        for message in self._stale[target]:
            await send(message)


def _skew(rule: Rule) -> int:
    return round(rule.seconds * 1000)


async def _nowhere(message: Message) -> None:
    del message


async def _vanish(rule: Rule, receive: Receive) -> None:
    """The answer is lost: say nothing for a while, then be gone."""
    await _silence(receive, rule.seconds)
    await _reset(receive)


async def _silence(receive: Receive, seconds: float) -> None:
    """Say nothing until the client has gone, or for so long."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(max(0.0, seconds)):
            while (await receive())["type"] != "http.disconnect":
                pass


async def _reset(receive: Receive) -> None:
    """End the connection with a TCP reset. ASGI has no word for this: it takes uvicorn's transport."""
    transport: asyncio.Transport = receive.__self__.transport  # type: ignore[attr-defined]
    plug = transport.get_extra_info("socket")
    if plug is not None and not transport.is_closing():
        plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    transport.abort()
    await _silence(receive, 1.0)


async def _answer(send: Send, response: Response) -> None:
    headers = [(b"content-type", response.content_type), (b"content-length", b"%d" % len(response.body))]
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": response.body})
