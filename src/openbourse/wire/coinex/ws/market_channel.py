"""What the public channels by market have in common (ws §6)."""

from collections.abc import Callable

from openbourse.market_data.market_data import MarketData
from openbourse.wire.coinex.ws import params as reading
from openbourse.wire.coinex.ws.crowds import Crowd
from openbourse.wire.coinex.ws.interest import Interest
from openbourse.wire.coinex.ws.messages import Params
from openbourse.wire.coinex.ws.session import Desk, Session


def knows(data: MarketData, market: str) -> bool:
    """Is there such a market?"""
    try:
        data.version(market)
    except KeyError:
        return False
    return True


class MarketChannel:
    """Subscriptions by market name; the concrete channels say what is pushed, and when."""

    private = False

    def __init__(self, data: MarketData, desk: Desk) -> None:
        self._data = data
        self._desk = desk
        self._counters = desk.counters
        self._interest: Interest[Session] = Interest()
        self._crowds: dict[str, Crowd[Session]] = {}  # by market, as far as asked for since the last change

    def subscribe(self, session: Session, params: Params) -> Callable[[], None]:
        """See Channel.subscribe. An unknown market refuses the whole request (ws §6.1)."""
        markets = reading.names(params, "market_list")
        if not all(knows(self._data, market) for market in markets):
            raise reading.invalid()

        def follow_up() -> None:
            self._begin(session, markets)
            self._interest.add(session, markets)
            self._changed()

        return follow_up

    def unsubscribe(self, session: Session, params: Params) -> None:
        """See Channel.unsubscribe. Unknown markets are passed over."""
        markets = reading.names(params, "market_list")
        known = [market for market in markets if knows(self._data, market)]
        if known or not markets:
            self._interest.remove(session, known)
            self._changed()

    def drop(self, session: Session) -> None:
        self._interest.drop(session)
        self._changed()

    def count(self, session: Session) -> int:
        return len(self._interest.selection(session).names)

    def _begin(self, session: Session, markets: list[str]) -> None:
        """Send what a new subscriber of `markets` (all when empty) gets at once."""
        raise NotImplementedError

    def _wanted_markets(self) -> list[str]:
        """All markets that somebody wants."""
        if not self._interest:
            return []
        return [market for market in self._data.markets() if self._interest.is_wanted(market)]

    def _takers(self, market: str) -> Crowd[Session]:
        """Everybody who wants this market."""
        crowd = self._crowds.get(market)
        if crowd is None:
            crowd = self._crowds[market] = self._desk.crowds.of(self._interest.takers(market))
        return crowd

    def _changed(self) -> None:
        """Somebody came or went."""
        self._crowds.clear()

    def _deliver(self, frame: bytes, crowd: Crowd[Session]) -> None:
        self._counters.encoded += 1
        self._desk.deliver(crowd, frame)

    def _send(self, frame: bytes, session: Session) -> None:
        """To one alone: what a subscription begins with, or what was missed."""
        self._counters.encoded += 1
        session.send(frame)
