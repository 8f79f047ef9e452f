"""Klines: candles as JSON inside a string (reference/coinw/legacy.md §7 `kline`)."""

import re
from functools import partial
from typing import Final

from openbourse.history.candles import candles_of_market
from openbourse.market_data.candles import DAY, PERIODS, WEEK, Candle
from openbourse.wire.coinw.desk import Call
from openbourse.wire.coinw.envelope import Answer
from openbourse.wire.coinw.errors import wrong
from openbourse.wire.coinw.numbers import text
from openbourse.wire.coinw.parameters import Parameters
from openbourse.wire.coinw.times import milliseconds
from openbourse.wire.coinw.values import whole

# Without any bound, and with one.
LATEST: Final = 300
MOST: Final = 1000

_MAX_STEP_TEXT: Final = 24
_PRODUCT: Final = re.compile(r"[0-9]+(\*[0-9]+)*", re.ASCII)
# What a client of 2026 sends as `type`, without any step.
_WORDS: Final = re.compile(r"([0-9]{1,3})(min|hour|day|week)", re.ASCII)
_SECONDS: Final = {"min": 60, "hour": 3600, "day": DAY, "week": WEEK}


async def kline(call: Call) -> Answer:
    """Ascending by time, the running candle last."""
    market = await call.pair()
    parameters = call.parameters
    period, latest_only = _what(parameters)
    start, end = _bound(parameters, "startdate"), _bound(parameters, "enddate")
    if latest_only:
        start, end, limit = None, None, 1
    else:
        limit = LATEST if start is None and end is None else MOST
    venue = call.desk.venue
    candles = await venue.ask(
        partial(
            candles_of_market,
            market=market.name,
            period=period,
            now=venue.now(),
            limit=limit,
            start=start,
            end=end,
        )
    )
    return Answer(f"[{','.join(map(_row, candles))}]")


def _row(candle: Candle) -> str:
    prices = (candle.open, candle.high, candle.low, candle.close, candle.volume)
    return f"[{candle.start},{','.join(map(text, prices))}]"


def _what(parameters: Parameters) -> tuple[int, bool]:
    """The period in seconds, and whether only the running candle is wanted."""
    step, kind = parameters.get("step"), parameters.get("type") or "0"
    if not step and (words := _WORDS.fullmatch(kind)) is not None:
        period, kind = int(words[1]) * _SECONDS[words[2]], "0"
    else:
        period = _product(step)
    if period not in PERIODS:
        raise wrong("step is none of those that there are")
    if kind not in ("0", "1"):
        raise wrong("type is 0 or 1")
    return period, kind == "1"


def _product(step: str) -> int:
    """Seconds; the documentation writes `60*60*4` as well as 14400."""
    if not _PRODUCT.fullmatch(step) or len(step) > _MAX_STEP_TEXT:
        return 0
    period = 1
    for factor in step.split("*"):
        period *= int(factor)
    return period


def _bound(parameters: Parameters, name: str) -> int | None:
    stamp = parameters.get(name)
    return milliseconds(whole(stamp, name)) if stamp else None
