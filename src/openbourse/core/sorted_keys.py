"""Sorted keys: ascending integers, each once, that grow and shrink anywhere at the same small cost.

They lie in blocks of some hundred. A single list would be simpler, but to insert a price somewhere into a
book of a hundred thousand prices would move half of it. Most keys are wanted near the top, and most books
have one block only: so the highest block is at hand, the lower ones are further away.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

_FULL: Final = 256
_SPARSE: Final = _FULL // 4

_BISECT_LEFT: Final = bisect_left  # see core.order
_BISECT_RIGHT: Final = bisect_right


class SortedKeys:
    """Only `_top` may be empty, if there is no other block; `_lows` are the first keys of the lower blocks.

    Keys come as objects (`Any`), made once and not for each call.
    """

    def __init__(self) -> None:
        self._top: list[int] = []
        self._is_one: bool = True  # block; asked for without a look at the lower ones
        self._lower: list[list[int]] = []
        self._lows: list[int] = []

    def __bool__(self) -> bool:
        return len(self._top) > 0

    def last(self) -> int:
        """The greatest key; there must be one."""
        return self._top[-1]

    def descending(self) -> Iterator[int]:
        """All keys, greatest first; they must not change meanwhile."""
        yield from reversed(self._top)
        for block in reversed(self._lower):
            yield from reversed(block)

    def greatest(self, count: int) -> list[int]:
        """So many keys, if there are, greatest first."""
        if self._is_one or count <= len(self._top):
            return self._top[: -count - 1 : -1]
        return list(islice(self.descending(), count))

    def add(self, key: Any) -> None:
        """Insert a key that is not there yet."""
        if self._is_one or key >= self._top[0]:
            self._top.insert(_BISECT_LEFT(self._top, key), key)
            if len(self._top) > _FULL:
                self._is_one = False
                self._lower.append(self._top[: _FULL // 2])
                self._lows.append(self._top[0])
                del self._top[: _FULL // 2]
            return
        index = self._index(key)
        block = self._lower[index]
        block.insert(_BISECT_LEFT(block, key), key)
        self._lows[index] = block[0]
        if len(block) > _FULL:
            self._lower.insert(index, block[: _FULL // 2])
            del block[: _FULL // 2]
            self._lows[index : index + 1] = [self._lower[index][0], block[0]]

    def remove(self, key: Any) -> None:
        """Remove a key that is there."""
        if self._is_one or key >= self._top[0]:
            del self._top[_BISECT_LEFT(self._top, key)]
            if not self._is_one and len(self._top) < _SPARSE:
                self._refill_top()
            return
        index = self._index(key)
        block = self._lower[index]
        del block[_BISECT_LEFT(block, key)]
        if len(block) < _SPARSE:
            self._merge(index)
        else:
            self._lows[index] = block[0]

    def _index(self, key: Any) -> int:
        """Of the lower block where a key is or belongs."""
        found: int = _BISECT_RIGHT(self._lows, key)
        return max(0, found - 1)

    def _refill_top(self) -> None:
        """A sparse top takes in the block below it, if both fit, or if it has nothing left."""
        below = self._lower[-1]
        if not self._top or len(below) + len(self._top) <= _FULL // 2:
            self._top[:0] = below
            self._lower.pop()
            self._lows.pop()
            self._is_one = not self._lower

    def _merge(self, index: int) -> None:
        """Let a sparse lower block become part of the one below it, if both fit; an empty one goes."""
        block = self._lower[index]
        if block:
            self._lows[index] = block[0]
            if index == 0 or len(self._lower[index - 1]) + len(block) > _FULL // 2:
                return
            self._lower[index - 1].extend(block)
        del self._lower[index]
        del self._lows[index]
        self._is_one = not self._lower
