"""Answers: from the bytes of an envelope to typed results, or to the exception of its code.

reference/coinex/conventions.md §3. Unknown fields are passed over: the original exchange adds some now and
then.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, Final, Generic, TypeVar, get_origin

import msgspec
from msgspec import Raw, Struct

from openbourse.client.coinex.codes import error_of
from openbourse.client.errors import ApiError, UnexpectedAnswer

T = TypeVar("T")

# Where there is no number the protocol has an empty text (§4), for which JSON, and Python, have a word.
_BLANK: Final = re.compile(
    rb'"(last_fill(?:ed)?_(?:amount|price)|actual_amount|risk_rate|rik_rate|liq_price|equity)"\s*:\s*""'
)
_MAX_SHOWN: Final = 200


class Page(Struct, Generic[T], frozen=True):
    """One page of a list; `total` counts all rows that match, where the exchange says so."""

    rows: list[T]
    has_next: bool
    total: int | None = None

    def __iter__(self) -> Iterator[T]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> T:
        return self.rows[index]


class Item(Struct, Generic[T], frozen=True):
    """What became of one part of a batch: either `data` or `error` is there."""

    data: T | None = None
    error: ApiError | None = None

    def result(self) -> T:
        """The data; raises the error of a part that was refused."""
        if self.error is not None:
            raise self.error
        assert self.data is not None, "one of the two is there"
        return self.data


class _Pagination(Struct):
    has_next: bool
    total: int | None = None


class _Envelope(Struct):
    code: int
    data: Raw = Raw(b"null")
    message: str = ""
    pagination: _Pagination | None = None
    # The original's one list of deposits has this one only.
    paginatation: Raw = Raw(b"null")


_envelope: Final = msgspec.json.Decoder(_Envelope)
_items: Final = msgspec.json.Decoder(list[_Envelope])
_twin: Final = msgspec.json.Decoder(_Pagination | None)


@cache
def plain(kind: type[T]) -> Callable[[bytes], T]:
    """Reads answers whose data are one `kind`. The original may have null for an empty list."""
    decoder = msgspec.json.Decoder(kind)
    blank = Raw(b"[]" if get_origin(kind) is list else b"null")

    def read(body: bytes) -> T:
        data = _opened(body).data
        return _decoded(decoder, blank if bytes(data) == b"null" else data)

    return read


def nothing(body: bytes) -> None:
    """Reads answers that say no more than that it was done."""
    _opened(body)


@cache
def page(kind: type[T]) -> Callable[[bytes], Page[T]]:
    """Reads pages of `kind`."""
    decoder: msgspec.json.Decoder[list[T]] = msgspec.json.Decoder(list[kind])  # type: ignore[valid-type]

    def read(body: bytes) -> Page[T]:
        envelope = _opened(body)
        about = envelope.pagination or _decoded(_twin, envelope.paginatation)
        if about is None:
            raise _unexpected(body, "a page without pagination")
        return Page(_decoded(decoder, envelope.data), about.has_next, about.total)

    return read


@cache
def batch(kind: type[T]) -> Callable[[bytes], list[Item[T]]]:
    """Reads batches of `kind`: one item for each part, in their order."""
    decoder = msgspec.json.Decoder(kind)

    def item(envelope: _Envelope) -> Item[T]:
        if envelope.code:
            return Item(error=error_of(envelope.code, envelope.message))
        return Item(_decoded(decoder, envelope.data))

    return lambda body: [item(envelope) for envelope in _decoded(_items, _opened(body).data)]


def with_numbers(text: bytes | Raw) -> bytes:
    """JSON text in which an absent number is null."""
    return _BLANK.sub(rb'"\1":null', bytes(text))


def _opened(body: bytes) -> _Envelope:
    envelope = _decoded(_envelope, body)
    if envelope.code:
        raise error_of(envelope.code, envelope.message)
    return envelope


def _decoded(decoder: "msgspec.json.Decoder[T]", text: bytes | Raw) -> T:
    try:
        return decoder.decode(with_numbers(text) if isinstance(text, Raw) else text)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _unexpected(bytes(text), str(error)) from error


def _unexpected(body: bytes, reason: Any) -> UnexpectedAnswer:
    return UnexpectedAnswer(f"{reason}: {body[:_MAX_SHOWN].decode(errors='replace')}")
