"""Figures and the table that they are printed in."""

import statistics
from collections.abc import Container, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One measured number: the values of all its runs, and in words what it is to be compared with.

    Without values it could not be measured, and `compared` says why.
    """

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
    return aligned([header, *(_line(figure) for figure in figures)], numbers=(1, 2, 3))


def aligned(lines: Sequence[Sequence[str]], numbers: Container[int]) -> str:
    """Lines of equally many cells below each other; the columns `numbers` end below each other."""
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join(
        "  ".join(
            text.rjust(width) if column in numbers else text.ljust(width)
            for column, (text, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def _line(figure: Figure) -> tuple[str, ...]:
    texts = ("–", "–", "–")
    if figure.values:
        texts = (short(figure.median), short(min(figure.values)), short(max(figure.values)))
    return (figure.name, *texts, figure.unit, figure.compared)


def short(number: float) -> str:
    """A number as it stands in tables."""
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.2f}"
