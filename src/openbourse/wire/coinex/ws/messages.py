"""Messages of both directions, as bytes (ws §1, §2).

A client's message is one JSON object in a text frame. Ours are each a gzip member of their own in one
binary frame. Nothing in a public push depends on the receiver: it is made once and its bytes are written to
every subscriber. What is for one client alone is not worth compressing: it is stored in its gzip member.
"""

import re
from struct import Struct
from typing import Final, NamedTuple

import msgspec
from isal import isal_zlib

from openbourse.wire.coinex.ws.errors import WsError

NULL: Final = b"null"

_GZIP: Final = 31  # window bits: gzip with the largest window; its header then has no time in it
_LEVEL: Final = 1
# A gzip header without a time, then the beginning of a block that is the last one and stored.
_STORED: Final = b"\x1f\x8b\x08\0\0\0\0\0\0\xff\x01"
_LARGEST_BLOCK: Final = 0xFFFF
_HEAD: Final = Struct("<11sHH")
_TAIL: Final = Struct("<II")
_BINARY: Final = b"\x82"  # the last and only frame of a binary message
_PUSH: Final = b'{"method":"%b","data":%b,"id":null}'
_NUMBER: Final = re.compile(rb"-?\d{1,32}")
_MAX_ID: Final = 128

_encode = msgspec.json.Encoder().encode
_decode_text = msgspec.json.Decoder(str).decode
_decode_params = msgspec.json.Decoder(dict[str, object] | list[object] | None).decode

Params = dict[str, object]


class Request(NamedTuple):
    """What a client asks for. `id` is JSON text, echoed as it came; NULL when there was none."""

    id: bytes
    method: str
    params: Params | None


class NotARequestError(Exception):
    """The message has no request in it; `id` is what can be echoed of it."""

    def __init__(self, id_text: bytes = NULL) -> None:
        super().__init__("not a request")
        self.id = id_text


class _Envelope(msgspec.Struct):
    id: msgspec.Raw = msgspec.Raw(NULL)
    method: msgspec.Raw = msgspec.Raw(NULL)
    params: msgspec.Raw = msgspec.Raw(NULL)


_decode_envelope = msgspec.json.Decoder(_Envelope).decode


def decode_request(data: bytes) -> Request:
    """The request in a text message; its `params` are None when they are of a wrong shape.

    Absent, null and [] parameters are {} (ws §2.1). Raises NotARequestError.
    """
    try:
        envelope = _decode_envelope(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise NotARequestError from None
    id_text = _id_text(bytes(envelope.id))
    if id_text is None:
        raise NotARequestError
    try:
        method = _decode_text(envelope.method)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise NotARequestError(id_text) from None
    return Request(id_text, method, _params(envelope.params))


def _id_text(raw: bytes) -> bytes | None:
    """The id as it can be echoed, None for what is no id. The type is kept: clients compare it."""
    if raw == NULL or _NUMBER.fullmatch(raw):
        return raw
    if len(raw) > _MAX_ID:
        return None
    try:
        _decode_text(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    return raw


def _params(raw: msgspec.Raw) -> Params | None:
    try:
        params = _decode_params(raw)
    # ValueError: an integer of more digits than Python reads.
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return None
    if isinstance(params, dict):
        return params
    return None if params else {}


# -- ours -------------------------------------------------------------------------------------------


def success(id_text: bytes, data: object = None) -> bytes:
    """The frame of a good answer; `data` is left out where a method has none (ws §2.2)."""
    if data is None:
        return private_frame(b'{"id":%b,"code":0,"message":"OK"}' % id_text)
    return private_frame(b'{"id":%b,"code":0,"data":%b,"message":"OK"}' % (id_text, _encode(data)))


def failure(id_text: bytes, error: WsError) -> bytes:
    """The frame of a refusal."""
    text = _encode(error.message)
    return private_frame(b'{"id":%b,"code":%d,"message":%b}' % (id_text, int(error.code), text))


def push(method: bytes, data: object) -> bytes:
    """The frame of a push. Its id is there and null: a client takes any other for an answer (ws §2.3)."""
    return frame(_PUSH % (method, _encode(data)))


def private_push(method: bytes, data: object) -> bytes:
    """As `push`, for the sessions of one account."""
    return private_frame(_PUSH % (method, _encode(data)))


def encode(data: object) -> msgspec.Raw:
    """A part of a push, encoded ahead because several pushes share it."""
    return msgspec.Raw(_encode(data))


def frame(text: bytes) -> bytes:
    """JSON text as the bytes on the socket: gzip in one unmasked binary frame (RFC 6455 §5.2)."""
    return _binary(isal_zlib.compress(text, _LEVEL, _GZIP))


def private_frame(text: bytes) -> bytes:
    """As `frame`, quickly: the text as it is in one stored block (RFC 1951 §3.2.4), if it has room there."""
    size = len(text)
    if size > _LARGEST_BLOCK:
        return frame(text)
    head = _HEAD.pack(_STORED, size, size ^ 0xFFFF)
    return _binary(head + text + _TAIL.pack(isal_zlib.crc32(text), size))


def _binary(payload: bytes) -> bytes:
    size = len(payload)
    if size < 126:
        return b"%b%b%b" % (_BINARY, size.to_bytes(1), payload)
    if size < 65536:
        return b"%b\x7e%b%b" % (_BINARY, size.to_bytes(2), payload)
    return b"%b\x7f%b%b" % (_BINARY, size.to_bytes(8), payload)
