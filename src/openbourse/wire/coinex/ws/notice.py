"""notice: planned maintenance, for signed clients of both endpoints (ws §8)."""

from collections.abc import Callable
from typing import Final

from msgspec import Struct

from openbourse.venue.maintenance import Plan, Scope
from openbourse.wire.coinex.ws import params as reading
from openbourse.wire.coinex.ws.counters import Counters
from openbourse.wire.coinex.ws.messages import Params, push
from openbourse.wire.coinex.ws.session import Session

MAINTENANCE: Final = 101
# Over WebSocket the parts are named one by one, where HTTP says ALL_SITE (ws §8.8).
SCOPES: Final[dict[Scope, list[str]]] = {
    "spot": ["SPOT"],
    "futures": ["FUTURES"],
    "all": ["SPOT", "FUTURES"],
}


class NoticeInfo(Struct):
    """Times in Unix ms. During the protection only cancels and post-only orders pass."""

    start_time: int
    end_time: int
    scope: list[str]
    protect_duration_start: int
    protect_duration_end: int


def notice_of(plan: Plan) -> NoticeInfo:
    """A plan as it is told."""
    return NoticeInfo(
        start_time=plan.started_at,
        end_time=plan.ended_at,
        scope=SCOPES[plan.scope],
        protect_duration_start=plan.ended_at if plan.protected_until else 0,
        protect_duration_end=plan.protected_until,
    )


class NoticeUpdate(Struct):
    """`channel` is 101."""

    channel: int
    info: NoticeInfo


class NoticeChannel:
    """There is one thing to be told of, so a subscription is either there or not."""

    private = True

    def __init__(self, counters: Counters) -> None:
        self._counters = counters
        self._takers: dict[Session, None] = {}

    def subscribe(self, session: Session, params: Params) -> Callable[[], None]:
        """See Channel.subscribe. Needs the list [101]."""
        channels = reading.entries(params, "channels")
        if not channels or any(type(each) is not int or each != MAINTENANCE for each in channels):
            raise reading.invalid()
        self._takers[session] = None
        return lambda: None

    def unsubscribe(self, session: Session, params: Params) -> None:
        """See Channel.unsubscribe. What is not known is passed over."""
        channels = reading.entries(params, "channels")
        if not channels or MAINTENANCE in channels:
            self._takers.pop(session, None)

    def drop(self, session: Session) -> None:
        self._takers.pop(session, None)

    def count(self, session: Session) -> int:
        return int(session in self._takers)

    def announce(self, info: NoticeInfo) -> None:
        """Tell everybody who wants to know."""
        frame = push(b"notice.update", NoticeUpdate(MAINTENANCE, info))
        self._counters.encoded += 1
        for session in self._takers:
            session.send(frame)
