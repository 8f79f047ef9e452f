"""The stylised facts of the simulated markets: what every real market has, and these should have.

`python -m benchmarks stylised_facts --days 7 --plot facts.svg` prints and draws them; docs/sandbox-markets.md
says what they mean. A test holds a simulated day to the bounds below.
"""

import asyncio
import sys
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, median

from benchmarks.market_watch import LEVELS, MarketDiary, Watched, watch
from benchmarks.returns import autocorrelation, deviation, kurtosis, log_returns, standard_error
from benchmarks.scratch import scratch_directory
from openbourse.sandbox.catalogue import MARKETS
from openbourse.testing.thread import quiet_log

# In minutes.
HORIZONS = (1, 5, 15, 60, 240)
LAGS = (1, 2, 5, 10, 30, 60, 120, 240)
_ENOUGH = 40  # returns, for a kurtosis of them

# Of returns of a minute, at least, and the autocorrelation of their sizes after ten minutes, at least.
LEAST_KURTOSIS = 4.5
LEAST_CLUSTERING = 0.05
# The autocorrelation of returns at most, beyond two standard errors. The quotes that takers have eaten are
# back a minute later, which foretells a little of the next one: less than the spread is worth.
MOST_MEMORY = 0.08
# How far the cost of crossings may be from half the spread and the fee, in standard errors.
MOST_LUCK = 4.0


@dataclass(frozen=True)
class Facts:
    """One market's; prices in the quote asset, spreads and costs in basis points, depths in USDT."""

    market: str
    minutes: int
    low: float
    high: float
    spread: float
    depths: list[float]
    deviations: dict[int, float]
    kurtoses: dict[int, float]
    memory: dict[int, float]
    clustering: dict[int, float]
    volume_and_volatility: float
    expected_cost: float
    cost: float
    cost_error: float
    crossings: int
    gaps: int


def facts_of(diary: MarketDiary) -> Facts:
    """Everything that can be said of one market's diary."""
    middles = diary.middles
    minutes = log_returns(middles)
    sizes = [abs(value) for value in minutes]
    by_horizon = {horizon: log_returns(middles, horizon) for horizon in HORIZONS}
    paid = [crossing.paid for crossing in diary.crossings]
    return Facts(
        market=diary.market.name,
        minutes=len(minutes),
        low=min(middles),
        high=max(middles),
        spread=median(diary.spreads),
        depths=[_mean_at(diary.depths, level) for level in range(LEVELS)],
        deviations={horizon: deviation(values) * 10_000 for horizon, values in by_horizon.items()},
        kurtoses={
            horizon: kurtosis(values) for horizon, values in by_horizon.items() if len(values) >= _ENOUGH
        },
        memory={lag: autocorrelation(minutes, lag) for lag in LAGS},
        clustering={lag: autocorrelation(sizes, lag) for lag in LAGS},
        volume_and_volatility=_correlation(sizes, diary.volumes[1:]),
        expected_cost=fmean(crossing.half_spread + crossing.fee for crossing in diary.crossings),
        cost=fmean(paid),
        cost_error=standard_error(paid),
        crossings=len(paid),
        gaps=diary.gaps,
    )


def shortcomings(facts: Facts) -> list[str]:
    """What this market lacks, in sentences; empty for a good one."""
    found = []
    if facts.kurtoses[1] < LEAST_KURTOSIS:
        found.append(f"returns of a minute have thin tails: kurtosis {facts.kurtoses[1]:.1f}")
    if facts.kurtoses[60 if 60 in facts.kurtoses else 15] >= facts.kurtoses[1]:
        found.append("tails do not get thinner with the horizon")
    for lag, value in facts.memory.items():
        if abs(value) > MOST_MEMORY + 2 / sqrt(facts.minutes):
            found.append(f"returns can be foretold from those {lag} min before: {value:.2f}")
    if facts.clustering[10] < LEAST_CLUSTERING:
        found.append(f"volatility is not remembered for ten minutes: {facts.clustering[10]:.2f}")
    if facts.cost <= 0 or abs(facts.cost - facts.expected_cost) > MOST_LUCK * facts.cost_error:
        found.append(f"crossing the spread costs {facts.cost:.2f} bp, not {facts.expected_cost:.2f} bp")
    if not facts.depths[0] < facts.depths[4] < facts.depths[9]:
        found.append("the book is not deeper behind its best prices")
    return [f"{facts.market}: {text}" for text in found]


def run(days: float, seed: int, plot: str | None) -> int:
    """Print everything, and draw it if wanted; 1 when something is missing."""
    quiet_log()
    watched = asyncio.run(watch(MARKETS, days, seed, scratch_directory()))
    facts = [facts_of(diary) for diary in watched.diaries]
    print(f"{days:g} simulated days, seed {seed}\n")
    _print(facts, watched)
    missing = [text for each in facts for text in shortcomings(each)] + watched.judge.complaints[:10]
    print("\nMissing:\n  " + "\n  ".join(missing) if missing else "\nEvery fact is there.")
    if plot:
        from benchmarks.facts_plot import draw  # noqa: PLC0415 - a library that only drawing needs

        draw(watched.diaries, facts, plot)
        print(f"drawn in {plot}", file=sys.stderr)
    return 1 if missing else 0


def _print(facts: list[Facts], watched: Watched) -> None:
    names = [each.market for each in facts]
    _rows("", names)
    _rows("lowest price", [f"{each.low:,.6g}" for each in facts])
    _rows("highest price", [f"{each.high:,.6g}" for each in facts])
    _rows("spread, median (bp)", [f"{each.spread:.2f}" for each in facts])
    for level in (1, 2, 3, 5, 10, LEVELS):
        _rows(f"depth of level {level} (USDT)", [f"{each.depths[level - 1]:,.0f}" for each in facts])
    print("\nReturns: deviation (bp), and kurtosis (normal: 3)")
    for horizon in HORIZONS:
        texts = [f"{each.deviations[horizon]:.1f} / {_or_dash(each.kurtoses.get(horizon))}" for each in facts]
        _rows(f"of {horizon} min", texts)
    error = 1 / sqrt(len(watched.diaries[0].middles))
    print(f"\nAutocorrelation of returns of a minute / of their sizes (one standard error: {error:.3f})")
    for lag in LAGS:
        _rows(f"lag {lag} min", [f"{each.memory[lag]:+.3f} / {each.clustering[lag]:.3f}" for each in facts])
    _rows("size and volume, correlation", [f"{each.volume_and_volatility:.2f}" for each in facts])
    print("\nA trader who knows nothing and crosses the spread every minute (bp of what is traded)")
    _rows("half the spread and the fee", [f"{each.expected_cost:.2f}" for each in facts])
    _rows("lost, with standard error", [f"{each.cost:.2f} ± {each.cost_error:.2f}" for each in facts])
    judge = watched.judge
    print(
        f"\n{judge.fills:,} fills, {judge.shared:,} of them of orders with others behind them: "
        f"{len(judge.complaints)} out of turn"
    )


def _rows(name: str, texts: list[str]) -> None:
    print(f"{name:<30}" + "".join(f"{text:>16}" for text in texts))


def _or_dash(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"


def _mean_at(depths: list[list[float]], level: int) -> float:
    return fmean([0.0, *(row[level] for row in depths if len(row) > level)])


def _correlation(ones: list[float], others: list[float]) -> float:
    one, other = fmean(ones), fmean(others)
    products = fmean((a - one) * (b - other) for a, b in zip(ones, others, strict=True))
    return products / (deviation(ones) * deviation(others))
