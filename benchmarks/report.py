"""Figures and the table that they are printed in."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One measured number: the values of all its runs, and in words what it is to be compared with."""

    name: str
    values: Sequence[float]
    unit: str
    compared: str = ""

    @property
    def median(self) -> float:
        return statistics.median(self.values)


def ratio(figure: Figure, baseline: Figure) -> str:
    """How a figure stands to its baseline: "0.52 of the empty handler"."""
    return f"{figure.median / baseline.median:.2f} of {baseline.name}"


def percentile(ascending: Sequence[int], share: float) -> int:
    """The value that this `share` (0 to 1) of a sorted sequence does not exceed; 0 of an empty one."""
    if not ascending:
        return 0
    return ascending[min(len(ascending) - 1, int(share * len(ascending)))]


def table(figures: Sequence[Figure]) -> str:
    """All figures, one a line, with the median and the range of their runs."""
    header = ("figure", "median", "lowest", "highest", "unit", "compared")
    lines = [header, *(_line(figure) for figure in figures)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    return "\n".join(
        "  ".join(
            text.rjust(width) if 1 <= column <= 3 else text.ljust(width)
            for column, (text, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def _line(figure: Figure) -> tuple[str, ...]:
    numbers = (figure.median, min(figure.values), max(figure.values))
    return (figure.name, *(_short(number) for number in numbers), figure.unit, figure.compared)


def _short(number: float) -> str:
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.2f}"
