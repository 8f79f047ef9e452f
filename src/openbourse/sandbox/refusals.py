"""The refusals of signed requests, explained: what a sandbox tells and a production venue never would."""

from collections import deque
from collections.abc import Callable
from typing import Final

import msgspec

from openbourse.accounts.records import KeyRecord
from openbourse.wire.coinex import signature_advice as coinex_advice
from openbourse.wire.coinex.auth import KEY_HEADER, TIMESTAMP_HEADER
from openbourse.wire.coinex.errors import Code
from openbourse.wire.coinex.signature_advice import SentRequest
from openbourse.wire.coinw import errors as coinw
from openbourse.wire.coinw import signature_advice as coinw_advice
from openbourse.wire.coinw.parameters import read_parameters
from openbourse.wire.explanation import Explanation
from openbourse.wire.http.messages import Request, Response

MAX_KEPT: Final = 200
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
    """Sees every answer of an application, and keeps those that refused a signature or a right."""

    def __init__(self, now: Callable[[], int], find_key: Callable[[str], KeyRecord | None]) -> None:
        """`now` is the venue's time in Unix ms."""
        self.kept: deque[RefusedRequest] = deque(maxlen=MAX_KEPT)
        self._now = now
        self._find_key = find_key

    def look(self, request: Request, response: Response) -> None:
        """See `Application.watch`."""
        code = response.code
        if not code:
            return
        if code in _COINEX and request.path.startswith("/v2/"):
            self._keep_coinex(request, code)
        elif code in _COINW and request.path.lower().startswith("/appapi"):
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
