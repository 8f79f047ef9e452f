"""The keys of a run, by the labels that a recording has for keys."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from openbourse.wire.recorded import SECRET, Signer, SignerRefusal

# By protocol, then key id and secret.
Keys = Mapping[str, tuple[str, str]]
_UNKNOWN = Signer("0" * 32, "unknown")


class KeyRing:
    """`users` have keys by name, and stand for the labels `key-1`, `key-2` in their order too.

    `chosen` are other users for labels.
    """

    def __init__(self, users: Mapping[str, Keys], chosen: Mapping[str, str] | None = None) -> None:
        self.missing: set[str] = set()
        self._users = {name: dict(keys) for name, keys in users.items()}
        self._chosen = dict(chosen or {})
        self._names = list(users)

    def signer(self, label: str, protocol: str, refused: SignerRefusal | None = None) -> Signer:
        """Who signs for a label, as wrongly as it was recorded.

        Nobody whom the venue knows, if it did not know the key then, or there is none for it.
        """
        keys = self._users.get(self._user(label), {})
        if refused == "key":
            return _UNKNOWN
        if protocol not in keys:
            # A key that was refused when it was recorded need not be known now.
            if refused is None:
                self.missing.add(label)
            return _UNKNOWN
        return Signer(*keys[protocol], wrong=refused == "signature")

    def learn(self, expected: str, got: str, fields: Mapping[str, str], protocol: str) -> None:
        """Keys that an answer hands out are the run's for what the recording calls by a label."""
        if SECRET not in fields.values() or not any(
            f'"{name}"' in got for name, kind in fields.items() if kind == SECRET
        ):
            return
        try:
            pair = msgspec.json.decode(expected), msgspec.json.decode(got)
        except (msgspec.MsgspecError, RecursionError, ValueError):
            return
        self._look(*pair, fields, protocol)

    def _user(self, label: str) -> str:
        if label in self._chosen:
            return self._chosen[label]
        number = label.removeprefix("key-")
        if label not in self._users and label != number and number.isdigit():
            return self._names[int(number) - 1] if 0 < int(number) <= len(self._names) else ""
        return label

    def _look(self, expected: Any, got: Any, fields: Mapping[str, str], protocol: str) -> None:
        if isinstance(expected, list) and isinstance(got, list):
            for one, other in zip(expected, got, strict=False):
                self._look(one, other, fields, protocol)
        if not isinstance(expected, dict) or not isinstance(got, dict):
            return
        label = _member(expected, fields, "key")
        key, secret = _member(got, fields, "key"), _member(got, fields, SECRET)
        if label and key and secret:
            self._users.setdefault(label, {})[protocol] = (key, secret)
        for name, member in expected.items():
            self._look(member, got.get(name), fields, protocol)


def _member(value: Mapping[str, Any], fields: Mapping[str, str], kind: str) -> str:
    found: Sequence[Any] = [member for name, member in value.items() if fields.get(name) == kind]
    return found[0] if found and isinstance(found[0], str) else ""
