"""The hub: takes what the venue did and what time it is, and lets every session have its share.

Private pushes leave with the batch that caused them, which is durable by then; state, depth and deals
leave with the tick. All calls belong to the event loop's thread, and none of them waits for a client.
"""

from collections.abc import Callable, Sequence
from typing import Final

import structlog

from openbourse.accounts.records import KeyRecord
from openbourse.core.events import (
    AnyEvent,
    BalanceChanged,
    LevelChanged,
    OrderChanged,
    StopChanged,
    Trade,
)
from openbourse.market_data.market_data import Happened, MarketData
from openbourse.wire.coinex.auth import KeyLookup
from openbourse.wire.coinex.ws.balances import BalancesChannel, FuturesBalancesChannel
from openbourse.wire.coinex.ws.bbo import BboChannel
from openbourse.wire.coinex.ws.deals import DealsChannel
from openbourse.wire.coinex.ws.depth import DepthChannel
from openbourse.wire.coinex.ws.errors import CloseCode
from openbourse.wire.coinex.ws.index import IndexChannel
from openbourse.wire.coinex.ws.limits import WsLimits
from openbourse.wire.coinex.ws.market_channel import knows
from openbourse.wire.coinex.ws.notice import NoticeChannel, NoticeInfo
from openbourse.wire.coinex.ws.orders import OrdersChannel
from openbourse.wire.coinex.ws.session import Channel, Connection, Desk, Session
from openbourse.wire.coinex.ws.sign import usable
from openbourse.wire.coinex.ws.state import StateChannel
from openbourse.wire.coinex.ws.stops import StopsChannel
from openbourse.wire.coinex.ws.unlisted import UnlistedChannel
from openbourse.wire.coinex.ws.user_deals import UserDealsChannel

TICK_SECONDS: Final = 0.2
INDEX_EVERY_TICKS: Final = 25

_log = structlog.get_logger(__name__)


class Hub:
    """Sessions, channels, and the two things that make them speak: `applied` and `tick`."""

    def __init__(
        self,
        data: MarketData,
        find_key: KeyLookup,
        now: Callable[[], int],
        present: Callable[[], int],
        has_asset: Callable[[str], bool],
        limits: WsLimits | None = None,
    ) -> None:
        """`now` and `present` are those of the venue. `data` must have seen what `applied` is given."""
        self.desk = Desk(present, find_key, limits or WsLimits())
        counters = self.desk.counters
        self.sessions: dict[Session, None] = {}
        self._data = data
        self._now = data.now
        self._ticks = 0
        self._state = StateChannel(data, self.desk, now)
        self._depth = DepthChannel(data, self.desk)
        self._deals = DealsChannel(data, self.desk)
        self._bbo = BboChannel(data, self.desk)
        self._index = IndexChannel(data, self.desk, now)
        self._orders = OrdersChannel(counters, self._listed)
        self._stops = StopsChannel(counters, self._listed)
        self._user_deals = UserDealsChannel(counters, self._listed)
        self._balances = BalancesChannel(counters, has_asset)
        self._futures_balances = FuturesBalancesChannel(counters, has_asset)
        self._notice = NoticeChannel(counters)
        self.spot: dict[str, Channel] = {
            "state": self._state,
            "depth": self._depth,
            "deals": self._deals,
            "bbo": self._bbo,
            "index": self._index,
            "order": self._orders,
            "stop": self._stops,
            "user_deals": self._user_deals,
            "balance": self._balances,
            "notice": self._notice,
        }
        self.futures: dict[str, Channel] = _futures(self._futures_balances, self._notice)

    # -- sessions ----------------------------------------------------------------------------------

    def join(self, connection: Connection, channels: dict[str, Channel], address: str) -> Session:
        """A new session on one of the endpoints, `spot` or `futures`."""
        session = Session(connection, channels, self.desk, address)
        self.sessions[session] = None
        return session

    def leave(self, session: Session) -> None:
        """The connection is gone, or is about to be. May be called again."""
        if session in self.sessions:
            session.drop_all()
            session.paused = False
            del self.sessions[session]

    def key_changed(self, key: KeyRecord) -> None:
        """A key was made, edited or revoked, or its owner was: who may not use it any more is out."""
        now = self.desk.now()
        for session in list(self.sessions):
            if session.key is None or session.key.key_id != key.key_id:
                continue
            if usable(key, session.address, now):
                session.key = key
            else:
                session.close(CloseCode.POLICY, "the key is no longer valid")

    def close_expired(self) -> None:
        """Close the sessions whose key has run out; call it every second or so."""
        now = self.desk.now()
        for session in [one for one in self.sessions if one.key is not None and one.key.expired(now)]:
            session.close(CloseCode.POLICY, "the key has expired")

    def close_all(self, code: CloseCode, reason: str) -> None:
        """Send everybody away."""
        self.desk.flush()
        for session in list(self.sessions):
            session.close(code, reason)

    # -- what happens ------------------------------------------------------------------------------

    def applied(self, batch: Sequence[Happened]) -> None:
        """Push what a durable batch changed; the listener of a venue.

        A bug in here must not stop the exchange: clients are sent away, and come back to a fresh state.
        """
        try:
            if not self.sessions:
                self._now = self._data.now
                return
            touched: dict[str, None] = {}
            for applied in batch:
                self._now = max(self._now, applied.time)
                self._publish(applied.events, touched)
            self._bbo.changed(touched)
            self.desk.flush()
        except Exception:  # noqa: BLE001 - clients must not go on with a gap
            _log.exception("websocket_push_failed")
            self.close_all(CloseCode.INTERNAL, "internal error")

    def follows(self, user: int) -> bool:
        """Does anybody wait for private pushes of this user?"""
        private = (self._orders, self._balances, self._user_deals, self._stops, self._futures_balances)
        return any(channel.follows(user) for channel in private)

    def tick(self) -> None:
        """Push what is pushed by the clock; call it every `TICK_SECONDS`."""
        self._ticks += 1
        self._state.tick()
        self._depth.tick()
        self._deals.tick()
        self._bbo.tick()
        if self._ticks % INDEX_EVERY_TICKS == 0:
            self._index.tick()
        self.desk.flush()

    def announce(self, info: NoticeInfo) -> None:
        """Tell of planned maintenance."""
        self._notice.announce(info)
        self.desk.flush()

    # -- inside ------------------------------------------------------------------------------------

    def _publish(self, events: Sequence[AnyEvent], touched: dict[str, None]) -> None:
        """The pushes of one command: orders, then fills, then balances (ws §8), each in order of events.

        A balance that changed several times in one command is pushed once, as it is in the end.
        """
        trades: list[Trade] = []
        balances: dict[tuple[int, str, str], BalanceChanged] = {}
        of_spot, of_futures = self._balances.followers, self._futures_balances.followers
        for event in events:
            # Of most users nobody follows anything.
            if type(event) is BalanceChanged:
                if event.user in of_spot or event.user in of_futures:
                    balances[event.user, event.wallet, event.asset] = event
            elif type(event) is LevelChanged:
                touched[event.market] = None
            elif type(event) is OrderChanged:
                if event.order.request.user in self._orders.followers:
                    self._orders.changed(event)
            elif type(event) is Trade:
                trades.append(event)
            elif type(event) is StopChanged:
                self._stops.changed(event)
        for trade in trades:
            self._deals.traded(trade, self._now)
            self._user_deals.traded(trade, self._now)
        for balance in balances.values():
            self._balances.changed(balance, self._now)
            self._futures_balances.changed(balance)

    def _listed(self, market: str) -> bool:
        return knows(self._data, market)


def _futures(balances: FuturesBalancesChannel, notice: NoticeChannel) -> dict[str, Channel]:
    """The futures endpoint has names for no markets yet."""
    channels: dict[str, Channel] = {
        name: UnlistedChannel(private=False) for name in ("state", "deals", "bbo", "index", "premium")
    }
    channels["depth"] = UnlistedChannel(private=False, needs_names=True)
    for name in ("order", "stop", "user_deals", "position"):
        channels[name] = UnlistedChannel(private=True)
    channels["balance"] = balances
    channels["notice"] = notice
    return channels
