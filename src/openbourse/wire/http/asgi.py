"""The application: reads a request, lets its protocol answer, sends the answer; by ASGI, or directly.

No exception leaves it: a bug is logged under the request's id, which the client gets in `x-request-id`,
and answered in the protocol's own words. Neither queries, headers nor bodies are ever logged; a line for
every request is written on demand.
"""

import asyncio
import secrets
import time
import traceback
from collections.abc import Awaitable, Callable, MutableMapping
from itertools import count
from typing import Any, Final

import structlog
from msgspec.structs import replace

from openbourse.wire.http.encoding import REQUEST_ID, closing, form
from openbourse.wire.http.messages import Request, Response
from openbourse.wire.http.plain_request import PlainRequest
from openbourse.wire.http.proxies import NO_PROXIES, TrustedProxies
from openbourse.wire.http.router import Router
from openbourse.wire.http.traffic import OTHER, Traffic

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

BODY_SECONDS: Final = 30.0

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
        known: Callable[[Request], Response | None] | None = None,
        proxies: TrustedProxies = NO_PROXIES,
        body_seconds: float = BODY_SECONDS,
        log_requests: bool = False,
    ) -> None:
        """`known` gives the answers to some requests, in their protocol's stead; nothing is awaited for them.

        `log_requests` writes a line for every request, at debug level.
        """
        self.traffic = Traffic()
        # Sees every request with its answer; set before the first one comes.
        self.watch: Callable[[Request, Response], None] | None = None
        self._router = router
        self._known = known
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
        request = self._request_of(scope)
        try:
            request, response = await self._read_and_answer(request, receive)
        except ClientGoneError:
            return
        self._note(request, response, time.perf_counter() - began)
        sent = form(request, response)
        headers = [(REQUEST_ID, request.id.encode()), *sent.headers]
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        await send({"type": "http.response.body", "body": sent.body})

    def admits(self, path: str, size: int) -> bool:
        """See `DirectDoor.admits`."""
        return not self.draining and (not size or size <= self._router.dialect(path).max_body)

    def request(self, plain: PlainRequest, peer: str) -> Request:
        """See `DirectDoor.request`."""
        line, headers = plain.line, plain.headers
        client = self._proxies.client(peer, headers.items()) if peer else ""
        return Request(
            self._next_id(), line.method, line.path, line.target, line.query, headers, client, plain.body
        )

    def _request_of(self, scope: Scope) -> Request:
        """The same of an ASGI scope."""
        query: bytes = scope["query_string"]
        path: bytes = scope["raw_path"]
        headers = scope["headers"]
        peer = scope["client"][0] if scope.get("client") else ""
        return Request(
            id=self._next_id(),
            method=scope["method"],
            path=scope["path"],
            target=path + b"?" + query if query else path,
            query=query,
            headers=dict(headers),
            client_ip=self._proxies.client(peer, headers) if peer else "",
        )

    def _next_id(self) -> str:
        return f"{self._id_prefix}-{next(self._ids)}"

    def known(self, request: Request) -> Response | None:
        """See `DirectDoor.known`."""
        if self._known is None or request.method != "GET":
            return None
        began = time.perf_counter()
        try:
            response = self._known(request)
        except Exception:  # noqa: BLE001 - the protocol may know an answer all the same
            self._failed(request)
            return None
        if response is not None:
            self._note(request, response, time.perf_counter() - began)
        return response

    async def respond(self, request: Request) -> Response:
        """See `DirectDoor.respond`."""
        began = time.perf_counter()
        response = await self._answer(request)
        self._note(request, response, time.perf_counter() - began)
        return response

    def drain(self) -> None:
        """From now on every answer asks its client to come back on another connection."""
        self.draining = True

    def _note(self, request: Request, response: Response, seconds: float) -> None:
        self.traffic.note(response, seconds)
        if self.watch is not None:
            self.watch(request, response)
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

    async def _read_and_answer(self, request: Request, receive: Receive) -> tuple[Request, Response]:
        """The answer, and the request with its body."""
        dialect = self._router.dialect(request.path)
        try:
            body = await self._body(receive, dialect.max_body)
        except BodyTooLargeError:
            return request, self._last(dialect.too_large(request))
        except TimeoutError:
            return request, closing(dialect.too_slow(request))
        if body:
            request = replace(request, body=body)
        return request, await self._answer(request)

    async def _answer(self, request: Request) -> Response:
        dialect = self._router.dialect(request.path)
        try:
            response = await dialect.answer(request)
        except Exception:  # noqa: BLE001 - the last one who can answer the client
            self._failed(request)
            response = dialect.internal_error(request)
        return self._last(response)

    def _failed(self, request: Request) -> None:
        """Tell of the exception at hand, which is a bug."""
        self.traffic.failures += 1
        _log.error(
            "request_failed",
            request=request.id,
            method=request.method,
            path=request.path,
            traceback=traceback.format_exc(),
        )

    def _last(self, response: Response) -> Response:
        return closing(response) if self.draining else response

    async def _body(self, receive: Receive, limit: int) -> bytes:
        async with asyncio.timeout(self._body_seconds):
            return await _whole_body(receive, limit)


async def _whole_body(receive: Receive, limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
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
