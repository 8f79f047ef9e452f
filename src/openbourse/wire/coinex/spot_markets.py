"""The public market endpoints of spot (reference/coinex/spot.md §5)."""

import zlib
from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import partial
from itertools import chain
from typing import Annotated, Final

from msgspec import Meta, Raw, Struct

from openbourse.core.decimals import parse_decimal
from openbourse.core.units import UNIT_DECIMALS
from openbourse.market_data.depth import Level
from openbourse.wire.coinex import envelope
from openbourse.wire.coinex.desk import Call
from openbourse.wire.coinex.endpoint import AnyEndpoint, Endpoint, State
from openbourse.wire.coinex.errors import ApiError, Code
from openbourse.wire.coinex.numbers import MARKET_STATUS_WORDS, decimal, money
from openbourse.wire.coinex.params import Count, DecimalText, Id, Name, NameList, Params, names

MAX_ROWS: Final = 1000
_MINUTE_MS: Final = 60_000

# The merge steps of the depth, in 10^-12: none, or a power of ten from 10^-12 to 1000.
INTERVALS: Final = {Decimal(0): 0} | {
    Decimal(10**power).scaleb(-UNIT_DECIMALS): 10**power for power in range(16)
}
LIMITS: Final = frozenset([5, 10, 20, 50])


class MarketsParams(Params, kw_only=True, frozen=True):
    """At most ten markets; all when absent."""

    market: NameList | None = None


class Market(Struct, kw_only=True):
    """The rules of one market, as of now."""

    market: str
    maker_fee_rate: str
    taker_fee_rate: str
    min_amount: str
    base_ccy: str
    quote_ccy: str
    base_ccy_precision: int
    quote_ccy_precision: int
    status: str
    delisted_at: int
    is_amm_available: bool
    is_margin_available: bool
    # The documentation's table has the first name, its sample and the live server the second.
    is_pre_market_trading_available: bool
    is_pre_trading_available: bool
    is_api_trading_available: bool


class Ticker(Struct, kw_only=True):
    """24 hours of one market; `volume` in base, `value` in quote, `period` in seconds."""

    market: str
    last: str
    open: str
    close: str
    high: str
    low: str
    volume: str
    value: str
    volume_sell: str
    volume_buy: str
    period: int


class DepthParams(Params, kw_only=True, frozen=True):
    """`interval` is the step to which prices are merged."""

    market: Name
    limit: Annotated[int, Meta(description="One of 5, 10, 20, 50.")]
    interval: DecimalText


class DepthLevels(Struct, kw_only=True):
    """[price, amount] pairs, best first; `checksum` is a CRC-32 of all of them (spot.md §5)."""

    asks: list[tuple[str, str]]
    bids: list[tuple[str, str]]
    last: str
    updated_at: int
    checksum: int


class Depth(Struct, kw_only=True):
    """The depth of one market."""

    market: str
    is_full: bool
    depth: DepthLevels


class DealsParams(Params, kw_only=True, frozen=True):
    """`last_id`: only deals above this id; 0 for any."""

    market: Name
    limit: Count = 100
    last_id: Id = 0


class Deal(Struct, kw_only=True):
    """A trade on the tape; `side` is the taker's, `amount` in base."""

    deal_id: int
    created_at: int
    side: str
    price: str
    amount: str


class IndexSource(Struct, kw_only=True):
    """Where an index price comes from."""

    exchange: str
    created_at: int
    index_weight: str
    index_price: str


class Index(Struct, kw_only=True):
    """The index of one market and its sources."""

    market: str
    created_at: int
    price: str
    sources: list[IndexSource]


def chosen_markets(call: Call, wanted: str | None) -> Sequence[str]:
    """The markets named in a comma list, or all; raises 3639 for an unknown one."""
    if wanted is None:
        return call.desk.venue.directory.market_names()
    chosen = names(wanted)
    for name in chosen:
        call.desk.market(name)
    return chosen or call.desk.venue.directory.market_names()


async def markets(call: Call, params: MarketsParams) -> bytes:
    return envelope.success([_market(call, name) for name in chosen_markets(call, params.market)])


def _market(call: Call, name: str) -> Raw:
    spec = call.desk.market(name)
    status = call.desk.venue.directory.market_status(name)

    def shown() -> Market:
        return Market(
            market=name,
            maker_fee_rate=decimal(spec.maker_rate),
            taker_fee_rate=decimal(spec.taker_rate),
            min_amount=decimal(spec.min_amount),
            base_ccy=spec.base,
            quote_ccy=spec.quote,
            base_ccy_precision=spec.base_precision,
            quote_ccy_precision=spec.quote_precision,
            status=MARKET_STATUS_WORDS[status],
            delisted_at=0,
            is_amm_available=False,
            is_margin_available=False,
            is_pre_market_trading_available=False,
            is_pre_trading_available=False,
            is_api_trading_available=True,
        )

    return call.desk.cache.get(("market", name), (spec, status), shown)


async def tickers(call: Call, params: MarketsParams) -> bytes:
    """Rolling 24 hours; a market that never traded shows zeros."""
    return envelope.success([_ticker(call, name) for name in chosen_markets(call, params.market)])


def _tickers_state(call: Call, params: MarketsParams) -> State:
    """Books and trades change them, and with every minute the oldest one leaves the 24 hours."""
    venue = call.desk.venue
    chosen = names(params.market or "")
    for name in chosen:
        call.desk.market(name)
    now, version = venue.now, venue.market_data.version

    def state() -> object:
        return now() // _MINUTE_MS, list(map(version, chosen or venue.directory.market_names()))

    return state


def _ticker(call: Call, name: str) -> Raw:
    venue = call.desk.venue
    now = venue.now()

    def shown() -> Ticker:
        found = venue.market_data.ticker(name, now)
        return Ticker(
            market=name,
            last=decimal(found.last),
            open=decimal(found.open),
            close=decimal(found.last),
            high=decimal(found.high),
            low=decimal(found.low),
            volume=decimal(found.volume),
            value=money(found.notional),
            volume_sell=decimal(found.sell_volume),
            volume_buy=decimal(found.buy_volume),
            period=86400,
        )

    state = venue.market_data.version(name), now // _MINUTE_MS
    return call.desk.cache.get(("ticker", name), state, shown)


async def depth(call: Call, params: DepthParams) -> bytes:
    """Both sides of the book, merged to `interval`, then cut to `limit`."""
    interval = INTERVALS.get(parse_decimal(params.interval))
    if interval is None or params.limit not in LIMITS:
        raise ApiError(Code.INVALID_PARAMETER)
    market = call.desk.market(params.market).name
    found = call.desk.venue.market_data.depth(market, params.limit, interval)
    asks, bids = _texts(found.asks), _texts(found.bids)
    levels = DepthLevels(
        asks=asks,
        bids=bids,
        last=decimal(found.last),
        updated_at=found.updated_at,
        checksum=checksum(chain.from_iterable((*bids, *asks))),
    )
    return envelope.success(Depth(market=market, is_full=True, depth=levels))


def _depth_state(call: Call, params: DepthParams) -> State:
    return partial(call.desk.venue.market_data.version, call.desk.market(params.market).name)


def checksum(texts: Iterable[str]) -> int:
    """CRC-32 of all prices and amounts joined with colons, bids first, over the very texts sent."""
    return zlib.crc32(":".join(texts).encode())


def _texts(levels: list[Level]) -> list[tuple[str, str]]:
    return [(decimal(price), decimal(quantity)) for price, quantity in levels]


async def deals(call: Call, params: DealsParams) -> bytes:
    """The tape, newest first."""
    call.desk.market(params.market)
    trades = call.desk.venue.market_data.tape(params.market, min(params.limit, MAX_ROWS), params.last_id)
    return envelope.success(
        [
            Deal(
                deal_id=trade.trade_id,
                created_at=trade.time,
                side=trade.side,
                price=decimal(trade.price),
                amount=decimal(trade.quantity),
            )
            for trade in trades
        ]
    )


async def index(call: Call, params: MarketsParams) -> bytes:
    """The index prices. A market that has no price yet is left out."""
    venue = call.desk.venue
    rows: list[Index] = []
    now = venue.now()
    for name in chosen_markets(call, params.market):
        found = venue.market_data.index(name, now)
        if found is not None:
            sources = [
                IndexSource(
                    exchange=source.name,
                    created_at=source.time,
                    index_weight=decimal(source.weight),
                    index_price=decimal(source.price),
                )
                for source in found.sources
            ]
            price = decimal(found.price)
            rows.append(Index(market=name, created_at=found.time, price=price, sources=sources))
    return envelope.success(rows)


ENDPOINTS: list[AnyEndpoint] = [
    Endpoint("GET", "/spot/market", MarketsParams, list[Market], markets, "public"),
    Endpoint("GET", "/spot/ticker", MarketsParams, list[Ticker], tickers, "public", state=_tickers_state),
    Endpoint("GET", "/spot/depth", DepthParams, Depth, depth, "public", state=_depth_state),
    Endpoint("GET", "/spot/deals", DealsParams, list[Deal], deals, "public"),
    Endpoint("GET", "/spot/index", MarketsParams, list[Index], index, "public"),
]
