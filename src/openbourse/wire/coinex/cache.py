"""Answers kept as bytes until what they say changes, so that public endpoints stay cheap.

A kept answer carries the state that it was made from; it is served while that state is the same. There
are only so many keys: markets and assets times the few parameters that an answer depends on.
"""

from collections.abc import Callable, Hashable

import msgspec

_encode = msgspec.json.Encoder().encode


class Cache:
    """Encoded answers by key, each with the state it was made from."""

    def __init__(self) -> None:
        self._kept: dict[Hashable, tuple[object, bytes]] = {}

    def get(self, key: Hashable, state: object, make: Callable[[], object]) -> msgspec.Raw:
        """The JSON of what `make` returns; it is called only if `state` differs from the last one."""
        kept = self._kept.get(key)
        if kept is None or kept[0] != state:
            kept = (state, _encode(make()))
            self._kept[key] = kept
        return msgspec.Raw(kept[1])
