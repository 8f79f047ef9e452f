"""Parts of answers kept as bytes until what they say changes: the rows of markets and assets.

A kept part carries the state that it was made from; it is served while that state is the same. There are
only so many keys. Whole answers are kept by `SharedAnswers`.
"""

from collections.abc import Callable, Hashable

import msgspec
from msgspec import Raw

_encode = msgspec.json.Encoder().encode


class Cache:
    """Encoded parts by key, each with the state it was made from."""

    def __init__(self) -> None:
        self._kept: dict[Hashable, tuple[object, bytes]] = {}

    def get(self, key: Hashable, state: object, make: Callable[[], object]) -> Raw:
        """The JSON of what `make` returns; it is called only if `state` differs from the last one."""
        kept = self._kept.get(key)
        if kept is None or kept[0] != state:
            kept = self._kept[key] = (state, _encode(make()))
        return Raw(kept[1])
