"""The censor: takes keys, signatures and secrets out of whatever is recorded, by their names.

It does not ask which protocol a text belongs to, nor whether a venue would take it: what was misspelt, cut
off or sent to the wrong place holds the same secrets. Where a name is seen and nobody can say where its value
ends, nothing is kept.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import quote_plus, unquote_plus

from openbourse.wire.recorded import MASK

# As `_name` has them: without case and punctuation.
_KEYS: Final = frozenset({"apikey", "accessid", "xcoinexkey"})
_SECRETS: Final = frozenset(
    {"sign", "signature", "signedstr", "secretkey", "secret", "apisecret", "xcoinexsign"}
)
# Cheap to look for: what has nothing of these has no secret by name. The last three may hide a name.
_SUSPECT: Final = re.compile(r"sign|key|access|secret|auth|\\u|%|\x00", re.IGNORECASE)
_NAMED: Final = re.compile(
    r"(?<![a-z0-9])(?:api[\W_]?key|access[\W_]?id|signature|signed[\W_]?str|sign|secret[\W_]?key|"
    r"(?:api[\W_]?)?secret|x-coinex-key|x-coinex-sign|server[.]\w*(?:sign|auth)\w*)(?![a-z0-9])",
    re.IGNORECASE,
)
_ESCAPED: Final = re.compile(r"\\u([0-9a-f]{4})", re.IGNORECASE)
_PARAMETER: Final = re.compile(r"([^?;=]*)=")
_PASS: Final = re.compile(r"(?<=//)[^/?#]*@")
_CONTROL: Final = re.compile(r"(^|/)sandbox(/|$)")
_DEPTHS: Final = 3

Label = Callable[[str], str]


class Censor:
    """`label` names a key; a recording has the names only."""

    def __init__(self, label: Label) -> None:
        self._label = label

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Of a request; names are lower-case."""
        return {name: self._header(name, text) for name, text in headers.items()}

    def target(self, target: str) -> str:
        """Path and query of a request, or a whole URL."""
        path, question, query = _PASS.sub("", target).partition("?")
        return (f"/{MASK}" if _assigned(path) else path) + question + self._form(query)

    def body(self, text: str, target: str = "", encoding: str = "") -> str:
        """Of a request to this target, or of its answer. `encoding` is how a client packed it, if it did."""
        if encoding.strip().lower() not in ("", "identity"):
            return MASK if text else text
        path = _plain(target).partition("?")[0].lower()
        control = _CONTROL.search(path) is not None
        if control and "refusals" in path:
            return MASK  # it shows keys, and what was signed, in words
        return self.message(text, also=frozenset({"key"}) if control else frozenset())

    def message(self, text: str, also: frozenset[str] = frozenset()) -> str:
        """JSON, a form, or anything else. `also` are further names of keys."""
        if not also and not _SUSPECT.search(text):
            return text
        walk = _Walk(self._label, _KEYS | also)
        try:
            value = json.loads(text, object_pairs_hook=walk.members)
            # A text alone is JSON too, and has no members.
            if isinstance(value, dict | list):
                kept = walk.settled(value)
                return json.dumps(kept) if walk.found else text
        except RecursionError:
            return MASK
        except ValueError:
            pass
        return self._form(text) if _is_form(text) else self.words(text)

    def words(self, text: str) -> str:
        """What has no form: nothing of it stays if it names a secret."""
        return MASK if _named(text) else text

    def _header(self, name: str, text: str) -> str:
        if _name(name) in _KEYS:
            return self._label(text)
        return MASK if _name(name) in _SECRETS or _assigned(text) else text

    def _form(self, text: str) -> str:
        if not _SUSPECT.search(text):
            return text
        return "&".join(map(self._parameter, text.split("&")))

    def _parameter(self, piece: str) -> str:
        """One of a form, up to its end: its value may hold any character that others take for an end."""
        for found in _PARAMETER.finditer(piece):
            name = _name(_plain(found[1]))
            if name in _KEYS:
                return piece[: found.end()] + quote_plus(self._label(unquote_plus(piece[found.end() :])))
            if name in _SECRETS:
                return piece[: found.end()] + quote_plus(MASK)
        return quote_plus(MASK) if _assigned(piece) else piece


class _Walk:
    """Through one JSON text. Of members with equal names each is seen, whichever a reader would take."""

    def __init__(self, label: Label, keys: frozenset[str]) -> None:
        self.found = False
        self._label = label
        self._keys = keys

    def members(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        """An object, inner ones first."""
        signs = any(name == "method" and isinstance(it, str) and _signs(it) for name, it in pairs)
        return {name: self._member(name, value, signs=signs) for name, value in pairs}

    def settled(self, value: Any) -> Any:
        """The same, without texts that hold a secret themselves, like a URL or JSON in JSON."""
        if isinstance(value, list):
            return [self.settled(each) for each in value]
        if isinstance(value, str) and _assigned(value):
            self.found = True
            return MASK
        return value

    def _member(self, name: str, value: Any, *, signs: bool) -> Any:
        plain = _name(name)
        if plain in self._keys:
            self.found = True
            return self._label(value) if isinstance(value, str) else MASK
        if plain in _SECRETS:
            self.found = True
            return MASK
        if signs and plain == "params":
            self.found = True
            return self._parameters(value)
        return self.settled(value)

    def _parameters(self, value: Any) -> Any:
        """Of a message that signs: all that is known not to be secret is the time stamp."""
        if not isinstance(value, dict):
            return MASK
        known = self._keys | {"timestamp"}
        return {name: each if _name(name) in known else MASK for name, each in value.items()}


def _plain(text: str) -> str:
    """Without what hides letters from who looks for them."""
    for _ in range(_DEPTHS):
        before = text
        text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), unquote_plus(text).replace("\0", ""))
        if text == before:
            break
    return text


def _name(text: str) -> str:
    return "".join(letter for letter in text.lower() if letter.isalnum())


def _named(text: str) -> bool:
    return _SUSPECT.search(text) is not None and _NAMED.search(_plain(text)) is not None


def _assigned(text: str) -> bool:
    """Does a text give a value to such a name? Sentences may have the word "sign"."""
    if not _SUSPECT.search(text):
        return False
    plain = _plain(text)
    return any(plain[found.end() :].lstrip("\"' \\")[:1] in ("=", ":") for found in _NAMED.finditer(plain))


def _signs(method: str) -> bool:
    return "sign" in method.lower() or "auth" in method.lower()


def _is_form(text: str) -> bool:
    """Is it so plain that pieces between `&` are names and values?"""
    return "=" in text and not any(letter in '\r\n"{}<>' for letter in text)
