"""depth: order books, full or by increments, every tick in which they changed (ws §7, §9).

All subscribers of one market, limit and interval look through one window: its frames are made once.
Whoever does not read gets no increments meanwhile, and the whole window when reading again.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Final, NamedTuple

from openbourse.core.decimals import parse_decimal
from openbourse.market_data.market_data import MarketData
from openbourse.wire.coinex.spot_markets import INTERVALS, LIMITS
from openbourse.wire.coinex.ws import params as reading
from openbourse.wire.coinex.ws.crowds import Crowd, Crowds, Followers
from openbourse.wire.coinex.ws.depth_window import DepthWindow
from openbourse.wire.coinex.ws.market_channel import knows
from openbourse.wire.coinex.ws.messages import Params
from openbourse.wire.coinex.ws.session import Desk, Session

# Increments are followed by a full push every minute, changed or not: it doubles as a resync (ws §9.1).
FULL_EVERY_TICKS: Final = 300
_MAX_INTERVAL_TEXT: Final = 16


class View(NamedTuple):
    """Which window into which book. `interval` in 10^-12, 0 = not merged."""

    market: str
    limit: int
    interval: int


class Entry(NamedTuple):
    """One entry of a subscription; `always_full` asks for whole windows only."""

    view: View
    always_full: bool


class _Audience:
    """The subscribers of one window, which is as of the last tick; `ahead` is as of a moment after it."""

    def __init__(self, window: DepthWindow, crowds: Crowds[Session]) -> None:
        self.window = window
        self.ahead: DepthWindow | None = None
        self.of_books = Followers(crowds)
        self.of_steps = Followers(crowds)
        self.behind: dict[Session, None] = {}

    def remove(self, session: Session) -> None:
        self.of_books.discard(session)
        self.of_steps.discard(session)
        self.behind.pop(session, None)


class DepthChannel:
    """Windows and who looks through them; a session has at most one window per market."""

    private = False

    def __init__(self, data: MarketData, desk: Desk) -> None:
        self._data = data
        self._desk = desk
        self._counters = desk.counters
        self._ticks = 0
        self._audiences: dict[View, _Audience] = {}
        self._views: dict[Session, dict[str, View]] = {}

    def subscribe(self, session: Session, params: Params) -> Callable[[], None]:
        """See Channel.subscribe. One bad entry refuses the whole request."""
        entries = _entries(params)
        if not entries or not all(knows(self._data, entry.view.market) for entry in entries):
            raise reading.invalid()

        def follow_up() -> None:
            for entry in entries:
                self._begin(session, entry)

        return follow_up

    def unsubscribe(self, session: Session, params: Params) -> None:
        """See Channel.unsubscribe. Takes plain names and the tuples of a subscription alike."""
        wanted = reading.entries(params, "market_list")
        markets = [entry[0] if isinstance(entry, list) and entry else entry for entry in wanted]
        if not all(isinstance(market, str) for market in markets):
            raise reading.invalid()
        if not markets:
            self.drop(session)
        for market in markets:
            self._leave(session, str(market))

    def drop(self, session: Session) -> None:
        """See Channel.drop."""
        for market in list(self._views.get(session, ())):
            self._leave(session, market)

    def count(self, session: Session) -> int:
        """See Channel.count."""
        return len(self._views.get(session, ()))

    def tick(self) -> None:
        """Push what changed since the last tick."""
        self._ticks += 1
        resync = self._ticks % FULL_EVERY_TICKS == 0
        for view, audience in self._audiences.items():
            window = audience.window
            audience.ahead = None
            changed = False
            if self._data.version(view.market) != window.version:
                changed = window.advance(self._data.depth(*view))
            if changed and audience.of_books:
                self._deliver(audience, audience.of_books.crowd, window.full())
            if resync and audience.of_steps:
                self._deliver(audience, audience.of_steps.crowd, window.full())
            elif changed and audience.of_steps and window.step is not None:
                self._deliver(audience, audience.of_steps.crowd, window.step)
            if audience.behind:
                self._catch_up(audience)

    def _deliver(self, audience: _Audience, crowd: Crowd[Session], frame: bytes) -> None:
        self._counters.encoded += 1
        paused = crowd.among(self._desk.paused)
        self._counters.conflated += len(paused)
        audience.behind.update(dict.fromkeys(paused))
        self._desk.deliver(self._desk.crowds.without(crowd, audience.behind), frame)

    def _catch_up(self, audience: _Audience) -> None:
        for session in [one for one in audience.behind if not one.paused]:
            del audience.behind[session]
            session.send(audience.window.full())

    def _begin(self, session: Session, entry: Entry) -> None:
        """The newest subscription to a market replaces the one before, and starts with the book as it is now.

        The next increment rests on the window as of the last tick, so who comes after a change that is in no
        tick yet gets the whole window once more with the next.
        """
        view = entry.view
        audience = self._audiences.get(view)
        if audience is None:
            audience = _Audience(DepthWindow(view.market, self._data.depth(*view)), self._desk.crowds)
            self._audiences[view] = audience
        old = self._views.get(session, {}).get(view.market)
        if old == view:
            audience.remove(session)
        elif old is not None:
            self._leave(session, view.market)
        members = audience.of_books if entry.always_full else audience.of_steps
        members.add(session)
        self._views.setdefault(session, {})[view.market] = view
        self._counters.encoded += 1
        if self._data.version(view.market) == audience.window.version:
            session.send(audience.window.full())
        else:
            session.send(self._ahead(view, audience).full())
            audience.behind[session] = None

    def _ahead(self, view: View, audience: _Audience) -> DepthWindow:
        """The window as it would be with a tick now; made once for all who come after the same change."""
        if audience.ahead is None or audience.ahead.version != self._data.version(view.market):
            audience.ahead = DepthWindow(view.market, self._data.depth(*view))
        return audience.ahead

    def _leave(self, session: Session, market: str) -> None:
        views = self._views.get(session, {})
        view = views.pop(market, None)
        if view is None:
            return
        if not views:
            del self._views[session]
        audience = self._audiences[view]
        audience.remove(session)
        if not audience.of_books and not audience.of_steps:
            del self._audiences[view]


def _entries(params: Params) -> list[Entry]:
    wanted = reading.entries(params, "market_list")
    # One client's fixture has a single entry that is not nested (ws §7).
    if wanted and isinstance(wanted[0], str):
        return [_entry(wanted)]
    return [_entry(entry) for entry in wanted]


def _entry(entry: object) -> Entry:
    if not isinstance(entry, list) or len(entry) != 4:
        raise reading.invalid()
    market, limit, interval, always_full = entry
    if not isinstance(market, str) or not isinstance(interval, str) or not isinstance(always_full, bool):
        raise reading.invalid()
    if type(limit) is not int or limit not in LIMITS:
        raise reading.invalid()
    step = _interval(interval)
    if step is None:
        raise reading.invalid()
    return Entry(View(market, limit, step), always_full)


@lru_cache(maxsize=256)
def _interval(text: str) -> int | None:
    """The step to which prices are merged, compared as a decimal; None for one that is not served."""
    if len(text) > _MAX_INTERVAL_TEXT:
        return None
    try:
        return INTERVALS.get(parse_decimal(text))
    except ValueError:
        return None
