"""One figure with the stylised facts of the simulated markets."""

from collections.abc import Sequence
from itertools import accumulate
from math import exp, pi, sqrt

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.layout_engine import ConstrainedLayoutEngine

from benchmarks.drawing import BLUE, FAINT, GREEN, INK, ORANGE, QUIET, STYLE, save
from benchmarks.market_watch import MarketDiary
from benchmarks.returns import autocorrelation, deviation, kurtosis, log_returns
from benchmarks.stylised_facts import HORIZONS, Facts

SHADES = ("#08306b", "#2166ac", "#4393c3", "#8fb8d8", "#d6604d", "#e9a28f")
_EVERY = 30  # minutes: what is drawn over time
_MINUTES_A_DAY = 1_440
_LAGS = (1, 2, 3, 4, 5, 7, 10, 14, 20, 30, 45, 60, 90, 120, 180, 240)


def draw(diaries: Sequence[MarketDiary], facts: Sequence[Facts], file: str) -> None:
    """Write it in the format of the file's suffix. The first market is the one looked at closely."""
    first = diaries[0]
    with mpl.rc_context(STYLE):
        canvas = Canvas(figsize=(12, 10), layout=ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.14))
        grid = canvas.add_gridspec(4, 3, height_ratios=[1.25, 0.75, 1.35, 1.35])
        days = canvas.add_subplot(grid[0, :])
        _price(days, first)
        _volatility(canvas.add_subplot(grid[1, :], sharex=days), first)
        _tails(canvas.add_subplot(grid[2, 0]), first)
        _aggregation(canvas.add_subplot(grid[2, 1]), facts)
        _memory(canvas.add_subplot(grid[2, 2]), first)
        _spreads(canvas.add_subplot(grid[3, 0]), facts)
        _depth(canvas.add_subplot(grid[3, 1]), facts)
        _free_lunch(canvas.add_subplot(grid[3, 2]), first)
        save(canvas, file)


def _days(count: int) -> list[float]:
    return [index * _EVERY / _MINUTES_A_DAY for index in range(count)]


def _price(axes: Axes, diary: MarketDiary) -> None:
    prices = diary.middles[::_EVERY]
    axes.plot(_days(len(prices)), prices, color=BLUE, linewidth=1.2)
    bottom, top = axes.get_ylim()
    places = _days(len(prices))
    outline = [bottom, *prices, bottom]
    axes.fill([0, *places, places[-1]], outline, color=BLUE, alpha=0.1, linewidth=0)
    axes.set_ylim(bottom, top)
    axes.set_title(f"{diary.market.name}: the price ({diary.market.quote})")
    axes.margins(x=0)
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.tick_params(labelbottom=False)


def _volatility(axes: Axes, diary: MarketDiary) -> None:
    """What is visible here, calm and storm by the hour, is volatility clustering."""
    minutes = log_returns(diary.middles)
    spans = [minutes[start : start + _EVERY] for start in range(0, len(minutes), _EVERY)]
    moved = [sqrt(sum(value * value for value in span)) * 100 for span in spans]
    axes.stairs(moved, _days(len(moved) + 1), color=ORANGE, alpha=0.85, fill=True)
    axes.set_title(f"… and how far it moves in {_EVERY} minutes (per cent): calm and storm come in clusters")
    axes.set_ylim(bottom=0)
    axes.set_xlabel("days")


def _tails(axes: Axes, diary: MarketDiary) -> None:
    minutes = log_returns(diary.middles)
    scale, width, reach = deviation(minutes), 0.5, 10
    counts = dict.fromkeys(range(-2 * reach, 2 * reach + 1), 0)
    for value in minutes:
        counts[max(-2 * reach, min(2 * reach, round(value / scale / width)))] += 1
    places = [index * width for index in counts]
    density = [count / len(minutes) / width for count in counts.values()]
    axes.bar(places, density, width=width * 0.86, color=BLUE, label="a minute's returns")
    fine = [index / 10 for index in range(-50, 51)]
    bell = [exp(-place * place / 2) / sqrt(2 * pi) for place in fine]
    axes.plot(fine, bell, color=ORANGE, linewidth=1.8, label="normal")
    axes.set_yscale("log")
    axes.set_ylim(0.5 / len(minutes) / width, 2)
    axes.set_title(f"Fat tails: kurtosis {kurtosis(minutes):.0f}, not 3")
    axes.set_xlabel("standard deviations")
    axes.set_ylabel("density")
    axes.legend(loc="upper left", fontsize=8)


def _aggregation(axes: Axes, facts: Sequence[Facts]) -> None:
    for each, shade in zip(facts, SHADES, strict=False):
        horizons, values = list(each.kurtoses), list(each.kurtoses.values())
        axes.plot(horizons, values, "o-", color=shade, markersize=3.5, label=each.market)
    axes.axhline(3, color=QUIET, linewidth=1, linestyle="--")
    axes.text(HORIZONS[0], 3.15, "normal", color=QUIET, fontsize=8)
    axes.set_xscale("log")
    axes.set_xticks(HORIZONS, [str(horizon) for horizon in HORIZONS])
    axes.minorticks_off()
    axes.set_ylim(bottom=0)
    axes.set_title("Thinner at longer horizons: kurtosis")
    axes.set_xlabel("minutes")
    axes.set_ylim(top=max(max(each.kurtoses.values()) for each in facts) * 1.35)
    axes.legend(fontsize=7.5, ncols=2, loc="upper right")


def _memory(axes: Axes, diary: MarketDiary) -> None:
    minutes = log_returns(diary.middles)
    sizes = [abs(value) for value in minutes]
    band = 2 / sqrt(len(minutes))
    axes.axhspan(-band, band, color=FAINT, linewidth=0)
    for values, color, label in (
        (sizes, ORANGE, "of how far it moves"),
        (minutes, BLUE, "of where it moves"),
    ):
        memory = [autocorrelation(values, lag) for lag in _LAGS]
        axes.plot(_LAGS, memory, "o-", color=color, markersize=4, label=label)
    axes.set_xscale("log")
    ticks = (1, 2, 5, 10, 30, 60, 240)
    axes.set_xticks(ticks, [str(lag) for lag in ticks])
    axes.minorticks_off()
    axes.set_title("Memory: autocorrelation")
    axes.set_xlabel("lag (minutes)")
    axes.legend(fontsize=8)


def _spreads(axes: Axes, facts: Sequence[Facts]) -> None:
    names = [each.market for each in facts][::-1]
    spreads = [each.spread for each in facts][::-1]
    bars = axes.barh(names, spreads, color=[*SHADES[: len(names)]][::-1], height=0.62)
    axes.bar_label(bars, [f" {spread:.2f}" for spread in spreads], color=INK, fontsize=8)
    axes.grid(visible=False, axis="y")
    axes.margins(x=0.18)
    axes.set_title("Spread, median (basis points)")


def _depth(axes: Axes, facts: Sequence[Facts]) -> None:
    for each, shade in zip(facts, SHADES, strict=False):
        levels = list(range(1, len(each.depths) + 1))
        axes.plot(levels, each.depths, color=shade, linewidth=1.6, label=each.market)
    axes.set_yscale("log")
    axes.set_title("Depth by level (USDT)")
    axes.set_xlabel("level")
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.legend(fontsize=7.5, ncols=2)


def _free_lunch(axes: Axes, diary: MarketDiary) -> None:
    lost = list(accumulate(-crossing.paid for crossing in diary.crossings))
    due = list(accumulate(-crossing.half_spread - crossing.fee for crossing in diary.crossings))
    every = max(1, len(lost) // 400)
    for values, color, style, label in (
        (due, QUIET, "--", "half the spread and the fee"),
        (lost, GREEN, "-", "a trader who tosses coins"),
    ):
        drawn = [value / 100 for value in values[::every]]
        axes.plot(range(0, len(values), every), drawn, style, color=color, linewidth=1.6, label=label)
    axes.set_title("No free lunch: per cent of a trade")
    axes.set_xlabel("crossings of the spread")
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.legend(fontsize=8, loc="lower left")
