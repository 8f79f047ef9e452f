"""Comparing what was recorded with what a run got: the first difference, and where in the JSON it is."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from openbourse.sandbox.recording.ids import Ids
from openbourse.wire.recorded import SECRET, TIME

_SHOWN = 200


class Difference(NamedTuple):
    """`path` is like `data.orders[0].price`, "" for the whole."""

    path: str
    expected: str
    got: str


class Finding(NamedTuple):
    """A difference: the line of the file, what it is about, and the recorded messages before it."""

    number: int
    about: str
    difference: Difference
    before: list[str]


class Comparison:
    """Compares member by member. Without `values` only the shape counts: names, types and codes."""

    def __init__(self, ids: Ids, *, values: bool) -> None:
        self._ids = ids
        self._values = values

    @property
    def values(self) -> bool:
        """Do values count?"""
        return self._values

    def bodies(self, expected: str, got: str, fields: Mapping[str, str]) -> Difference | None:
        """Two bodies, of JSON or anything else."""
        try:
            pair = msgspec.json.decode(expected), msgspec.json.decode(got)
        except (msgspec.MsgspecError, RecursionError, ValueError):
            return self.of("", expected, got, {}) if self._values else None
        return self.of("", *pair, fields)

    def of(
        self, path: str, expected: Any, got: Any, fields: Mapping[str, str], kind: str = ""
    ) -> Difference | None:
        """Two decoded values."""
        if isinstance(expected, dict) and isinstance(got, dict):
            return self._objects(path, expected, got, fields)
        if isinstance(expected, list) and isinstance(got, list):
            return self._lists(path, expected, got, fields, kind)
        same_type = type(expected) is type(got)
        if kind in (TIME, SECRET):
            # Never and ever are not the same, whatever the clocks say.
            equal = same_type and bool(expected) == bool(got)
        elif kind and kind != "":
            equal = same_type and (self._ids.bind(kind, expected, got) or not self._values)
        elif self._values or path in ("code", "method"):
            equal = same_type and expected == got
        else:
            equal = same_type or expected is None or got is None
        return None if equal else Difference(path, shown(expected), shown(got))

    def _objects(
        self, path: str, expected: dict[str, Any], got: dict[str, Any], fields: Mapping[str, str]
    ) -> Difference | None:
        for name, member in expected.items():
            place = f"{path}.{name}" if path else name
            if name not in got:
                return Difference(place, shown(member), "nothing")
            # An id of the message itself, which the client has chosen, is none of the venue's.
            kind = "" if not path and name == "id" else fields.get(name, "")
            found = self.of(place, member, got[name], fields, kind)
            if found is not None:
                return found
        for name, member in got.items():
            if name not in expected:
                return Difference(f"{path}.{name}" if path else name, "nothing", shown(member))
        return None

    def _lists(
        self, path: str, expected: list[Any], got: list[Any], fields: Mapping[str, str], kind: str
    ) -> Difference | None:
        for number, (one, other) in enumerate(zip(expected, got, strict=False)):
            found = self.of(f"{path}[{number}]", one, other, fields, kind)
            if found is not None:
                return found
        if len(expected) == len(got) or not self._values:
            return None
        place = f"{path}[{min(len(expected), len(got))}]"
        if len(expected) > len(got):
            return Difference(place, shown(expected[len(got)]), "nothing")
        return Difference(place, "nothing", shown(got[len(expected)]))


def without_times(value: Any, fields: Mapping[str, str]) -> Any:
    """Decoded JSON without what clocks make different."""
    if isinstance(value, dict):
        return {
            name: without_times(member, fields) for name, member in value.items() if fields.get(name) != TIME
        }
    return [without_times(member, fields) for member in value] if isinstance(value, list) else value


def shown(value: object) -> str:
    """JSON for a person, cut where it is long."""
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}... ({len(text)} characters)"
