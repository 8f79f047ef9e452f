"""Which id of a run stands for which id of the recording, and recorded requests in the run's own words."""

from collections.abc import Mapping
from typing import Any

import msgspec

from openbourse.wire.recorded import SECRET, TIME, RecordedRequest, in_form

# Unix times below this are seconds.
_SECONDS_BELOW = 10**11


class Ids:
    """Pairs of ids, by kind. Numbers and their texts are one: protocols write both."""

    def __init__(self) -> None:
        self._there: dict[tuple[str, str], str] = {}
        self._here: dict[tuple[str, str], str] = {}

    def bind(self, kind: str, recorded: object, own: object) -> bool:
        """Let the two stand for each other; False when one of them stands for another already."""
        here, there = str(recorded), str(own)
        if (here in _NONE) != (there in _NONE):
            return False
        return (
            self._there.setdefault((kind, here), there) == there
            and self._here.setdefault((kind, there), here) == here
        )

    def own(self, kind: str, recorded: str) -> str:
        """The run's id for a recorded one; the same when that was never seen."""
        return self._there.get((kind, recorded), recorded)


# No id at all: it stands for nothing but itself.
_NONE = ("", "0", "None")


def in_own_words(
    request: RecordedRequest, fields: Mapping[str, str], ids: Ids, shift: int
) -> RecordedRequest:
    """The request with the run's ids, and its times `shift` ms later; letter for letter if equal."""

    def new(name: str, value: str) -> str | None:
        found = _own(fields.get(name, ""), value, ids, shift)
        return None if found == value else found

    path, question, query = request.target.partition("?")
    body = request.body
    if body.lstrip()[:1] in ("{", "["):
        body = _json(body, fields, ids, shift)
    else:
        body = in_form(body, new)
    return request._replace(target=path + question + in_form(query, new), body=body)


def message_in_own_words(value: Any, fields: Mapping[str, str], ids: Ids, shift: int, kind: str = "") -> Any:
    """Decoded JSON with the run's ids and times; numbers stay numbers."""
    if isinstance(value, dict):
        return {
            name: message_in_own_words(member, fields, ids, shift, fields.get(name, ""))
            for name, member in value.items()
        }
    if isinstance(value, list):
        return [message_in_own_words(member, fields, ids, shift, kind) for member in value]
    if isinstance(value, bool) or not isinstance(value, int | str):
        return value
    found = _own(kind, str(value), ids, shift)
    return int(found) if isinstance(value, int) and found.lstrip("-").isdigit() else found


def _json(body: str, fields: Mapping[str, str], ids: Ids, shift: int) -> str:
    try:
        value = msgspec.json.decode(body)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return body
    translated = message_in_own_words(value, fields, ids, shift)
    # What needs no other word keeps its blanks and its order: a server may care.
    return body if translated == value else msgspec.json.encode(translated).decode()


def _own(kind: str, value: str, ids: Ids, shift: int) -> str:
    if not kind or kind == SECRET:
        return value
    if kind != TIME:
        return ids.own(kind, value)
    if not shift or not value.isascii() or not value.isdigit() or len(value) > 16 or value == "0":
        return value
    return str(int(value) + (shift if int(value) >= _SECONDS_BELOW else shift // 1000))
