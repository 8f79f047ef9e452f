"""Interest: who wants which names of one channel (ws §6.1, §6.2).

A subscriber has either a set of names, or everything but a set of names. Everything includes what is
listed later.
"""

from collections.abc import Hashable, Iterable, Iterator
from typing import Generic, NamedTuple, TypeVar

S = TypeVar("S", bound=Hashable)


class Selection(NamedTuple):
    """Names, or, with `everything`, all names but these."""

    everything: bool
    names: frozenset[str]

    def covers(self, name: str) -> bool:
        return (name in self.names) != self.everything

    def with_names(self, names: Iterable[str]) -> "Selection":
        """Also these; no names mean everything."""
        added = frozenset(names)
        if not added:
            return EVERYTHING
        return Selection(self.everything, self.names - added if self.everything else self.names | added)

    def without_names(self, names: Iterable[str]) -> "Selection":
        """These no more; no names mean none at all."""
        removed = frozenset(names)
        if not removed:
            return NOTHING
        return Selection(self.everything, self.names | removed if self.everything else self.names - removed)


EVERYTHING = Selection(everything=True, names=frozenset())
NOTHING = Selection(everything=False, names=frozenset())


class Interest(Generic[S]):
    """The selections of all subscribers of one channel."""

    def __init__(self) -> None:
        self._selections: dict[S, Selection] = {}
        # Who share a selection share its messages.
        self._groups: dict[Selection, dict[S, None]] = {}
        self._by_name: dict[str, dict[S, None]] = {}
        # Those of the groups that want everything, or everything but something.
        self._of_everything: dict[Selection, dict[S, None]] = {}

    def __bool__(self) -> bool:
        return bool(self._selections)

    def selection(self, subscriber: S) -> Selection:
        return self._selections.get(subscriber, NOTHING)

    def add(self, subscriber: S, names: Iterable[str]) -> None:
        """The subscriber also wants these; no names mean everything."""
        self._set(subscriber, self.selection(subscriber).with_names(names))

    def remove(self, subscriber: S, names: Iterable[str]) -> None:
        """The subscriber wants these no more; no names mean none at all."""
        self._set(subscriber, self.selection(subscriber).without_names(names))

    def drop(self, subscriber: S) -> None:
        self._set(subscriber, NOTHING)

    def takers(self, name: str) -> list[S]:
        """Everybody who wants `name`, each once."""
        found = list(self._by_name.get(name, ()))
        for selection, members in self._of_everything.items():
            if selection.covers(name):
                found.extend(members)
        return found

    def is_wanted(self, name: str) -> bool:
        """Does anybody want `name`?"""
        return name in self._by_name or any(selection.covers(name) for selection in self._of_everything)

    def groups(self) -> Iterator[tuple[Selection, list[S]]]:
        """Every distinct selection with those who have it."""
        for selection, members in self._groups.items():
            yield selection, list(members)

    def _set(self, subscriber: S, new: Selection) -> None:
        old = self.selection(subscriber)
        if new == old:
            return
        if old != NOTHING:
            self._leave(subscriber, old, new)
        if new == NOTHING:
            return
        self._selections[subscriber] = new
        self._groups.setdefault(new, {})[subscriber] = None
        if new.everything:
            self._of_everything.setdefault(new, {})[subscriber] = None
            return
        for name in new.names - (frozenset() if old.everything else old.names):
            self._by_name.setdefault(name, {})[subscriber] = None

    def _leave(self, subscriber: S, old: Selection, new: Selection) -> None:
        del self._selections[subscriber]
        _discard(self._groups, old, subscriber)
        if old.everything:
            _discard(self._of_everything, old, subscriber)
            return
        for name in old.names - (frozenset() if new.everything else new.names):
            _discard(self._by_name, name, subscriber)


K = TypeVar("K", bound=Hashable)


def _discard(index: dict[K, dict[S, None]], key: K, subscriber: S) -> None:
    members = index[key]
    del members[subscriber]
    if not members:
        del index[key]
