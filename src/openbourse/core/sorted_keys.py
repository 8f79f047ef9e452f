"""Sorted keys: ascending integers, each once, that grow and shrink anywhere at the same small cost.

They lie in blocks of some hundred. A single list would be simpler, but to insert a price somewhere into a
book of a hundred thousand prices would move half of it.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import Any, Final

_FULL: Final = 256
_SPARSE: Final = _FULL // 4

_BISECT_LEFT: Final = bisect_left  # see core.order
_BISECT_RIGHT: Final = bisect_right


class SortedKeys:
    """No block is empty; `_lows` are the first keys of the blocks."""

    def __init__(self) -> None:
        self._blocks: list[list[int]] = []
        self._lows: list[int] = []

    def __bool__(self) -> bool:
        return len(self._blocks) > 0

    def last(self) -> int:
        """The greatest key; there must be one."""
        return self._blocks[-1][-1]

    def descending(self) -> Iterator[int]:
        """All keys, greatest first; they must not change meanwhile."""
        for block in reversed(self._blocks):
            yield from reversed(block)

    def add(self, key: int) -> None:
        """Insert a key that is not there yet."""
        if not self._blocks:
            self._blocks.append([key])
            self._lows.append(key)
            return
        wanted: Any = key  # an object made once, not for each call
        index = self._index(wanted)
        block = self._blocks[index]
        place: int = _BISECT_LEFT(block, wanted)
        block.insert(place, wanted)
        if place == 0:
            self._lows[index] = wanted
        if len(block) > _FULL:
            self._split(index)

    def remove(self, key: int) -> None:
        """Remove a key that is there."""
        wanted: Any = key
        index = self._index(wanted)
        block = self._blocks[index]
        place: int = _BISECT_LEFT(block, wanted)
        del block[place]
        if place == 0 and block:
            self._lows[index] = block[0]
        if len(block) < _SPARSE:
            self._merge(index)

    def _index(self, key: Any) -> int:
        """Of the block where a key is or belongs; most books have one block only."""
        return max(0, _BISECT_RIGHT(self._lows, key) - 1) if len(self._blocks) > 1 else 0

    def _split(self, index: int) -> None:
        block = self._blocks[index]
        upper = block[_FULL // 2 :]
        del block[_FULL // 2 :]
        self._blocks.insert(index + 1, upper)
        self._lows.insert(index + 1, upper[0])

    def _merge(self, index: int) -> None:
        """Let a sparse block become part of the one below it, if both fit; an empty one goes."""
        block = self._blocks[index]
        if block:
            if index == 0 or len(self._blocks[index - 1]) + len(block) > _FULL // 2:
                return
            self._blocks[index - 1].extend(block)
        del self._blocks[index]
        del self._lows[index]
