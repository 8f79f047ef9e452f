"""Why a signature is wrong: the text that has to be signed, and the mistakes that can be recognised.

Pure: what a client sent and its secret go in. Nothing that comes out has the secret in it.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import msgspec

from openbourse.wire.coinex import auth
from openbourse.wire.explanation import Explanation, shown


class SentRequest(NamedTuple):
    """A request as it arrived; header names are lower-case."""

    method: str
    target: bytes
    headers: Mapping[bytes, bytes]
    body: bytes


def explain(request: SentRequest, secret: str) -> Explanation:
    """The CoinEx wire: HMAC-SHA256 over method, target, body and time stamp (conventions.md §2)."""
    timestamp = request.headers.get(auth.TIMESTAMP_HEADER, b"")
    sent = request.headers.get(auth.SIGNATURE_HEADER, b"").decode("ascii", "replace")
    text = request.method.encode() + request.target + request.body + timestamp
    finding = "the signature is not there" if not sent else "no mistake that is known: look at the secret"
    for name, variant in _coinex_variants(request, timestamp):
        if sent.lower() in _coinex_digests(variant, secret):
            finding = name
            break
    else:
        if sent in _encodings(text, secret):
            finding = "the right text, but in base64: it has to be in hex digits"
    return Explanation(shown(text), "HMAC-SHA256 with the secret, in hex digits", sent, finding)


def _coinex_variants(request: SentRequest, timestamp: bytes) -> Iterator[tuple[str, bytes]]:
    method, target, body = request.method.encode(), request.target, request.body
    path, _, query = target.partition(b"?")
    yield "the signature is right", method + target + body + timestamp
    yield "the query string was left out", method + path + body + timestamp
    yield "the path was signed without /v2", method + target.removeprefix(b"/v2") + body + timestamp
    yield "the body was left out", method + target + timestamp
    yield "the time stamp was left out", method + target + body
    yield "the method was signed in lower case", method.lower() + target + body + timestamp
    yield "the method was left out", target + body + timestamp
    yield "the time stamp was signed first", timestamp + method + target + body
    yield "the question mark was left out", method + path + query + body + timestamp
    if request.headers.get(b"host"):
        yield "the host was signed too", method + request.headers[b"host"] + target + body + timestamp
    if query:
        ordered = b"&".join(sorted(query.split(b"&")))
        yield "the query was signed in another order", method + path + b"?" + ordered + timestamp
    for name, spelling in _json_spellings(body):
        yield name, method + target + spelling + timestamp


def _json_spellings(body: bytes) -> Iterator[tuple[str, bytes]]:
    """The same JSON as other programs write it: what is sent must be signed byte for byte."""
    try:
        value = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return
    compact = msgspec.json.encode(value)
    loose = compact.replace(b'":', b'": ').replace(b',"', b', "')
    ordered = msgspec.json.encode(value, order="sorted")
    yield "the JSON was signed without blanks and sent with them", compact
    yield "the JSON was signed with blanks and sent without them", loose
    yield "the JSON was signed with its keys sorted and sent in another order", ordered


def _coinex_digests(text: bytes, secret: str) -> tuple[str, ...]:
    key = secret.encode()
    return (
        hmac.new(key, text, hashlib.sha256).hexdigest(),
        hashlib.sha256(text + key).hexdigest(),
    )


def _encodings(text: bytes, secret: str) -> tuple[str, ...]:
    return (base64.b64encode(hmac.new(secret.encode(), text, hashlib.sha256).digest()).decode(),)
