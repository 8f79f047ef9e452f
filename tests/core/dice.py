"""Seeded choices that are the same on every version of Python: only `random()` promises that."""

import random
from bisect import bisect
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed).random

    def choice(self, options: Sequence[T]) -> T:
        return options[int(self.random() * len(options))]

    def weighted(self, options: Sequence[T], cumulative: Sequence[int]) -> T:
        """One of `options`; `cumulative` holds the running totals of their weights."""
        return options[bisect(cumulative, self.random() * cumulative[-1])]

    def between(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return low + int(self.random() * (high - low + 1))
