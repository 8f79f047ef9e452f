"""state: the last 24 hours of markets, every tick, as far as they changed (ws §7)."""

from collections.abc import Callable

from msgspec import Raw, Struct

from openbourse.market_data.market_data import MarketData
from openbourse.market_data.ticker import Ticker as Numbers
from openbourse.wire.coinex.numbers import decimal, money
from openbourse.wire.coinex.spot_markets import Ticker
from openbourse.wire.coinex.ws.market_channel import MarketChannel
from openbourse.wire.coinex.ws.messages import encode, push
from openbourse.wire.coinex.ws.session import Desk, Session

# A push of so many markets stays far below the megabyte that clients read (ws §1).
MAX_ENTRIES = 1000


class StateUpdate(Struct):
    """`state_list` is never empty and has only subscribed markets."""

    state_list: list[Ticker]


class StateChannel(MarketChannel):
    """Tickers, conflated for whoever does not read: the newest is all that counts."""

    def __init__(self, data: MarketData, desk: Desk, now: Callable[[], int]) -> None:
        super().__init__(data, desk)
        self._now = now
        self._shown: dict[str, tuple[Numbers, Raw]] = {}
        self._behind: dict[Session, None] = {}

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
            if shown.get(market) is not entry:
                changed[market] = entry[1]
        for selection, sessions in self._interest.groups():
            entries = [entry for market, entry in changed.items() if selection.covers(market)]
            ready = self._desk.reading(sessions)
            if self._behind:
                ready = [session for session in ready if session not in self._behind]
            self._push(entries, ready)
            if entries and len(ready) < len(sessions):
                self._fall_behind(sessions)
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
            entries.append(entry[1])
        self._push(entries, [session])

    def _entry(self, market: str, now: int, shown: dict[str, tuple[Numbers, Raw]]) -> tuple[Numbers, Raw]:
        """The entry of a market: the very object that was shown before unless its numbers changed."""
        numbers = self._data.ticker(market, now)
        before = shown.get(market)
        if before is not None and before[0] == numbers:
            return before
        return numbers, encode(_ticker(market, numbers))

    def _fall_behind(self, sessions: list[Session]) -> None:
        for session in sessions:
            if session.paused:
                self._counters.conflated += 1
                self._behind[session] = None

    def _catch_up(self) -> None:
        for session in [one for one in self._behind if not one.paused]:
            del self._behind[session]
            selection = self._interest.selection(session)
            self._push(
                [raw for market, (_, raw) in self._shown.items() if selection.covers(market)], [session]
            )

    def _push(self, entries: list[Raw], sessions: list[Session]) -> None:
        if not sessions:
            return
        for start in range(0, len(entries), MAX_ENTRIES):
            part = entries[start : start + MAX_ENTRIES]
            self._deliver(push(b"state.update", {"state_list": part}), sessions)


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
