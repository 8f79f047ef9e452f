"""The tree of one asset, built from its leaves as they come: no more than one node of each level is held."""

from collections.abc import Callable, Iterable

from openbourse.liabilities.verifier import Node, join

# Takes every node at its place, once: level (0 for leaves), position on that level, node.
Emit = Callable[[int, int, Node], None]


class TreeBuilder:
    """Add leaves from left to right, then `finish`.

    Nodes of a level are joined in pairs. The last one of an odd level goes up as it is: doubling it would
    let two different lists of leaves have one root.
    """

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._waiting: list[Node | None] = []  # by level: a left node without its right one
        self._counts: list[int] = []

    def add(self, leaf: Node) -> None:
        """ProofError when a sum gets out of range."""
        self._place(0, leaf)

    def finish(self) -> tuple[Node, int]:
        """The topmost node and the number of leaves; ValueError without any."""
        if not self._counts:
            raise ValueError("a tree has at least one leaf")
        level = 0
        while self._counts[level] > 1:
            last, self._waiting[level] = self._waiting[level], None
            level += 1
            if last is not None:
                self._place(level, last)
        top = self._waiting[level]
        assert top is not None, "the only node of a level waits for another"
        return top, self._counts[0]

    def _place(self, level: int, node: Node) -> None:
        while True:
            if level == len(self._counts):
                self._counts.append(0)
                self._waiting.append(None)
            self._emit(level, self._counts[level], node)
            self._counts[level] += 1
            left = self._waiting[level]
            if left is None:
                self._waiting[level] = node
                return
            self._waiting[level] = None
            node, level = join(left, node), level + 1


def beside(position: int, size: int) -> Iterable[tuple[int, int]]:
    """Level and position of the nodes beside the way up from a leaf, in a tree of `size` leaves."""
    level = 0
    while size > 1:
        if position ^ 1 < size:
            yield level, position ^ 1
        position, size, level = position >> 1, (size + 1) >> 1, level + 1
