"""Klines of spot markets (reference/coinex/spot.md §5 `kline`)."""

from functools import partial
from typing import Final, Literal

from msgspec import Struct

from openbourse.history.candles import candles_of_market
from openbourse.market_data.candles import Candle, period_start
from openbourse.wire.coinex import envelope
from openbourse.wire.coinex.desk import Call
from openbourse.wire.coinex.endpoint import AnyEndpoint, Endpoint, State
from openbourse.wire.coinex.numbers import decimal, money
from openbourse.wire.coinex.params import Count, Milliseconds, Name, Params
from openbourse.wire.coinex.spot_markets import MAX_ROWS

PERIODS: Final = {
    "1min": 60,
    "3min": 180,
    "5min": 300,
    "15min": 900,
    "30min": 1800,
    "1hour": 3600,
    "2hour": 7200,
    "4hour": 14_400,
    "6hour": 21_600,
    "12hour": 43_200,
    "1day": 86_400,
    "3day": 259_200,
    "1week": 604_800,
}
Period = Literal[
    "1min",
    "3min",
    "5min",
    "15min",
    "30min",
    "1hour",
    "2hour",
    "4hour",
    "6hour",
    "12hour",
    "1day",
    "3day",
    "1week",
]


class KlineParams(Params, kw_only=True, frozen=True):
    """Candles whose start lies in [`start_time`, `end_time`] (ms); the newest `limit` of them."""

    market: Name
    period: Period
    limit: Count = 100
    price_type: Literal["latest_price", "index_price"] = "latest_price"
    start_time: Milliseconds | None = None
    end_time: Milliseconds | None = None


class Kline(Struct, kw_only=True):
    """One candle; `created_at` is its start."""

    market: str
    created_at: int
    open: str
    close: str
    high: str
    low: str
    volume: str
    value: str


async def klines(call: Call, params: KlineParams) -> bytes:
    """Ascending, the running candle last, without gaps.

    Index candles are those of the venue's own trades, without volume: of the index only the present price is
    known (`market_data.index`), not its past.
    """
    venue = call.desk.venue
    candles = await venue.ask(
        partial(
            candles_of_market,
            market=call.desk.market(params.market).name,
            period=PERIODS[params.period],
            now=venue.now(),
            limit=min(params.limit, MAX_ROWS),
            start=params.start_time,
            end=params.end_time,
        )
    )
    return envelope.success([_kline(call, params, candle) for candle in candles])


def _state(call: Call, params: KlineParams) -> State:
    """Trades change the running candle, and time begins a new one."""
    venue = call.desk.venue
    market = call.desk.market(params.market).name
    now, last_trade_id = venue.now, venue.market_data.last_trade_id
    seconds = PERIODS[params.period]

    def state() -> object:
        return period_start(now(), seconds), last_trade_id(market)

    return state


def _kline(call: Call, params: KlineParams, candle: Candle) -> Kline:
    base, quote = decimal(candle.volume), money(candle.notional)
    if params.price_type == "index_price":
        base = quote = "0"
    if call.desk.settings.kline_volume_in_quote:
        base, quote = quote, base
    return Kline(
        market=params.market,
        created_at=candle.start,
        open=decimal(candle.open),
        close=decimal(candle.close),
        high=decimal(candle.high),
        low=decimal(candle.low),
        volume=base,
        value=quote,
    )


ENDPOINTS: list[AnyEndpoint] = [
    Endpoint("GET", "/spot/kline", KlineParams, list[Kline], klines, "public", state=_state)
]
