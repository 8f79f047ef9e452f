"""Answers kept as bytes until what they say changes, so that public endpoints stay cheap.

A kept answer carries the state that it was made from; it is served while that state is the same. There
are only so many keys: markets and assets times the few parameters that an answer depends on.
"""

from collections.abc import Callable, Hashable

import msgspec
from msgspec import Raw

_encode = msgspec.json.Encoder().encode


class Cache:
    """Encoded answers by key, each with the state it was made from."""

    def __init__(self) -> None:
        self._kept: dict[Hashable, tuple[object, bytes]] = {}

    def get(self, key: Hashable, state: object, make: Callable[[], object]) -> Raw:
        """The JSON of what `make` returns; it is called only if `state` differs from the last one."""
        return self.find(key, state) or self.keep(key, state, make())

    def find(self, key: Hashable, state: object) -> Raw | None:
        """What was kept for this very state."""
        kept = self._kept.get(key)
        return None if kept is None or kept[0] != state else Raw(kept[1])

    def keep(self, key: Hashable, state: object, answer: object) -> Raw:
        """Keep an answer in the place of the last one with that key, and return its JSON."""
        data = _encode(answer)
        self._kept[key] = (state, data)
        return Raw(data)
