"""Spot markets and their data. Written by `python -m tools.clients`."""

from collections.abc import Sequence
from typing import Literal

from openbourse.client.coinex import answers
from openbourse.client.coinex.types import Deal, Depth, Index, Kline, Market, Period, Ticker
from openbourse.client.request import Amount, Request, joined, number


def markets(*, market: Sequence[str] | None = None) -> Request[list[Market]]:
    """Spot: market.

    Takes: At most ten markets; all when absent.

    `GET /v2/spot/market`
    """
    return Request("GET", "/v2/spot/market", {"market": joined(market)}, answers.plain(list[Market]))


def tickers(*, market: Sequence[str] | None = None) -> Request[list[Ticker]]:
    """Rolling 24 hours; a market that never traded shows zeros.

    Takes: At most ten markets; all when absent.

    `GET /v2/spot/ticker`
    """
    return Request("GET", "/v2/spot/ticker", {"market": joined(market)}, answers.plain(list[Ticker]))


def depth(*, market: str, limit: int = 20, interval: Amount = "0") -> Request[Depth]:
    """Both sides of the book, merged to `interval`, then cut to `limit`.

    Takes: `interval` is the step to which prices are merged.

    `GET /v2/spot/depth`
    """
    return Request(
        "GET",
        "/v2/spot/depth",
        {"market": market, "limit": limit, "interval": number(interval)},
        answers.plain(Depth),
    )


def deals(*, market: str, limit: int = 100, last_id: int = 0) -> Request[list[Deal]]:
    """The tape, newest first.

    Takes: `last_id`: only deals above this id; 0 for any.

    `GET /v2/spot/deals`
    """
    return Request(
        "GET",
        "/v2/spot/deals",
        {"market": market, "limit": limit, "last_id": last_id},
        answers.plain(list[Deal]),
    )


def index(*, market: Sequence[str] | None = None) -> Request[list[Index]]:
    """The index prices. A market that has no price yet is left out.

    Takes: At most ten markets; all when absent.

    `GET /v2/spot/index`
    """
    return Request("GET", "/v2/spot/index", {"market": joined(market)}, answers.plain(list[Index]))


def klines(
    *,
    market: str,
    period: Period,
    limit: int = 100,
    price_type: Literal["latest_price", "index_price"] = "latest_price",
    start_time: int | None = None,
    end_time: int | None = None,
) -> Request[list[Kline]]:
    """Ascending, the running candle last, without gaps. Index candles are those of the venue's own trades,
    without volume: of the index only the present price is known (`market_data.index`), not its past.

    Takes: Candles whose start lies in [`start_time`, `end_time`] (ms); the newest `limit` of them.

    `GET /v2/spot/kline`
    """
    return Request(
        "GET",
        "/v2/spot/kline",
        {
            "market": market,
            "period": period,
            "limit": limit,
            "price_type": price_type,
            "start_time": start_time,
            "end_time": end_time,
        },
        answers.plain(list[Kline]),
    )
