"""What a client has sent: the union of query and body, with the action taken out.

Pure: bytes go in. Reading never fails: what is wrong is kept as `flaw`, since an unknown action has to be
refused before it (reference/coinw/legacy.md §1, §2 and the order of checks in §4).
"""

from collections.abc import Mapping
from typing import Final, NamedTuple
from urllib.parse import unquote_plus

import msgspec
from msgspec import Raw

MAX_FIELDS: Final = 50
MAX_VALUE: Final = 1024

_object = msgspec.json.Decoder(dict[str, Raw])
_string = msgspec.json.Decoder(str)


class Field(NamedTuple):
    """One value: decoded, and `raw` as it was received, which some clients sign."""

    value: str
    raw: str


class Parameters(NamedTuple):
    """`fields` has everything but the action, blank values included. `flaw` is "" or says what is wrong."""

    action: str
    fields: Mapping[str, Field]
    flaw: str = ""

    def get(self, name: str) -> str:
        """The value, "" when it is absent: blank values count as absent."""
        field = self.fields.get(name)
        return field.value if field is not None else ""


def read_parameters(query: bytes, body: bytes = b"") -> Parameters:
    """The parameters of a request. A body that begins with `{` is a JSON object, any other is a form."""
    reading = _Reading()
    reading.form(query)
    if body.lstrip()[:1] == b"{":
        reading.json(body)
    else:
        reading.form(body)
    return Parameters(reading.action, reading.fields, reading.flaw)


class _Reading:
    def __init__(self) -> None:
        self.action = ""
        self.fields: dict[str, Field] = {}
        self.flaw = ""

    def form(self, data: bytes) -> None:
        try:
            text = data.decode()
        except UnicodeDecodeError:
            self.flaw = "not UTF-8"
            text = data.decode(errors="replace")
        for piece in self._pieces(text):
            name, _, value = piece.partition("=")
            self._take(self._decoded(name), Field(self._decoded(value), value))

    def json(self, data: bytes) -> None:
        try:
            members = _object.decode(data)
            for name, member in members.items():
                self._take(name, _scalar(member))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError):
            self.flaw = "not a JSON object of plain values"

    def _pieces(self, text: str) -> list[str]:
        pieces = [piece for piece in text.split("&", 4 * MAX_FIELDS) if piece]
        if len(pieces) > MAX_FIELDS:
            self.flaw = "too many parameters"
            del pieces[MAX_FIELDS:]
        return pieces

    def _take(self, name: str, field: Field) -> None:
        if name == "action":
            self._take_action(field)
        else:
            self._add(name, field)

    def _take_action(self, field: Field) -> None:
        """The action, and the parameters behind a question mark in it: `cancel_entrust?id=1` (§2)."""
        name, question, rest = field.value.partition("?")
        self._name_action(name)
        if not question:
            return
        decode = self._decoded
        if "?" in field.raw:
            rest = field.raw.partition("?")[2]
        else:
            # The client's library has encoded all of it: what is decoded already must not be so again.
            decode = _as_it_is
        for piece in self._pieces(rest):
            inner, _, value = piece.partition("=")
            if decode(inner) == "action":
                self._name_action(decode(value))
            else:
                self._add(decode(inner), Field(decode(value), value))

    def _name_action(self, name: str) -> None:
        """A blank one counts as absent, as all blank values do: the body may name it then (§1, §2)."""
        if not self.action:
            self.action = name
        elif name and self.action != name:
            self.flaw = "two different actions"

    def _add(self, name: str, field: Field) -> None:
        known = self.fields.get(name)
        if known is not None and known.value != field.value:
            self.flaw = f"two different values of {name[:20]}"
        elif len(self.fields) >= MAX_FIELDS or len(name) > MAX_VALUE or len(field.value) > MAX_VALUE:
            self.flaw = "too many or too long parameters"
        elif known is None:
            self.fields[name] = field

    def _decoded(self, text: str) -> str:
        try:
            return unquote_plus(text, errors="strict")
        except UnicodeDecodeError:
            self.flaw = "not UTF-8"
            return unquote_plus(text, errors="replace")


def _scalar(member: Raw) -> Field:
    """A JSON member as the text that a form would have; numbers keep their spelling."""
    literal = bytes(member).decode()
    if literal[0] in "[{":
        raise ValueError("a parameter has to be a plain value")
    if literal[0] == '"':
        literal = _string.decode(literal)
    elif literal == "null":
        literal = ""
    return Field(literal, literal)


def _as_it_is(text: str) -> str:
    return text
