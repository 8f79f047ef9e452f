"""Messages of both directions, as bytes (reference/coinex/websocket.md §1, §2). No network here."""

import zlib
from collections.abc import Mapping
from typing import Final, NamedTuple

import msgspec
from msgspec import Raw, Struct

from openbourse.client.errors import UnexpectedAnswer

MAX_MESSAGE: Final = 16 * 1024 * 1024
"""Bytes of a message when unpacked; the exchange keeps below one MiB."""

_GZIP: Final = 31  # zlib's word for a gzip header around it


class Answer(NamedTuple):
    """To the request of that id: `code` is 0 when it was granted."""

    id: int
    code: int
    message: str
    data: Raw


class Push(NamedTuple):
    """News of a channel, `state` or `depth` and so on."""

    channel: str
    data: Raw


class _Message(Struct):
    id: int | None = None
    method: str | None = None
    code: int | None = None
    message: str = ""
    data: Raw = Raw(b"null")


_decode: Final = msgspec.json.Decoder(_Message).decode


def request(number: int, method: str, params: Mapping[str, object]) -> str:
    """A request as text."""
    return msgspec.json.encode({"id": number, "method": method, "params": params}).decode()


def read(frame: bytes | str) -> Answer | Push | None:
    """What a frame says; None for what is neither an answer to us nor a push. Raises UnexpectedAnswer."""
    try:
        message = _decode(frame if isinstance(frame, str) else _unpacked(frame))
    except (msgspec.MsgspecError, zlib.error, UnicodeDecodeError, RecursionError) as error:
        raise UnexpectedAnswer(f"a message that cannot be read: {error}") from error
    # A copy: what is decoded later must not hold on to the whole message.
    data = message.data.copy()
    if message.method is not None:
        channel, dot, kind = message.method.rpartition(".")
        return Push(channel, data) if dot and kind == "update" else None
    if message.id is None or message.code is None:
        return None
    return Answer(message.id, message.code, message.message, data)


def _unpacked(frame: bytes) -> bytes:
    unpacking = zlib.decompressobj(_GZIP)
    text = unpacking.decompress(frame, MAX_MESSAGE)
    if unpacking.unconsumed_tail or not unpacking.eof:
        raise zlib.error("cut off, or too long")
    return text
