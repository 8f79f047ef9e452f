"""Recordings of CoinEx requests: key and signature in their headers (reference/coinex/conventions.md §2)."""

import hashlib
import hmac
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from openbourse.wire.coinex import auth
from openbourse.wire.coinex.errors import Code
from openbourse.wire.recorded import SECRET, TIME, RecordedRequest, Signer, SignerRefusal

KEY: Final = auth.KEY_HEADER.decode()
SIGNATURE: Final = auth.SIGNATURE_HEADER.decode()
TIMESTAMP: Final = auth.TIMESTAMP_HEADER.decode()

# The one table of what need not be equal: clocks and generated ids.
FIELDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "created_at": TIME,
        "updated_at": TIME,
        "timestamp": TIME,
        "started_at": TIME,
        "ended_at": TIME,
        "expires_at": TIME,
        "start_time": TIME,
        "end_time": TIME,
        "end_Time": TIME,
        "secret_key": SECRET,
        "order_id": "order",
        "order_ids": "order",
        "stop_id": "stop",
        "stop_ids": "stop",
        "deal_id": "trade",
        "last_id": "trade",
        "deposit_id": "deposit",
        "withdraw_id": "withdrawal",
        "tx_id": "transaction",
        "tx_id_display": "transaction",
        "explorer_tx_url": "transaction page",
        "tx_explorer_url": "transaction page",
        "address": "address",
        "to_address": "address",
        "explorer_address_url": "address page",
        "to_addr_explorer_url": "address page",
        "user_id": "user",
        "access_id": "key",
        "api_id": "key number",
    }
)
_TRANSFERS: Final = MappingProxyType({**FIELDS, "id": "transfer"})
_REFUSALS: Final[Mapping[int, SignerRefusal]] = MappingProxyType(
    {Code.UNKNOWN_KEY: "key", Code.WRONG_SIGNATURE: "signature", Code.MALFORMED_SIGNATURE: "signature"}
)


class CoinexRequests:
    """See RecordedWire."""

    name = "coinex"

    def serves(self, path: str) -> bool:
        return path == "/v2" or path.startswith("/v2/")

    def fields(self, request: RecordedRequest) -> Mapping[str, str]:
        return _TRANSFERS if "transfer" in request.target.partition("?")[0] else FIELDS

    def key_of(self, request: RecordedRequest) -> str:
        return request.headers.get(KEY, "")

    def signed(self, request: RecordedRequest, signer: Signer, shift: int) -> RecordedRequest:
        """HMAC-SHA256 over method, target, body and time stamp."""
        headers = dict(request.headers)
        stamp = moved(headers.get(TIMESTAMP, ""), shift)
        if TIMESTAMP in headers:
            headers[TIMESTAMP] = stamp
        headers[KEY] = signer.key_id
        if SIGNATURE in headers:
            text = f"{request.method}{request.target}{request.body}{stamp}"
            headers[SIGNATURE] = digest(text, signer)
        return request._replace(headers=headers)

    def refusal(self, answer: Any) -> SignerRefusal | None:
        code = answer.get("code") if isinstance(answer, dict) else None
        return _REFUSALS.get(code) if isinstance(code, int) else None


def digest(text: str, signer: Signer) -> str:
    """The signature of a text; of another one for a signer who is wrong."""
    signed = text + "?" if signer.wrong else text
    return hmac.new(signer.secret.encode(), signed.encode(), hashlib.sha256).hexdigest()


def moved(stamp: str, shift: int) -> str:
    """A time stamp in ms, `shift` later; what is none stays as it is."""
    return str(int(stamp) + shift) if stamp.isascii() and stamp.isdigit() and len(stamp) <= 16 else stamp
