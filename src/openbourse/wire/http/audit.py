"""The audit trail of those who were not let in: one line in the log, never with anything secret."""

import time
from typing import Final

import structlog

from openbourse.venue.token_buckets import Buckets
from openbourse.wire.http.messages import Request
from openbourse.wire.http.sources import source_of

_SHOWN: Final = 4

_log = structlog.get_logger(__name__)


class AuthAudit:
    """Logs failed authentications, at most `per_second` of one source: a flood must not fill the disk.

    How many there were in all is in the metrics.
    """

    def __init__(self, per_second: int = 1) -> None:
        self._buckets = Buckets[str](per_second)

    def failed(self, request: Request, endpoint: str, code: int, key_id: bytes) -> None:
        """`key_id` is what the client sent, whatever that is."""
        self.failed_from(request.client_ip, endpoint, code, key_id, request=request.id)

    def failed_from(self, client_ip: str, endpoint: str, code: int, key_id: bytes, **more: str) -> None:
        """As `failed`, for those who came otherwise than by a request over HTTP; `more` is logged too."""
        if self._buckets.take(source_of(client_ip), 1, time.monotonic_ns() // 1_000_000)[0]:
            _log.warning(
                "authentication_failed",
                **more,
                endpoint=endpoint,
                code=int(code),
                client=client_ip,
                key=masked(key_id),
            )


def masked(key_id: bytes) -> str:
    """Enough of a key id to recognise one's own; a client may have sent its secret by mistake."""
    text = "".join(chr(byte) if chr(byte).isalnum() and byte < 128 else "?" for byte in key_id[:_SHOWN])
    return f"{text}***" if len(key_id) > 2 * _SHOWN else "***"
