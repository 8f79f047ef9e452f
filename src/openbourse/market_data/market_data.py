"""Everything the public sees of the markets, in memory, derived from events.

Fed with `Applied` records in order, from the command after the one it was loaded at. It has no clock:
who asks for a ticker says what time it is. All calls belong to one thread.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

import msgspec

from openbourse.core.commands import Side
from openbourse.core.events import AnyEvent, LevelChanged, MarketChanged, Trade
from openbourse.market_data.candles import MINUTE, Candle, period_start, trade_candle
from openbourse.market_data.depth import Depth, DepthBook, Level
from openbourse.market_data.index import IndexPrice, IndexPrices
from openbourse.market_data.tape import Tape, TapeTrade
from openbourse.market_data.ticker import RollingTicker, Ticker


class Books(Protocol):
    """What is read of `core.exchange.Exchange` at the start."""

    @property
    def sequence(self) -> int: ...
    @property
    def now(self) -> int: ...
    def market_names(self) -> list[str]: ...
    def last_price(self, market: str) -> int: ...
    def levels(self, market: str, side: Side, count: int) -> list[Level]: ...


class MarketPast(msgspec.Struct, frozen=True):
    """What the history knows of one market: its one-minute candles, ascending, and its newest trades,
    newest first. The candles reach back over the ticker's window, and to one candle before it.
    """

    minutes: list[Candle]
    trades: list[TapeTrade]


class Happened(Protocol):
    """What is read of a command that was applied; `core.events.Applied` is one."""

    @property
    def sequence(self) -> int: ...
    @property
    def time(self) -> int: ...
    @property
    def events(self) -> Sequence[AnyEvent]: ...


class MarketState(msgspec.Struct, frozen=True):
    """All that is known of one market at one moment: levels best first, trades newest first.

    `minutes` ascend; `close_before` is the close before them.
    """

    name: str
    bids: list[Level]
    asks: list[Level]
    last: int
    updated_at: int
    version: int
    trades: list[TapeTrade]
    minutes: list[Candle]
    close_before: int


class _Market:
    def __init__(self) -> None:
        self.book = DepthBook()
        self.tape = Tape()
        self.ticker = RollingTicker()

    def state(self, name: str) -> MarketState:
        book = self.book
        minutes, close_before = self.ticker.past()
        return MarketState(
            name,
            book.bids.top(len(book.bids)),
            book.asks.top(len(book.asks)),
            book.last,
            book.updated_at,
            book.version,
            self.tape.newest(len(self.tape)),
            minutes,
            close_before,
        )

    @classmethod
    def of(cls, state: MarketState) -> "_Market":
        market = cls()
        for price, quantity in state.bids:
            market.book.bids.set(price, quantity)
        for price, quantity in state.asks:
            market.book.asks.set(price, quantity)
        market.book.last = state.last
        market.book.updated_at = state.updated_at
        market.book.version = state.version
        for trade in reversed(state.trades):
            market.tape.add(trade)
        market.ticker = RollingTicker.of(state.minutes, state.close_before)
        return market


class MarketData:
    """Depth, tape, ticker and index of every market. Unknown markets raise KeyError."""

    def __init__(self) -> None:
        self.sequence = 0
        self.now = 0
        self.indices = IndexPrices()
        self._markets: dict[str, _Market] = {}

    def load(self, exchange: Books, past: Mapping[str, MarketPast]) -> None:
        """Start from the books of `exchange` and from the history, which must have caught up with it."""
        self.sequence = exchange.sequence
        self.now = exchange.now
        self._markets = {
            name: self._loaded(exchange, name, past.get(name)) for name in exchange.market_names()
        }

    def state(self, market: str) -> MarketState:
        """Everything about one market, for another market data that shall be equal.

        To be used before the next command: its newest minute goes on changing.
        """
        return self._markets[market].state(market)

    def begin(self, sequence: int, now: int, markets: Iterable[str]) -> None:
        """Be after command `sequence`, with these markets, of which `restate` says everything."""
        self.sequence, self.now = sequence, now
        self._markets = {name: _Market() for name in markets}

    def restate(self, state: MarketState) -> None:
        """What was known of this market does not count: so it is at the present command."""
        self._markets[state.name] = _Market.of(state)

    def become(self, other: "MarketData") -> None:
        """Be as `other`, which nobody uses any more, but for index prices.

        Versions go on from whatever was here.
        """
        before, self._markets = self._markets, other._markets  # noqa: SLF001 - one of its own kind
        self.sequence, self.now = other.sequence, other.now
        for name, market in self._markets.items():
            if name in before:
                market.book.version = max(market.book.version, before[name].book.version + 1)

    def apply(self, batch: Iterable[Happened]) -> None:
        """Follow commands, in order. Those that were applied before are ignored; a gap is a ValueError."""
        markets = self._markets
        touched: dict[DepthBook, int] = {}  # when
        for applied in batch:
            sequence = applied.sequence
            if sequence <= self.sequence:
                continue
            if sequence != self.sequence + 1:
                raise ValueError(f"market data at {self.sequence} was given command {sequence}")
            now = self.now = max(self.now, applied.time)
            for event in applied.events:
                # Not by isinstance, which takes its time over what a Struct is not.
                if type(event) is LevelChanged:
                    book = markets[event.market].book
                    book.note(event.side, event.price, event.quantity)
                    touched[book] = now
                elif type(event) is Trade:
                    self._trade(event)
                elif type(event) is MarketChanged and event.market.name not in markets:
                    markets[event.market.name] = _Market()
            self.sequence = sequence
        for book, time in touched.items():
            book.changed(time)

    def markets(self) -> list[str]:
        """The names of all markets, in the order in which they were defined."""
        return list(self._markets)

    def depth(self, market: str, limit: int, interval: int = 0) -> Depth:
        """The best `limit` levels of both sides, merged to multiples of `interval` (10^-12, 0 = not)."""
        return self._markets[market].book.top(limit, interval)

    def version(self, market: str) -> int:
        """Grows with every change of the market's book or last price."""
        return self._markets[market].book.version

    def best(self, market: str, side: Side) -> Level:
        """The best price of a side and the quantity there, (0, 0) when the side is empty."""
        book = self._markets[market].book
        return book.bids.best() if side == "buy" else book.asks.best()

    def last_price(self, market: str) -> int:
        """The price of the newest trade, 0 before the first."""
        return self._markets[market].book.last

    def index(self, market: str, now: int) -> IndexPrice | None:
        """The index price at `now` (ms), None before there is any price."""
        return self.indices.of(market, self.last_price(market), now)

    def tape(self, market: str, limit: int, above: int = 0) -> list[TapeTrade]:
        """The newest trades, newest first, with ids greater than `above`."""
        return self._markets[market].tape.newest(limit, above)

    def last_trade_id(self, market: str) -> int:
        """The id of the newest trade, 0 before the first."""
        return self._markets[market].tape.last_id

    def ticker(self, market: str, now: int) -> Ticker:
        """The 24 hours before `now` (ms)."""
        return self._markets[market].ticker.at(now)

    def _trade(self, trade: Trade) -> None:
        market = self._markets[trade.market]
        side = trade.taker.side
        market.tape.add(TapeTrade(trade.trade_id, self.now, trade.price, trade.quantity, side))
        minute = period_start(self.now, MINUTE)
        market.ticker.add(trade_candle(minute, trade.price, trade.quantity, side == "buy"))
        market.book.set_last(trade.price, self.now)

    def _loaded(self, exchange: Books, name: str, past: MarketPast | None) -> _Market:
        market = _Market()
        sides: tuple[Side, Side] = ("buy", "sell")
        for side in sides:
            for price, quantity in exchange.levels(name, side, 0):
                market.book.set_level(side, price, quantity, self.now)
        if exchange.last_price(name):
            market.book.set_last(exchange.last_price(name), self.now)
        if past is not None:
            for candle in past.minutes:
                market.ticker.add(candle.moved_to(candle.start))
            for trade in reversed(past.trades):
                market.tape.add(trade)
        return market
