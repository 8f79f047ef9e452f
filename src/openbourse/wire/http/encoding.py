"""Answers on their way out: which headers they have, and whether their body is compressed."""

import zlib
from functools import lru_cache
from typing import Final

from msgspec.structs import replace

from openbourse.wire.http.messages import Request, Response

GZIP_FROM: Final = 1024
_MAX_PACKED: Final = 64
CLOSE: Final = (b"connection", b"close")

Headers = list[tuple[bytes, bytes]]


def headers_and_body(request: Request, response: Response) -> tuple[Headers, bytes]:
    """All headers of an answer, and its body: compressed when it is long and the client likes that."""
    body = response.body
    headers = [
        (b"content-type", response.content_type),
        (b"x-request-id", request.id.encode()),
        *response.headers,
    ]
    if len(body) >= GZIP_FROM and _takes_gzip(request.headers.get(b"accept-encoding", b"")):
        body = _gzip_once(body) if response.lasting else gzip(body)
        headers.append((b"content-encoding", b"gzip"))
        headers.append((b"vary", b"accept-encoding"))
    headers.append((b"content-length", b"%d" % len(body)))
    return headers, body


def closing(response: Response) -> Response:
    """The same, with the wish that the client come back on another connection."""
    return replace(response, headers=(*response.headers, CLOSE))


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


# Cheap to look up: an object remembers its hash, and a lasting body is the same object every time.
_gzip_once: Final = lru_cache(_MAX_PACKED)(gzip)
