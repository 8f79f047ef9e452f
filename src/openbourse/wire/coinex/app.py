"""The CoinEx dialect over HTTP: every request on its way through the checks to its handler.

The order of the checks is that of reference/coinex/conventions.md §2.6.
"""

import traceback
import zlib

import structlog

from openbourse.accounts.errors import AccountsError
from openbourse.accounts.records import KeyRecord
from openbourse.core.refusal import Refusal
from openbourse.history.writer import HistoryUnavailableError
from openbourse.venue.sequencer import Busy, OutcomeUnknown, VenueStopped
from openbourse.wire.coinex import envelope
from openbourse.wire.coinex.answers import api_error, of_account
from openbourse.wire.coinex.auth import KEY_HEADER, authenticate
from openbourse.wire.coinex.common import is_open, require_open
from openbourse.wire.coinex.desk import Call, Desk
from openbourse.wire.coinex.endpoint import AnyEndpoint
from openbourse.wire.coinex.endpoints import ENDPOINTS
from openbourse.wire.coinex.errors import ApiError, Code
from openbourse.wire.coinex.rate_limits import NO_LIMIT, Headers, RateLimiter, Verdict
from openbourse.wire.coinex.shared_answers import SharedAnswers
from openbourse.wire.http.audit import AuthAudit
from openbourse.wire.http.messages import Request, Response
from openbourse.wire.http.router import NOT_FOUND, TOO_MANY
from openbourse.wire.http.sources import source_of

_log = structlog.get_logger(__name__)


class CoinexApp:
    """Serves `/v2` of one venue. See `Dialect` for its methods."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._settings = desk.settings
        self._limiter = RateLimiter(desk.venue.quotas, desk.settings.rate_limits)
        self._audit = AuthAudit()
        self._shared = SharedAnswers()
        self._routes: dict[str, dict[str, AnyEndpoint]] = {}
        for endpoint in ENDPOINTS:
            self._routes.setdefault(endpoint.path, {})[endpoint.method] = endpoint

    @property
    def max_body(self) -> int:
        return self._settings.max_body

    def admits(self, address: str) -> bool:
        """Count one request of that address; beyond its limit it is not to be answered."""
        return self._limiter.admit_address(address, self._desk.monotonic())

    async def answer(self, request: Request) -> Response:
        """HTTP 200 with a code, but for the limit per address (429) and unknown paths (404)."""
        if not self._limiter.admit_address(request.client_ip, self._desk.monotonic()):
            return TOO_MANY
        methods = self._routes.get(request.path)
        if methods is None:
            return NOT_FOUND
        endpoint = methods.get(request.method)
        if endpoint is None:
            return _failure(ApiError(Code.UNKNOWN_METHOD))
        if not self._desk.venue.in_touch:
            return _failure(ApiError(Code.BUSY), endpoint=endpoint.name)
        try:
            key = None if endpoint.access == "public" else self._signer(request)
        except ApiError as error:
            self._audit.failed(request, endpoint.name, error.code, request.headers.get(KEY_HEADER, b""))
            return _failure(error, endpoint=endpoint.name, barred="auth")
        try:
            limited = endpoint.group is not None and self._limiter.enabled
            verdict = await self._admit(endpoint, key, request) if limited else NO_LIMIT
        except Busy:
            return _failure(ApiError(Code.BUSY), endpoint=endpoint.name)
        if not verdict.allowed:
            return _failure(ApiError(Code.TOO_MANY_REQUESTS), verdict.headers, endpoint.name, "limit")
        return await self._carry_out(endpoint, key, request, verdict.headers)

    def known(self, request: Request) -> Response | None:
        """The answer where it is what everybody was told last, and nothing forbids to tell it again.

        The checks are those of `answer`, of which most cannot fail here.
        """
        response = self._shared.known(request)
        venue = self._desk.venue
        if response is None or not venue.in_touch or not is_open(request.path, venue):
            return None
        if not self._limiter.admit_address(request.client_ip, self._desk.monotonic()):
            return TOO_MANY
        return response

    def too_large(self, request: Request) -> Response:
        del request
        return _failure(ApiError(Code.INVALID_ARGUMENT, "the body is too large"))

    def too_slow(self, request: Request) -> Response:
        del request
        return _failure(ApiError(Code.INVALID_ARGUMENT, "the body did not arrive in time"))

    def internal_error(self, request: Request) -> Response:
        del request
        return _failure(ApiError(Code.INTERNAL))

    def _signer(self, request: Request) -> KeyRecord:
        return authenticate(
            request.method,
            request.target,
            request.headers,
            request.body,
            client_ip=request.client_ip,
            now=self._desk.venue.present(),
            lookup=self._desk.venue.find_key,
            plain_sha256=self._settings.accept_plain_sha256,
        )

    async def _admit(self, endpoint: AnyEndpoint, key: KeyRecord | None, request: Request) -> Verdict:
        assert endpoint.group is not None, "only some endpoints are limited"
        # A limited public endpoint counts by address (§7.4); negative numbers are nobody's account.
        account = key.user if key is not None else -1 - zlib.crc32(source_of(request.client_ip).encode())
        return await self._limiter.admit(account, endpoint.group, endpoint.cost(request.body))

    async def _carry_out(
        self, endpoint: AnyEndpoint, key: KeyRecord | None, request: Request, headers: Headers
    ) -> Response:
        params = None
        name = endpoint.name
        try:
            if key is not None:
                endpoint.require_rights(key)
            require_open(endpoint.path, self._desk.venue)
            call = Call(self._desk, None if key is None else key.owner)
            if endpoint.state is not None:
                return self._shared.known(request) or await self._shared.made(endpoint, call, request)
            params = endpoint.read(request.query, request.body)
            body = await endpoint.handler(call, params)
            return Response(body, headers=headers, endpoint=name, code=0)
        except ApiError as error:
            return _failure(error, headers, name)
        except Refusal as refusal:
            return _failure(api_error(refusal, getattr(params, "market", None) or ""), headers, name)
        except AccountsError as error:
            return _failure(of_account(error), headers, name)
        except Busy:
            return _failure(ApiError(Code.BUSY), headers, name)
        except OutcomeUnknown:
            return _failure(ApiError(Code.TIMED_OUT), headers, name)
        except (VenueStopped, HistoryUnavailableError):
            return _failure(ApiError(Code.UNAVAILABLE), headers, name)
        except Exception:  # noqa: BLE001 - the client gets an answer with its rate-limit headers all the same
            _log.error(
                "request_failed",
                request=request.id,
                method=request.method,
                path=request.path,
                traceback=traceback.format_exc(),
            )
            return _failure(ApiError(Code.INTERNAL), headers, name)


def _failure(error: ApiError, headers: Headers = (), endpoint: str = "", barred: str = "") -> Response:
    return Response(
        envelope.failure(error), headers=headers, endpoint=endpoint, code=int(error.code), barred=barred
    )
