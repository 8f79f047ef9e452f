"""state: the last 24 hours of markets, every tick, as far as they changed (ws §7)."""

from collections.abc import Callable
from typing import NamedTuple

from msgspec import Raw, Struct

from openbourse.market_data.candles import MINUTE, period_start
from openbourse.market_data.market_data import MarketData
from openbourse.market_data.ticker import Ticker as Numbers
from openbourse.wire.coinex.numbers import decimal, money
from openbourse.wire.coinex.spot_markets import Ticker
from openbourse.wire.coinex.ws.crowds import Crowd
from openbourse.wire.coinex.ws.interest import Selection
from openbourse.wire.coinex.ws.market_channel import MarketChannel
from openbourse.wire.coinex.ws.messages import encode, push
from openbourse.wire.coinex.ws.session import Desk, Session

# A push of so many markets stays far below the megabyte that clients read (ws §1).
MAX_ENTRIES = 1000


class StateUpdate(Struct):
    """`state_list` is never empty and has only subscribed markets."""

    state_list: list[Ticker]


class _Entry(NamedTuple):
    """What is shown of a market. As long as the stamp is the same there is nothing to compute."""

    stamp: tuple[int, int]  # the newest trade and the minute
    numbers: Numbers
    encoded: Raw


class StateChannel(MarketChannel):
    """Tickers, conflated for whoever does not read: the newest is all that counts."""

    def __init__(self, data: MarketData, desk: Desk, now: Callable[[], int]) -> None:
        super().__init__(data, desk)
        self._now = now
        self._shown: dict[str, _Entry] = {}
        self._behind: dict[Session, None] = {}
        self._groups: dict[Selection, Crowd[Session]] = {}  # those of now, once asked for

    def tick(self) -> None:
        """Push what has changed since the last tick."""
        if not self._interest:
            self._shown.clear()
            return
        shown, changed, now = self._shown, {}, self._now()
        self._shown = {}
        for market in self._wanted_markets():
            entry = self._entry(market, now, shown)
            self._shown[market] = entry
            before = shown.get(market)
            if before is None or before.encoded is not entry.encoded:
                changed[market] = entry.encoded
        frames: dict[tuple[str, ...], list[bytes]] = {}  # by the markets that they are of
        for selection, crowd in self._groups_by_selection().items():
            markets = tuple(filter(selection.covers, changed))
            if markets not in frames:
                frames[markets] = _frames([changed[market] for market in markets])
            if markets:
                self._push(frames[markets], crowd)
        self._catch_up()

    def drop(self, session: Session) -> None:
        """See Channel.drop."""
        super().drop(session)
        self._behind.pop(session, None)

    def _begin(self, session: Session, markets: list[str]) -> None:
        now = self._now()
        entries = []
        for market in markets or self._data.markets():
            entry = self._entry(market, now, self._shown)
            self._shown.setdefault(market, entry)
            entries.append(entry.encoded)
        for frame in _frames(entries):
            self._send(frame, session)

    def _entry(self, market: str, now: int, shown: dict[str, _Entry]) -> _Entry:
        """The entry of a market: encoded as it was before unless its numbers changed."""
        stamp = self._data.last_trade_id(market), period_start(now, MINUTE)
        before = shown.get(market)
        if before is not None and before.stamp == stamp:
            return before
        numbers = self._data.ticker(market, now)
        if before is not None and before.numbers == numbers:
            return before._replace(stamp=stamp)
        return _Entry(stamp, numbers, encode(_ticker(market, numbers)))

    def _push(self, frames: list[bytes], crowd: Crowd[Session]) -> None:
        """What has changed, to those who know the rest; who does not read falls behind."""
        paused = crowd.among(self._desk.paused)
        self._counters.conflated += len(paused)
        self._behind.update(dict.fromkeys(paused))
        ready = self._desk.crowds.without(crowd, self._behind)
        if ready.members:
            for frame in frames:
                self._deliver(frame, ready)

    def _catch_up(self) -> None:
        for session in [one for one in self._behind if not one.paused]:
            del self._behind[session]
            selection = self._interest.selection(session)
            entries = [entry.encoded for market, entry in self._shown.items() if selection.covers(market)]
            for frame in _frames(entries):
                self._send(frame, session)

    def _groups_by_selection(self) -> dict[Selection, Crowd[Session]]:
        """Who want the same markets."""
        if not self._groups:
            of = self._desk.crowds.of
            self._groups = {selection: of(members) for selection, members in self._interest.groups()}
        return self._groups

    def _changed(self) -> None:
        super()._changed()
        self._groups = {}


def _frames(entries: list[Raw]) -> list[bytes]:
    parts = [entries[start : start + MAX_ENTRIES] for start in range(0, len(entries), MAX_ENTRIES)]
    return [push(b"state.update", {"state_list": part}) for part in parts]


def _ticker(market: str, numbers: Numbers) -> Ticker:
    return Ticker(
        market=market,
        last=decimal(numbers.last),
        open=decimal(numbers.open),
        close=decimal(numbers.last),
        high=decimal(numbers.high),
        low=decimal(numbers.low),
        volume=decimal(numbers.volume),
        value=money(numbers.notional),
        volume_sell=decimal(numbers.sell_volume),
        volume_buy=decimal(numbers.buy_volume),
        period=86400,
    )
