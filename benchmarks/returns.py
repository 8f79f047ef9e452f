"""The statistics of returns that everybody looks at first. Plain sums over plain floats."""

from collections.abc import Sequence
from itertools import pairwise
from math import log, sqrt
from statistics import fmean


def log_returns(prices: Sequence[float], every: int = 1) -> list[float]:
    """Logarithmic returns from each `every`-th price to the next."""
    return [log(after / before) for before, after in pairwise(prices[::every])]


def deviation(values: Sequence[float]) -> float:
    """The standard deviation."""
    mean = fmean(values)
    return sqrt(fmean((value - mean) ** 2 for value in values))


def kurtosis(values: Sequence[float]) -> float:
    """The fourth moment by the square of the second: 3 for a normal distribution, more with fat tails."""
    mean = fmean(values)
    variance = fmean((value - mean) ** 2 for value in values)
    return fmean((value - mean) ** 4 for value in values) / variance**2


def autocorrelation(values: Sequence[float], lag: int) -> float:
    """The correlation of values with those `lag` before them."""
    mean = fmean(values)
    variance = fmean((value - mean) ** 2 for value in values)
    products = ((a - mean) * (b - mean) for a, b in zip(values, values[lag:], strict=False))
    return fmean(products) / variance


def standard_error(values: Sequence[float]) -> float:
    """How far the mean of independent values like these is from the truth, typically."""
    return deviation(values) / sqrt(len(values))
