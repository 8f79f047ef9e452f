"""A figure of the latencies that `http_latency` measured last: `python -m benchmarks.latency_plot FILE`.

The file's suffix says its format: .svg, .png or .pdf. Each panel is a load; to the right each step is another
nine of the percentile, so that what one in ten thousand waits has as much room as what half of them wait.
"""

import sys
from math import log10
from pathlib import Path

import matplotlib as mpl
import msgspec
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.layout_engine import ConstrainedLayoutEngine

from benchmarks.drawing import BLUE, GREEN, ORANGE, STYLE, save
from benchmarks.histogram import Histogram
from benchmarks.http_latency import Curve, curves_file

_LOOKS = {
    "orders": (BLUE, "-", "orders, durable before the answer"),
    "orders in memory": (GREEN, "--", "the same with data in memory: no disk to wait for"),
    "empty handler": (ORANGE, ":", "an empty signed handler"),
}
_NINES = {0.0: "0", 0.5: "50", 0.9: "90", 0.99: "99", 0.999: "99.9", 0.9999: "99.99"}


def nines(share: float) -> float:
    """Where a share (0 to below 1) of the requests stands on the axis: 0.9 at 1, 0.99 at 2."""
    return -log10(1 - share)


def points(curve: Curve) -> tuple[list[float], list[float]]:
    """Places on the axis and milliseconds; the longest stands where one request of all is left."""
    histogram = Histogram(curve.times, curve.longest)
    last = 1 - 1 / max(2, histogram.total)
    found = histogram.curve()
    return [nines(min(share, last)) for share, _ in found], [value / 1_000 for _, value in found]


def draw(curves: list[Curve], file: Path) -> None:
    """One panel for each load."""
    shares = sorted({curve.share for curve in curves})
    with mpl.rc_context(STYLE):
        canvas = Canvas(figsize=(12, 4.2), layout=ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.14))
        panels = canvas.subplots(1, len(shares), sharey=True, squeeze=False)[0]
        for axes, share in zip(panels, shares, strict=True):
            _panel(axes, share, [curve for curve in curves if curve.share == share])
        panels[0].set_ylabel("milliseconds, from the planned moment of sending")
        handles, labels = panels[0].get_legend_handles_labels()
        panels[0].legend(handles[::-1], labels[::-1], fontsize=8, loc="upper left")
        save(canvas, str(file))


def _panel(axes: Axes, share: float, curves: list[Curve]) -> None:
    for number, curve in enumerate(reversed(curves)):
        color, line, label = _LOOKS[curve.server]
        axes.plot(*points(curve), line, color=color, linewidth=1.6, label=label)
        rate, place = f"{curve.per_second:,.0f} answers/s", (0.98, 0.03 + 0.06 * number)
        axes.text(*place, rate, color=color, fontsize=8, ha="right", transform=axes.transAxes)
    axes.set_title(f"At {share:.0%} of the capacity")
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter("{x:g}")
    axes.set_xticks([nines(place) for place in _NINES], list(_NINES.values()))
    axes.set_xlabel("per cent of the requests are answered within")


if __name__ == "__main__":
    draw(msgspec.json.decode(curves_file().read_bytes(), type=list[Curve]), Path(sys.argv[1]))
