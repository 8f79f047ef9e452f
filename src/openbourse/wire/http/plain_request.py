"""Plain requests: the form that nearly all requests have, recognised at a glance.

A parser calls back for every field of a header, which costs more than the order that the request places.
What has this form says the same to the parser (tests/wire/http/test_plain_request.py); whatever has not, be
it unusual or wrong, is left to the parser.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from msgspec import Struct

# The runs are possessive: no byte is looked at twice, whatever a client sends.
_HEAD: Final = re.compile(
    rb"([ -~]++)\r\n((?:[!#$%&'*+.^_`|~0-9A-Za-z-]++: [!-~]++(?: ++[!-~]++)*+\r\n)*+)\r\n"
)
# No percent signs in the path, nothing behind a `#`: what they mean is for others to say.
_FIRST_LINE: Final = re.compile(rb"(GET|POST) (/[!-\"$&->@-~]*+)(?:\?([!-\"$-~]++))? HTTP/1\.1")

# Who sends one of these wants more than an answer, or has a body that does not end where its length says.
_UNUSUAL: Final = frozenset({b"expect", b"transfer-encoding", b"upgrade"})
_MAX_DIGITS: Final = 18
_MAX_REMEMBERED: Final = 1_000
_MAX_REMEMBERED_LINE: Final = 300
_MAX_REMEMBERED_BYTES: Final = 500


class FirstLine(Struct, frozen=True, gc=False):
    """`target` is path and query as sent."""

    method: str
    path: str
    target: bytes
    query: bytes


class PlainRequest(Struct, frozen=True, gc=False):
    """Header names are lower-case and differ. `missing` is how many bytes of the body have not come."""

    line: FirstLine
    headers: Mapping[bytes, bytes]
    body: bytes
    missing: int


def recognise(data: bytes, max_headers: int) -> PlainRequest | None:
    """The request that begins with `data` and that nothing follows there, if it is a plain one."""
    if len(data) <= _MAX_REMEMBERED_BYTES and data.startswith(b"GET "):
        return _repeated(data, max_headers)
    return _recognise(data, max_headers)


def _recognise(data: bytes, max_headers: int) -> PlainRequest | None:
    head = _HEAD.match(data)
    if head is None:
        return None
    first, block = head.groups()
    line = _known_line(first) if len(first) <= _MAX_REMEMBERED_LINE else _first_line(first)
    fields = block.split(b"\r\n")
    fields.pop()
    headers: dict[bytes, bytes] = {}
    for field in fields:
        name, _, value = field.partition(b": ")
        headers[name.lower()] = value
    if line is None or len(headers) != len(fields) or len(fields) > max_headers:
        return None
    size = _size_of_body(headers)
    body = data[head.end() :]
    if size is None or len(body) > size:
        return None
    return PlainRequest(line, headers, body, size - len(body))


def _first_line(text: bytes) -> FirstLine | None:
    match = _FIRST_LINE.fullmatch(text)
    if match is None:
        return None
    method, path, query = match.groups()
    target = b"%b?%b" % (path, query) if query else path
    return FirstLine(method.decode("ascii"), path.decode("ascii"), target, query or b"")


# Programs ask for the same few things all the time, those that poll byte for byte.
_known_line: Final = lru_cache(_MAX_REMEMBERED)(_first_line)
_repeated: Final = lru_cache(_MAX_REMEMBERED)(_recognise)


def _size_of_body(headers: dict[bytes, bytes]) -> int | None:
    """None when that, or what becomes of the connection, is not plain to see."""
    if headers.get(b"connection", b"keep-alive").lower() != b"keep-alive" or not _UNUSUAL.isdisjoint(headers):
        return None
    size = headers.get(b"content-length", b"0")
    return int(size) if size.isdigit() and len(size) <= _MAX_DIGITS else None
