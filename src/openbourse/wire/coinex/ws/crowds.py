"""Crowds: who is told the same, and what is on its way to them.

Most who follow much follow the same. Equal sets of followers are one object, of whatever they are followers,
so a frame is put down once for all of them, and the bytes of a tick are joined once for all who get the same.
"""

from collections.abc import Collection, Hashable, Iterable, Iterator
from itertools import chain
from typing import Generic, TypeVar
from weakref import WeakValueDictionary

S = TypeVar("S", bound=Hashable)


class Crowd(Generic[S]):
    """Some followers, for ever the same; see `Crowds.of`. They have an order: runs are to be repeatable."""

    __slots__ = ("__weakref__", "_set", "members")

    def __init__(self, members: Iterable[S], as_set: frozenset[S]) -> None:
        self.members = tuple(members)
        self._set = as_set

    def among(self, some: Iterable[S]) -> list[S]:
        """Those of `some` that are members."""
        return [one for one in some if one in self._set]


class Crowds(Generic[S]):
    """All crowds that somebody speaks of, and the frames for them that `take` has not handed out yet."""

    def __init__(self) -> None:
        self._known: WeakValueDictionary[frozenset[S], Crowd[S]] = WeakValueDictionary()
        self._frames: list[bytes] = []
        self._places: dict[Crowd[S], list[int]] = {}  # of the frames of each
        self._without: dict[tuple[Crowd[S], frozenset[S]], Crowd[S]] = {}  # since the last `take`

    def of(self, members: Iterable[S]) -> Crowd[S]:
        """The crowd of these."""
        each = dict.fromkeys(members)
        key = frozenset(each)
        crowd = self._known.get(key)
        if crowd is None:
            crowd = self._known[key] = Crowd(each, key)
        return crowd

    def without(self, crowd: Crowd[S], some: Collection[S]) -> Crowd[S]:
        """The crowd of those who are not among `some`."""
        if not some:
            return crowd
        asked = crowd, frozenset(some)
        rest = self._without.get(asked)
        if rest is None:
            rest = self._without[asked] = self.of([one for one in crowd.members if one not in some])
        return rest

    def deliver(self, crowd: Crowd[S], frame: bytes) -> None:
        """A frame for all of them, after those before it."""
        self._places.setdefault(crowd, []).append(len(self._frames))
        self._frames.append(frame)

    def take(self) -> Iterator[tuple[Collection[S], list[bytes]]]:
        """Everybody for whom there is something, each once, together with those who get exactly the same."""
        frames, self._frames = self._frames, []
        places, self._places = self._places, {}
        self._without.clear()
        if len(places) == 1:
            (crowd,) = places
            yield crowd.members, frames
            return
        for belongs, members in _parted(places).items():
            order = sorted(chain.from_iterable(map(places.__getitem__, belongs)))
            yield members, [frames[place] for place in order]


def _parted(crowds: Iterable[Crowd[S]]) -> dict[tuple[Crowd[S], ...], list[S]]:
    """The members of crowds that overlap, by the crowds to which they belong."""
    belongs: dict[S, list[Crowd[S]]] = {}
    for crowd in crowds:
        for member in crowd.members:
            belongs.setdefault(member, []).append(crowd)
    parts: dict[tuple[Crowd[S], ...], list[S]] = {}
    for member, mine in belongs.items():
        parts.setdefault(tuple(mine), []).append(member)
    return parts


class Followers(Generic[S]):
    """Those of one thing, who come and go; as long as nobody does they are one crowd."""

    def __init__(self, crowds: Crowds[S]) -> None:
        self._crowds = crowds
        self._members: dict[S, None] = {}
        self._crowd: Crowd[S] | None = None

    def __bool__(self) -> bool:
        return bool(self._members)

    @property
    def crowd(self) -> Crowd[S]:
        """All of them."""
        if self._crowd is None:
            self._crowd = self._crowds.of(self._members)
        return self._crowd

    def add(self, member: S) -> None:
        self._members[member] = None
        self._crowd = None

    def discard(self, member: S) -> None:
        """Whether it is there or not."""
        if member in self._members:
            del self._members[member]
            self._crowd = None
