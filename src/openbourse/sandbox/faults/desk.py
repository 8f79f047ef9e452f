"""The desk: keeps the rules, throws the dice, and writes down every fault that struck."""

from collections import deque
from collections.abc import Callable, Iterator
from random import Random
from typing import Final

import msgspec

from openbourse.sandbox.faults.rules import Kind, Rule

MAX_RULES: Final = 100
MAX_INJECTED: Final = 10_000


# Can the fault of a rule change anything here? Where it cannot, it does not strike, nor is it counted.
Applies = Callable[[Rule], bool]


def _always(rule: Rule) -> bool:
    del rule
    return True


class FaultError(Exception):
    """The desk cannot do that; the text is a sentence for the user."""


class Injected(msgspec.Struct, frozen=True):
    """One fault that struck: where, at which venue time (Unix ms), and whose key it was ("" for none)."""

    number: int
    rule: int
    kind: Kind
    where: str
    key: str
    time: int


class Standing(msgspec.Struct):
    """A rule with its number, the venue time (Unix ms) since when it stands, and how often it has struck."""

    id: int
    rule: Rule
    since: int
    struck: int = 0


class FaultDesk:
    """Equal seeds and equal traffic get equal faults: every rule has dice of its own.

    `now` is the venue's time in Unix ms. For the event loop's thread.
    """

    def __init__(self, now: Callable[[], int], seed: int = 1) -> None:
        self.injected: deque[Injected] = deque(maxlen=MAX_INJECTED)
        self.on_added: Callable[[Rule], None] | None = None
        self.on_cleared: Callable[[], None] | None = None
        self._now = now
        self._seed = seed
        self._rules: dict[int, Standing] = {}
        self._dice: dict[int, Random] = {}
        self._last_rule = 0
        self._last_fault = 0

    @property
    def armed(self) -> bool:
        """Is there any rule? Without one nothing is looked at."""
        return bool(self._rules)

    def rules(self) -> list[Standing]:
        """All that stand, oldest first; a rule that has struck `count` times is gone."""
        return list(self._rules.values())

    def add(self, rule: Rule) -> int:
        """The number of the new rule. Raises FaultError when there are too many."""
        if len(self._rules) >= MAX_RULES:
            raise FaultError(f"there are {MAX_RULES} rules already: clear some")
        self._last_rule += 1
        self._rules[self._last_rule] = Standing(self._last_rule, rule, self._now())
        self._dice[self._last_rule] = Random(f"{self._seed}/{self._last_rule}")
        number = self._last_rule
        if self.on_added is not None:
            self.on_added(rule)
        return number

    def remove(self, number: int) -> None:
        """Raises FaultError when there is no such rule."""
        if number not in self._rules:
            raise FaultError(f"there is no rule {number}")
        del self._rules[number], self._dice[number]

    def clear(self) -> None:
        """Remove all rules; what was injected stays on record."""
        self._rules.clear()
        self._dice.clear()
        if self.on_cleared is not None:
            self.on_cleared()

    def forget(self) -> None:
        """Remove all rules and what is on record."""
        self.clear()
        self.injected.clear()

    def on_request(self, method: str, place: str, key: str, applies: Applies = _always) -> Iterator[Rule]:
        """The faults of a request, oldest rule first; stop asking for more after one that ends it."""
        for standing in self.rules():
            rule = standing.rule
            if rule.meets_request(method, place, key) and applies(rule) and self._strikes(standing):
                self._note(standing, f"{method} {place}", key)
                yield standing.rule

    def on_push(self, method: str, market: str, key: str, applies: Applies = _always) -> Iterator[Rule]:
        """As `on_request`, for a message over WebSocket."""
        for standing in self.rules():
            rule = standing.rule
            if rule.meets_push(method, market, key) and applies(rule) and self._strikes(standing):
                self._note(standing, f"{method}/{market}" if market else method, key)
                yield standing.rule

    def on_withdrawal(self, asset: str, chain: str) -> Iterator[Rule]:
        """As `on_request`, for a payment to a chain."""
        for standing in self.rules():
            if standing.rule.meets_withdrawal(asset, chain) and self._strikes(standing):
                self._note(standing, f"{asset}/{chain}", "")
                yield standing.rule

    def standing(self, kind: Kind) -> bool:
        """Is there a rule of this kind?"""
        return any(standing.rule.kind == kind for standing in self._rules.values())

    def _strikes(self, standing: Standing) -> bool:
        dice = self._dice.get(standing.id)
        return dice is not None and dice.random() < standing.rule.probability

    def _note(self, standing: Standing, where: str, key: str) -> None:
        self._last_fault += 1
        standing.struck += 1
        kind = standing.rule.kind
        self.injected.append(Injected(self._last_fault, standing.id, kind, where, key, self._now()))
        if standing.struck == standing.rule.count:
            self.remove(standing.id)
