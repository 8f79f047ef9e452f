"""The ASGI application: reads a request, lets its protocol answer, sends the answer.

No exception leaves it: a bug is logged under the request's id, which the client gets in `x-request-id`,
and answered in the protocol's own words. Neither queries, headers nor bodies are ever logged; a line for
every request is written on demand.
"""

import asyncio
import secrets
import time
import traceback
import zlib
from collections.abc import Awaitable, Callable, MutableMapping
from itertools import count
from typing import Any, Final

import structlog

from openbourse.wire.http.messages import Dialect, Request, Response
from openbourse.wire.http.proxies import NO_PROXIES, TrustedProxies
from openbourse.wire.http.router import Router
from openbourse.wire.http.traffic import OTHER, Traffic

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

BODY_SECONDS: Final = 30.0
GZIP_FROM: Final = 1024

# A body over the limit is read on for a while: a client that is still sending would not see the answer.
_READ_ON: Final = 8

_log = structlog.get_logger(__name__)


class ClientGoneError(Exception):
    """The client has closed the connection before its request was complete."""


class BodyTooLargeError(Exception):
    """The body has more bytes than the protocol reads."""


class Application:
    """All protocols of a venue as one ASGI application."""

    def __init__(
        self,
        router: Router,
        *,
        proxies: TrustedProxies = NO_PROXIES,
        body_seconds: float = BODY_SECONDS,
        log_requests: bool = False,
    ) -> None:
        """`log_requests` writes a line for every request, at debug level."""
        self.traffic = Traffic()
        self._router = router
        self._proxies = proxies
        self._log_requests = log_requests
        self.draining = False
        self._body_seconds = body_seconds
        # Unique over restarts, and cheap: who reads logs searches for it.
        self._id_prefix = secrets.token_hex(4)
        self._ids = count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""
        if scope["type"] != "http":
            raise NotImplementedError(f"{scope['type']} is not served")
        began = time.perf_counter()
        dialect = self._router.dialect(scope["path"])
        request = self._request(scope)
        try:
            response = await self._answer(dialect, request, receive)
        except ClientGoneError:
            return
        except Exception:  # noqa: BLE001 - the last one who can answer the client
            _log.error(
                "request_failed",
                request=request.id,
                method=request.method,
                path=request.path,
                traceback=traceback.format_exc(),
            )
            self.traffic.failures += 1
            response = dialect.internal_error(request)
        self._note(request, response, time.perf_counter() - began)
        await _send(send, request, _closing(response) if self.draining else response)

    def drain(self) -> None:
        """From now on every answer asks its client to come back on another connection."""
        self.draining = True

    def _note(self, request: Request, response: Response, seconds: float) -> None:
        self.traffic.note(response, seconds)
        if self._log_requests:
            _log.debug(
                "request",
                request=request.id,
                method=request.method,
                endpoint=response.endpoint or OTHER,
                client=request.client_ip,
                status=response.status,
                code=response.code,
                milliseconds=round(seconds * 1000, 3),
            )

    def _request(self, scope: Scope) -> Request:
        query: bytes = scope["query_string"]
        raw_path: bytes = scope["raw_path"]
        client = scope.get("client")
        return Request(
            id=f"{self._id_prefix}-{next(self._ids)}",
            method=scope["method"],
            path=scope["path"],
            target=raw_path + b"?" + query if query else raw_path,
            query=query,
            headers=dict(scope["headers"]),
            client_ip=self._proxies.client(client[0], scope["headers"]) if client else "",
        )

    async def _answer(self, dialect: Dialect, request: Request, receive: Receive) -> Response:
        try:
            body = await self._body(receive, dialect.max_body)
        except BodyTooLargeError:
            return dialect.too_large(request)
        except TimeoutError:
            return _closing(dialect.too_slow(request))
        return await dialect.answer(request._replace(body=body) if body else request)

    async def _body(self, receive: Receive, limit: int) -> bytes:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        body: bytes = message.get("body", b"")
        if message.get("more_body", False):
            async with asyncio.timeout(self._body_seconds):
                return await _rest_of_body(body, receive, limit)
        if len(body) > limit:
            raise BodyTooLargeError
        return body


async def _rest_of_body(first: bytes, receive: Receive, limit: int) -> bytes:
    parts = [first]
    size = len(first)
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        part: bytes = message.get("body", b"")
        more = message.get("more_body", False)
        size += len(part)
        if size <= limit:
            parts.append(part)
        else:
            parts.clear()
            if size > _READ_ON * limit:
                break
    if size > limit:
        raise BodyTooLargeError
    return b"".join(parts)


def _closing(response: Response) -> Response:
    return response._replace(headers=(*response.headers, (b"connection", b"close")))


async def _send(send: Send, request: Request, response: Response) -> None:
    body = response.body
    headers = [
        (b"content-type", response.content_type),
        (b"x-request-id", request.id.encode()),
        *response.headers,
    ]
    if len(body) >= GZIP_FROM and _takes_gzip(request.headers.get(b"accept-encoding", b"")):
        body = gzip(body)
        headers.append((b"content-encoding", b"gzip"))
        headers.append((b"vary", b"accept-encoding"))
    headers.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _takes_gzip(accepted: bytes) -> bool:
    """Does the client offer gzip, and not with a weight of zero?"""
    for part in accepted.lower().split(b","):
        name, _, weight = part.partition(b";")
        if name.strip() == b"gzip":
            return weight.replace(b" ", b"") not in (b"q=0", b"q=0.0", b"q=0.00", b"q=0.000")
    return False


def gzip(data: bytes) -> bytes:
    """Compressed quickly rather than well: level 1 gets most of what JSON has to give."""
    compressor = zlib.compressobj(1, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    return compressor.compress(data) + compressor.flush()
