"""Percentiles of the histogram against those of the sorted values."""

import random

from benchmarks.histogram import Histogram


def test_percentiles_are_within_a_thousandth_of_the_sorted_values() -> None:
    dice = random.Random(1)
    values = [int(dice.lognormvariate(8, 3)) for _ in range(20_000)]
    histogram = Histogram()
    for value in values:
        histogram.add(value)
    values.sort()
    for share in (0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 1.0):
        exact = values[max(0, -(-int(share * 1_000) * len(values) // 1_000) - 1)]
        found = histogram.percentile(share)
        assert exact <= found <= exact * 1.001, share
    assert histogram.total == 20_000
    assert histogram.longest == values[-1] == histogram.percentile(1)


def test_small_values_are_exact_and_every_bucket_begins_where_the_last_one_ends() -> None:
    for value in range(2_048):
        histogram = Histogram()
        histogram.add(value)
        assert histogram.percentile(0.5) == value
    buckets = []
    for value in range(20_000):
        histogram = Histogram()
        histogram.add(value)
        buckets += list(histogram.counts)
    assert sorted(buckets) == buckets
    assert set(buckets) == set(range(max(buckets) + 1))


def test_a_histogram_is_what_it_was_after_its_counts_have_travelled() -> None:
    histogram = Histogram()
    for value in (3, 5_000, 5_001, 1_000_000):
        histogram.add(value)
    again = Histogram(histogram.counts, histogram.longest)
    assert again.curve() == histogram.curve()
    assert [share for share, _ in again.curve()][-1] == 1


def test_an_empty_one() -> None:
    assert Histogram().percentile(0.5) == 0
    assert Histogram().curve() == []
