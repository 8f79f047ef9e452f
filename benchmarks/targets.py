"""The targets, and whether the figures that were just measured meet them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from benchmarks.report import Figure, aligned, short


@dataclass(frozen=True)
class Target:
    """What is wanted of the median of a figure, or of its ratio to another one's."""

    name: str
    bound: Literal["at least", "at most"]
    value: float
    unit: str
    figure: str
    baseline: str = ""

    def measured(self, medians: dict[str, float]) -> float | None:
        """None when the benchmark did not run."""
        if self.figure not in medians or (self.baseline and self.baseline not in medians):
            return None
        return medians[self.figure] / (medians[self.baseline] if self.baseline else 1)

    def is_met(self, value: float) -> bool:
        return value >= self.value if self.bound == "at least" else value <= self.value


_LEAST: Final[Literal["at least"]] = "at least"
_MOST: Final[Literal["at most"]] = "at most"
_STEADY: Final = "HTTP, mix B at a steady rate"

TARGETS: Final = (
    Target("core, mix X", _LEAST, 1_000_000, "commands/s", "core, mix X, compiled"),
    Target("core, mix B", _LEAST, 1_300_000, "commands/s", "core, mix B, compiled"),
    Target("core, mix X, interpreted", _LEAST, 350_000, "commands/s", "core, mix X, pure"),
    Target("core, mix B, interpreted", _LEAST, 350_000, "commands/s", "core, mix B, pure"),
    Target("durable loop, batches of 1000", _LEAST, 400_000, "commands/s", "durable loop, batches of 1000"),
    Target("signed orders over HTTP", _LEAST, 25_000, "/s", "HTTP, resting orders"),
    Target("– without the direct path", _LEAST, 15_000, "/s", "HTTP, resting orders without the direct path"),
    Target(
        "– beside the empty signed handler",
        _LEAST,
        0.5,
        "of it",
        "HTTP, resting orders",
        "the empty signed handler",
    ),
    Target("– at half of the capacity, p99", _MOST, 8, "ms", "  orders at 50%, p99"),
    Target("– at half of the capacity, p99.9", _MOST, 25, "ms", "  orders at 50%, p99.9"),
    Target("mix B over HTTP at a steady rate", _LEAST, 18_000, "/s", f"{_STEADY}, answered"),
    Target("– turned away", _MOST, 0, "requests", f"  {_STEADY}, turned away"),
    Target("engine work for an order", _MOST, 15, "µs", "engine work, mix B, the loop's thread"),
    Target("GET depth", _LEAST, 0.8, "of a constant", "GET depth", "  GET depth, a constant"),
    Target("GET ticker", _LEAST, 0.8, "of a constant", "GET ticker", "  GET ticker, a constant"),
    Target(
        "WebSocket deliveries for the same CPU time",
        _LEAST,
        0.7,
        "of uvloop alone",
        "uvloop alone, message by message",
        "  server CPU of the venue",
    ),
    Target(
        "– beside one write a tick",
        _LEAST,
        0.7,
        "of uvloop alone",
        "uvloop alone, same bytes",
        "  server CPU of the venue",
    ),
    Target("WebSocket connections held", _LEAST, 10_000, "", "WebSocket, idle connections held"),
    Target("– memory of an idle one", _MOST, 25, "KB", "  memory of an idle connection"),
    Target("memory of a resting order", _MOST, 450, "bytes", "memory, a resting order"),
    Target(
        "– of a million, and a million funded users",
        _MOST,
        2,
        "GB",
        "memory, 1,000,000 resting orders and 1,000,000 funded users at most",
    ),
    Target(
        "cost of an order, 10⁶ resting to 10³",
        _MOST,
        1.5,
        "times",
        "core, mix B, a book of 1,000,000 orders",
        "core, mix B, a book of 1,000 orders",
    ),
    Target(
        "– 1,000 markets to one",
        _MOST,
        1.5,
        "times",
        "core, mix B, 10,000 orders in 1,000 markets",
        "core, mix B, 10,000 orders in 1 markets",
    ),
    Target("start with 1,000,000 resting orders", _MOST, 15, "s", "start from the snapshot"),
)


def verdicts(figures: Sequence[Figure], *, whole: bool) -> str:
    """A table of the targets of which something was measured; with `whole`, of all.

    "" if there is none.
    """
    medians = {figure.name: figure.median for figure in figures if figure.values}
    lines = []
    for target in TARGETS:
        value = target.measured(medians)
        wanted = f"{target.bound} {target.value:,.10g}"
        if value is not None:
            met = "met" if target.is_met(value) else "NOT MET"
            lines.append((target.name, wanted, _digits(value), target.unit, met))
        elif whole:
            lines.append((target.name, wanted, "–", target.unit, "not measured"))
    return aligned([("target", "wanted", "measured", "unit", ""), *lines], numbers=(1, 2)) if lines else ""


def _digits(value: float) -> str:
    """What nearly meets a target should not look as if it did."""
    return short(value) if value >= 10 else f"{value:.3f}"
