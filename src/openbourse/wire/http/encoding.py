"""Answers on their way out: which headers they have, and whether their body is compressed."""

import zlib
from typing import Final

from msgspec.structs import replace

from openbourse.wire.http.messages import Form, Request, Response

GZIP_FROM: Final = 1024
CLOSE: Final = (b"connection", b"close")
REQUEST_ID: Final = b"x-request-id"


def form(request: Request, response: Response) -> Form:
    """All of an answer but the request's id; compressed when it is long and the client likes that."""
    packed = len(response.body) >= GZIP_FROM and _takes_gzip(request.headers.get(b"accept-encoding", b""))
    forms = response.forms
    if forms is None:
        return _form(response, packed)
    kept = forms.get(packed)
    if kept is None:
        kept = forms[packed] = _form(response, packed)
    return kept


def _form(response: Response, packed: bool) -> Form:
    body = response.body
    headers = [(b"content-type", response.content_type), *response.headers]
    if packed:
        body = gzip(body)
        headers += [(b"content-encoding", b"gzip"), (b"vary", b"accept-encoding")]
    headers.append((b"content-length", b"%d" % len(body)))
    lines = [b"\r\n%b: %b" % header for header in headers]
    return Form(headers, b"".join((*lines, b"\r\n\r\n")), body)


def closing(response: Response) -> Response:
    """The same, with the wish that the client come back on another connection."""
    return replace(response, headers=(*response.headers, CLOSE), forms=None)


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
