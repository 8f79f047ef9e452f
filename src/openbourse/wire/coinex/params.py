"""Request parameters: from a JSON body or a query string to typed structs, liberally.

Endpoints declare a `Params` struct; a `Reader` fills it. The documented form of a body is decoded in
one step. Whatever that step refuses is repaired first, as far as the reference allows
(conventions.md §4, spot.md §1): absent, null and "" are the same; decimals may be numbers (their
literal text counts, never a float); whole numbers and flags may be text; some names have aliases.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Annotated, ClassVar, Final, Generic, TypeVar
from urllib.parse import unquote_to_bytes

import msgspec
from msgspec import Meta, Raw, Struct, inspect

from openbourse.core.decimals import read_scaled
from openbourse.wire.coinex.errors import ApiError, Code

MAX_NESTING: Final = 64
MAX_QUERY_FIELDS: Final = 100
MAX_MARKETS: Final = 10
MAX_REMEMBERED: Final = 500
MAX_REMEMBERED_BYTES: Final = 200
_MAX_WHOLE: Final = 2**53 - 1
# No id is as large as this, but clients may ask for any of 64 bits: it is unknown, not malformed.
_MAX_ID: Final = 2**63 - 1
_MAX_OFFSET: Final = 2**53

# `$` alone would also match before a line break at the end of the text.
_DECIMAL: Final = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,2})?$(?!\n)"
_CLIENT_ID: Final = r"^[A-Za-z0-9_-]{1,32}$(?!\n)"

_MALFORMED: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

DecimalText = Annotated[str, Meta(pattern=_DECIMAL, max_length=80, description="A decimal number as text.")]
Name = Annotated[str, Meta(min_length=1, max_length=64)]
NameList = Annotated[str, Meta(min_length=1, max_length=64 * MAX_MARKETS, description="Separated by commas.")]
LongText = Annotated[str, Meta(max_length=256)]
NeededText = Annotated[str, Meta(min_length=1, max_length=256)]
ClientId = Annotated[str, Meta(pattern=_CLIENT_ID, description="Letters, digits, - and _.")]
Id = Annotated[int, Meta(ge=0, le=_MAX_ID)]
Milliseconds = Annotated[int, Meta(ge=0, le=_MAX_WHOLE, description="Unix time in milliseconds.")]
Count = Annotated[int, Meta(ge=1, le=_MAX_WHOLE)]


class Params(Struct, kw_only=True, frozen=True):
    """Base of all parameter structs. `aliases` maps other spellings that are read to the field meant.

    Texts that may be left out default to "" or None; all others must exclude "" by their type, since
    an empty text means that nothing was given.
    """

    aliases: ClassVar[Mapping[str, str]] = {}


class Paged(Params, kw_only=True, frozen=True):
    """Parameters of a paged list (conventions.md §3.3)."""

    page: Count = 1
    limit: Count = 10

    def window(self, most: int) -> tuple[int, int]:
        """How many rows to skip and to show, at most `most`; larger limits are clamped silently."""
        limit = min(self.limit, most)
        return min((self.page - 1) * limit, _MAX_OFFSET), limit


P = TypeVar("P", bound=Params)


class Reader(Generic[P]):
    """Reads one kind of parameters; made once per endpoint. Every failure is an ApiError:

    4004 for a body that is no JSON, 3639 for anything that is wrong with the parameters in it.
    """

    def __init__(self, params: type[P]) -> None:
        """TypeError when the struct has a field to which "" would be a value."""
        self._decoder = msgspec.json.Decoder(params)
        self._repairs = {field.encode_name: _repair(field) for field in _fields(params)}
        self._aliases = dict(params.aliases)
        # Programs that poll say the same thing every time; what it means does not change.
        self._remembered = lru_cache(MAX_REMEMBERED)(self._query)
        unknown = set(self._aliases.values()) - set(self._repairs)
        if unknown:
            raise TypeError(f"{params.__name__} has aliases of unknown fields: {sorted(unknown)}")

    def body(self, data: bytes | Raw) -> P:
        """From a JSON object, or one item of a list of them; an empty body is an empty object."""
        data = bytes(data) or b"{}"
        _check_nesting(data)
        # An alias is an unknown name to the decoder, which would pass over it in silence.
        if not self._aliases:
            try:
                return self._decoder.decode(data)
            except _MALFORMED:
                pass
        try:
            given = _object_decoder.decode(data)
        except msgspec.ValidationError as error:
            raise ApiError(Code.INVALID_PARAMETER) from error
        except _MALFORMED as error:
            raise ApiError(Code.INVALID_ARGUMENT) from error
        return self._repaired({name: bytes(value) for name, value in given.items()})

    def query(self, query: bytes) -> P:
        """From the raw query string, percent-encoded or not; of a repeated name the last one counts."""
        return self._remembered(query) if len(query) <= MAX_REMEMBERED_BYTES else self._query(query)

    def _query(self, query: bytes) -> P:
        parts = query.split(b"&", MAX_QUERY_FIELDS)
        if len(parts) > MAX_QUERY_FIELDS:
            raise ApiError(Code.INVALID_PARAMETER)
        given: dict[str, bytes] = {}
        try:
            for part in parts:
                name, _, value = part.partition(b"=")
                given[_unquoted(name)] = _encode(_unquoted(value))
        except UnicodeDecodeError as error:
            raise ApiError(Code.INVALID_PARAMETER) from error
        return self._repaired(given)

    def _repaired(self, given: dict[str, bytes]) -> P:
        """From JSON texts by name, each brought into the form that its field is declared with."""
        chosen: dict[str, bytes] = {}
        for name, text in given.items():
            if text in (b"null", b'""'):
                continue
            if name in self._repairs:
                chosen[name] = text
            elif name in self._aliases:
                # The field's own name goes first, in whatever order the two were sent.
                chosen.setdefault(self._aliases[name], text)
        fields = [b'"%b":%b' % (name.encode(), self._repairs[name](text)) for name, text in chosen.items()]
        try:
            return self._decoder.decode(b"{%b}" % b",".join(fields))
        except msgspec.ValidationError as error:
            raise ApiError(Code.INVALID_PARAMETER) from error
        except _MALFORMED as error:
            raise ApiError(Code.INVALID_ARGUMENT) from error


def units(text: str, decimals: int, keep: int | None = None) -> int:
    """A `DecimalText` as an integer of 10^-decimals, truncated toward zero after `keep` decimals.

    Raises 3639 when it is absurdly large or small.
    """
    try:
        return read_scaled(text, decimals, keep)
    except ValueError as error:
        raise ApiError(Code.INVALID_PARAMETER) from error


@lru_cache(MAX_REMEMBERED)
def names(text: str) -> tuple[str, ...]:
    """The names in a comma list, each once; none for an empty text. Raises 3639 for more than ten."""
    found = tuple(dict.fromkeys(name for part in text.split(",") if (name := part.strip())))
    if len(found) > MAX_MARKETS:
        raise ApiError(Code.INVALID_PARAMETER)
    return found


# -- repairs: JSON text in, JSON text out ---------------------------------------------------------

_WHOLE: Final = re.compile(rb'"(-?[0-9]{1,19})"')
_FLAGS: Final = {b'"true"': b"true", b'"false"': b"false", b'"True"': b"true", b'"False"': b"false"}


def _as_is(text: bytes) -> bytes:
    """Only the declared form is read."""
    return text


def _decimal(text: bytes) -> bytes:
    """A JSON number becomes the text of its literal."""
    return b'"%b"' % text if text[:1] in b"-0123456789" else text


def _whole(text: bytes) -> bytes:
    """Digits as text become a JSON number."""
    digits = _WHOLE.fullmatch(text)
    return b"%d" % int(digits[1]) if digits else text


def _flag(text: bytes) -> bytes:
    """True and false as text, in JSON's spelling or Python's."""
    return _FLAGS.get(text, text)


def _fields(params: type[Params]) -> tuple[inspect.Field, ...]:
    info = inspect.type_info(params)
    assert isinstance(info, inspect.StructType)
    return info.fields


def _repair(field: inspect.Field) -> Callable[[bytes], bytes]:
    for part in _alternatives(field.type):
        if isinstance(part, inspect.IntType):
            return _whole
        if isinstance(part, inspect.BoolType):
            return _flag
        if isinstance(part, inspect.StrType):
            if part.pattern == _DECIMAL:
                return _decimal
            takes_empty = not part.min_length and (part.pattern is None or re.search(part.pattern, ""))
            if takes_empty and field.default != "":
                raise TypeError(f"the parameter {field.name} would take an empty text for a value")
    return _as_is


def _alternatives(kind: inspect.Type) -> list[inspect.Type]:
    """The types that a field may have, without the descriptions around them."""
    if isinstance(kind, inspect.Metadata):
        return _alternatives(kind.type)
    if isinstance(kind, inspect.UnionType):
        return [part for member in kind.types for part in _alternatives(member)]
    return [kind]


# -- JSON and query texts -------------------------------------------------------------------------

_object_decoder = msgspec.json.Decoder(dict[str, Raw])
_encode = msgspec.json.Encoder().encode

# The closing quote is optional and the runs are possessive, so that every byte is looked at once,
# even in a body that consists of nothing but backslashes and quotes.
_STRING: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_NO_BRACKETS: Final = bytes(byte for byte in range(256) if byte not in b"[]{}")


def _unquoted(text: bytes) -> str:
    return unquote_to_bytes(text.replace(b"+", b" ")).decode()


def _check_nesting(data: bytes) -> None:
    """Raises 4004 for a body nested so deep that only an attacker would send it."""
    if data.count(b"[") + data.count(b"{") <= MAX_NESTING:
        return
    depth = 0
    for bracket in _STRING.sub(b"", data).translate(None, _NO_BRACKETS):
        depth += 1 if bracket in b"[{" else -1
        if depth > MAX_NESTING:
            raise ApiError(Code.INVALID_ARGUMENT)
