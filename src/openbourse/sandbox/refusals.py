"""The refusals of signed requests, explained: what a sandbox tells and a production venue never would."""

from collections import deque
from collections.abc import Callable
from typing import Final

import msgspec

from openbourse.accounts.records import KeyRecord
from openbourse.sandbox.faults.addressing import Message, Receive, Scope
from openbourse.sandbox.faults.requests import Send
from openbourse.wire.coinex import signature_advice as coinex_advice
from openbourse.wire.coinex.auth import KEY_HEADER, TIMESTAMP_HEADER
from openbourse.wire.coinex.errors import Code
from openbourse.wire.coinex.signature_advice import SentRequest
from openbourse.wire.coinw import errors as coinw
from openbourse.wire.coinw import signature_advice as coinw_advice
from openbourse.wire.coinw.parameters import read_parameters
from openbourse.wire.explanation import Explanation
from openbourse.wire.http.asgi import Application
from openbourse.wire.http.messages import Request, Response

MAX_KEPT: Final = 200
_MAX_BODY: Final = 64 * 1024
_MAX_DIGITS: Final = 16
_COINEX: Final = {
    Code.UNKNOWN_KEY,
    Code.WRONG_SIGNATURE,
    Code.IP_NOT_ALLOWED,
    Code.MALFORMED_SIGNATURE,
    Code.REQUEST_EXPIRED,
    Code.USER_FORBIDDEN,
    Code.KEY_LACKS_PERMISSION,
    Code.SUB_ACCOUNT_LACKS_PERMISSION,
}
_COINW: Final = {
    coinw.Code.KEY,
    coinw.Code.SIGNATURE,
    coinw.Code.NO_TRADING,
    coinw.Code.NO_WITHDRAWAL,
}


class RefusedRequest(msgspec.Struct, frozen=True):
    """`clock_difference` is the client's time less the venue's, in ms, None where it sent none.

    `signed`, `how` and `finding` are those of an `Explanation`, "" for a key that is not known.
    """

    time: int
    protocol: str
    request: str
    code: int
    client_ip: str
    key: str
    key_known: bool
    ip_allowed: bool
    may_trade: bool
    may_withdraw: bool
    clock_difference: int | None
    signed: str
    how: str
    sent: str
    finding: str


class RefusalWatch:
    """Stands around an application, asked by ASGI or directly, and keeps what it refused."""

    def __init__(
        self, app: Application, now: Callable[[], int], find_key: Callable[[str], KeyRecord | None]
    ) -> None:
        """`now` is the venue's time in Unix ms."""
        self.kept: deque[RefusedRequest] = deque(maxlen=MAX_KEPT)
        self._app = app
        self._now = now
        self._find_key = find_key

    async def respond(self, request: Request) -> Response:
        """See `DirectDoor.respond`."""
        response = await self._app.respond(request)
        self._look(request, response.body)
        return response

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = bytearray()

        async def listen() -> Message:
            message = await receive()
            if len(body) < _MAX_BODY:
                body.extend(message.get("body", b""))
            return message

        async def look(message: Message) -> None:
            if message["type"] == "http.response.body":
                self._look(self._app.request_of(scope, bytes(body)), message.get("body", b""))
            await send(message)

        await self._app(scope, listen, look)

    def _look(self, request: Request, answer: bytes) -> None:
        if not answer.startswith(b'{"code":') or answer.startswith((b'{"code":0,', b'{"code":200,')):
            return
        try:
            code = int(answer[8 : answer.index(b",", 8)])
        except ValueError:
            return
        if request.path.startswith("/v2/") and code in _COINEX:
            self._keep_coinex(request, code)
        elif request.path.lower().startswith("/appapi") and code in _COINW:
            self._keep_coinw(request, code)

    def _keep_coinex(self, request: Request, code: int) -> None:
        text = request.headers.get(KEY_HEADER, b"").decode("ascii", "replace")
        timestamp = request.headers.get(TIMESTAMP_HEADER, b"")
        digits = timestamp.isdigit() and len(timestamp) <= _MAX_DIGITS
        difference = int(timestamp) - self._now() if digits else None
        key = self._known(text, "coinex")
        sent = SentRequest(request.method, request.target, request.headers, request.body)
        explained = None if key is None else coinex_advice.explain(sent, key.secret)
        self._keep(request, "coinex", code, text, key, difference, explained)

    def _keep_coinw(self, request: Request, code: int) -> None:
        text = read_parameters(request.query, request.body).get("api_key")
        key = self._known(text, "coinw")
        explained = None if key is None else coinw_advice.explain(request.query, request.body, key.secret)
        self._keep(request, "coinw", code, text, key, None, explained)

    def _known(self, text: str, protocol: str) -> KeyRecord | None:
        key = self._find_key(text) if 0 < len(text) <= 64 else None
        return key if key is not None and key.protocol == protocol and not key.revoked else None

    def _keep(
        self,
        request: Request,
        protocol: str,
        code: int,
        text: str,
        key: KeyRecord | None,
        difference: int | None,
        explained: Explanation | None,
    ) -> None:
        self.kept.append(
            RefusedRequest(
                time=self._now(),
                protocol=protocol,
                request=f"{request.method} {request.path}",
                code=code,
                client_ip=request.client_ip,
                key=text[:64],
                key_known=key is not None,
                ip_allowed=key is not None and key.allow_list.allows(request.client_ip),
                may_trade=key is not None and key.trade_allowed,
                may_withdraw=key is not None and key.withdraw_allowed,
                clock_difference=difference,
                signed=explained.signed if explained else "",
                how=explained.how if explained else "",
                sent=explained.sent if explained else "",
                finding=explained.finding if explained else "the key is not known here, or has ended",
            )
        )
