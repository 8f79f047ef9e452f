"""The two transports: each sends what it is given once, and says what became of it. Nothing is repeated.

Whether a request that got no answer may have been carried out decides between `Unreachable` and
`OutcomeUnknown`.
"""

from http import HTTPStatus
from typing import Final

from openbourse.client.errors import ClientError, OutcomeUnknown, RateLimited, UnexpectedAnswer, Unreachable
from openbourse.client.loopback import direct
from openbourse.client.request import Sent

try:
    import httpx2
except ImportError as error:  # pragma: no cover - seen only where the extra is missing
    raise ImportError("HTTP needs httpx2: pip install 'openbourse[client]'") from error

HttpClient = httpx2.Client
AsyncHttpClient = httpx2.AsyncClient

DEFAULT_TIMEOUT: Final = 10.0

# Servers close connections that have been idle for some seconds. A request that crosses with that has an
# unknown outcome, so ours are given up before.
_LIMITS: Final = httpx2.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=3.0)

# Nothing has left before these are raised.
_NOT_SENT: Final = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.UnsupportedProtocol,
)
_MAX_SHOWN: Final = 200


class Transport:
    """Requests one after another, or from several threads."""

    def __init__(self, url: str, timeout: float, http: HttpClient | None = None) -> None:
        """`url` without the protocol's path; `timeout` in seconds; `http` to bring one's own."""
        self._url = url.rstrip("/")
        self._http = http or httpx2.Client(timeout=timeout, limits=_LIMITS, mounts=direct(url))

    def send(self, sent: Sent, *, changes: bool) -> bytes:
        """The body of the answer."""
        try:
            answer = self._http.request(
                sent.method, self._url + sent.target, content=sent.body, headers=dict(sent.headers)
            )
        except httpx2.RequestError as error:
            raise no_answer(error, changes=changes) from error
        return checked(answer, changes=changes)

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()


class AsyncTransport:
    """As `Transport`, for asyncio."""

    def __init__(self, url: str, timeout: float, http: AsyncHttpClient | None = None) -> None:
        self._url = url.rstrip("/")
        self._http = http or httpx2.AsyncClient(timeout=timeout, limits=_LIMITS, mounts=direct(url))

    async def send(self, sent: Sent, *, changes: bool) -> bytes:
        """See Transport.send."""
        try:
            answer = await self._http.request(
                sent.method, self._url + sent.target, content=sent.body, headers=dict(sent.headers)
            )
        except httpx2.RequestError as error:
            raise no_answer(error, changes=changes) from error
        return checked(answer, changes=changes)

    async def close(self) -> None:
        """See Transport.close."""
        await self._http.aclose()


def no_answer(error: httpx2.RequestError, *, changes: bool) -> ClientError:
    """What to raise for a request without an answer, or with one that cannot be unpacked."""
    reason = f"{type(error).__name__}: {error}".rstrip(": ")
    if isinstance(error, _NOT_SENT) or not changes:
        return Unreachable(reason)
    return OutcomeUnknown(f"{reason}; look whether it was carried out before sending it again")


def checked(answer: httpx2.Response, *, changes: bool) -> bytes:
    """The body, unless it is a gateway's: both protocols put their own refusals into HTTP 200."""
    if answer.status_code == HTTPStatus.OK:
        return answer.content
    text = f"HTTP {answer.status_code}: {answer.text[:_MAX_SHOWN]}"
    if answer.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        raise RateLimited(answer.status_code, answer.text[:_MAX_SHOWN])
    if changes and answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        # A gateway that waited in vain does not know whether the exchange behind it went on.
        raise OutcomeUnknown(f"{text}; look whether it was carried out before sending it again")
    raise UnexpectedAnswer(text, answer.status_code)
