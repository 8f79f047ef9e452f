"""The figure of latencies: where its points are, and that it can be drawn."""

from pathlib import Path

import pytest

from benchmarks.histogram import Histogram
from benchmarks.http_latency import Curve
from benchmarks.latency_plot import draw, nines, points


def curve(server: str, share: float) -> Curve:
    histogram = Histogram()
    for value in range(1, 1_001):
        histogram.add(value)
    return Curve(server, share, 1_000.0, histogram.counts, histogram.longest)


def test_each_nine_is_a_step_further() -> None:
    assert [nines(share) for share in (0.0, 0.9, 0.99, 0.999)] == pytest.approx([0, 1, 2, 3])


def test_a_curve_ends_with_its_longest_where_one_request_is_left() -> None:
    places, milliseconds = points(curve("orders", 0.5))
    assert places[-1] == pytest.approx(3)
    assert milliseconds[-1] == 1.0
    assert milliseconds[499] == 0.5
    assert places[499] == pytest.approx(nines(0.5))


def test_all_loads_are_drawn(tmp_path: Path) -> None:
    file = tmp_path / "latency.svg"
    draw([curve(server, share) for server in ("orders", "empty handler") for share in (0.1, 0.5)], file)
    text = file.read_text()
    assert "At 10% of the capacity" in text
    assert "At 50% of the capacity" in text
    assert "99.9" in text
