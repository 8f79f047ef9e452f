"""The table of targets says what the figures say."""

import pytest

from benchmarks.report import Figure, table
from benchmarks.targets import TARGETS, verdicts


def lines(*figures: Figure, whole: bool = False) -> list[str]:
    return [" ".join(line.split()) for line in verdicts(figures, whole=whole).splitlines()[1:]]


@pytest.mark.parametrize(
    ("figure", "line"),
    [
        (
            Figure("core, mix X, compiled", [1, 2_000_000, 3_000_000], "commands/s"),
            "core, mix X at least 1,000,000 2,000,000 commands/s met",
        ),
        (
            Figure("core, mix X, compiled", [999_999], "commands/s"),
            "core, mix X at least 1,000,000 999,999 commands/s NOT MET",
        ),
        (
            Figure("memory, a resting order", [450.0], "bytes"),
            "memory of a resting order at most 450 450 bytes met",
        ),
        (
            Figure("memory, a resting order", [451.0], "bytes"),
            "memory of a resting order at most 450 451 bytes NOT MET",
        ),
    ],
)
def test_a_median_is_held_against_its_bound(figure: Figure, line: str) -> None:
    assert lines(figure) == [line]


def test_a_ratio_needs_both_figures() -> None:
    read, constant = Figure("GET depth", [80.0], ""), Figure("  GET depth, a constant", [100.0], "")
    assert lines(read) == []
    assert lines(read, constant) == ["GET depth at least 0.8 0.800 of a constant met"]


def test_a_whole_run_shows_what_was_not_measured() -> None:
    shown = lines(Figure("GET depth", [], "answers/s", "failed"), whole=True)
    assert len(shown) == len(TARGETS)
    assert all(line.endswith("not measured") for line in shown)
    assert verdicts([], whole=False) == ""


def test_a_figure_without_values_says_why() -> None:
    text = table([Figure("HTTP by wrk", [], "answers/s", "not measured: wrk is not installed")])
    assert "–" in text
    assert "wrk is not installed" in text
