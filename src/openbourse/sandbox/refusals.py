"""The refusals of signed requests, explained: what a sandbox tells and a production venue never would."""

from collections import deque
from collections.abc import Callable
from typing import Any, Final

import msgspec

from openbourse.accounts.records import KeyRecord
from openbourse.sandbox.faults.addressing import Message, Receive, Scope
from openbourse.sandbox.faults.requests import App, Send
from openbourse.wire.coinex import signature_advice as coinex_advice
from openbourse.wire.coinex.auth import KEY_HEADER, TIMESTAMP_HEADER
from openbourse.wire.coinex.errors import Code
from openbourse.wire.coinex.signature_advice import SentRequest
from openbourse.wire.coinw import errors as coinw
from openbourse.wire.coinw import signature_advice as coinw_advice
from openbourse.wire.coinw.parameters import read_parameters
from openbourse.wire.explanation import Explanation

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
    """An ASGI application around another one: looks at the answers and keeps what was refused."""

    def __init__(self, app: App, now: Callable[[], int], find_key: Callable[[str], KeyRecord | None]) -> None:
        """`now` is the venue's time in Unix ms."""
        self.kept: deque[RefusedRequest] = deque(maxlen=MAX_KEPT)
        self._app = app
        self._now = now
        self._find_key = find_key

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
                self._look(scope, bytes(body), message.get("body", b""))
            await send(message)

        await self._app(scope, listen, look)

    def _look(self, scope: Scope, body: bytes, answer: bytes) -> None:
        if not answer.startswith(b'{"code":') or answer.startswith((b'{"code":0,', b'{"code":200,')):
            return
        try:
            code = int(answer[8 : answer.index(b",", 8)])
        except ValueError:
            return
        headers = dict(scope["headers"])
        if str(scope["path"]).startswith("/v2/") and code in _COINEX:
            self._keep_coinex(scope, headers, body, code)
        elif str(scope["path"]).lower().startswith("/appapi") and code in _COINW:
            self._keep_coinw(scope, body, code)

    def _keep_coinex(self, scope: Scope, headers: dict[bytes, bytes], body: bytes, code: int) -> None:
        query: bytes = scope["query_string"]
        target: bytes = scope["raw_path"] + (b"?" + query if query else b"")
        text = headers.get(KEY_HEADER, b"").decode("ascii", "replace")
        timestamp = headers.get(TIMESTAMP_HEADER, b"")
        digits = timestamp.isdigit() and len(timestamp) <= _MAX_DIGITS
        difference = int(timestamp) - self._now() if digits else None
        key = self._known(text, "coinex")
        request = SentRequest(scope["method"], target, headers, body)
        explained = None if key is None else coinex_advice.explain(request, key.secret)
        self._keep(scope, "coinex", code, text, key, difference, explained)

    def _keep_coinw(self, scope: Scope, body: bytes, code: int) -> None:
        text = read_parameters(scope["query_string"], body).get("api_key")
        key = self._known(text, "coinw")
        explained = None if key is None else coinw_advice.explain(scope["query_string"], body, key.secret)
        self._keep(scope, "coinw", code, text, key, None, explained)

    def _known(self, text: str, protocol: str) -> KeyRecord | None:
        key = self._find_key(text) if 0 < len(text) <= 64 else None
        return key if key is not None and key.protocol == protocol and not key.revoked else None

    def _keep(
        self,
        scope: Scope,
        protocol: str,
        code: int,
        text: str,
        key: KeyRecord | None,
        difference: int | None,
        explained: Explanation | None,
    ) -> None:
        client: Any = scope.get("client") or ("", 0)
        self.kept.append(
            RefusedRequest(
                time=self._now(),
                protocol=protocol,
                request=f"{scope['method']} {scope['path']}",
                code=code,
                client_ip=str(client[0]),
                key=text[:64],
                key_known=key is not None,
                ip_allowed=key is not None and key.allow_list.allows(str(client[0])),
                may_trade=key is not None and key.trade_allowed,
                may_withdraw=key is not None and key.withdraw_allowed,
                clock_difference=difference,
                signed=explained.signed if explained else "",
                how=explained.how if explained else "",
                sent=explained.sent if explained else "",
                finding=explained.finding if explained else "the key is not known here, or has ended",
            )
        )
