"""notice: planned maintenance, for signed clients of both endpoints (ws §8)."""

from collections.abc import Callable
from typing import Final

from msgspec import Struct

from openbourse.wire.coinex.ws import params as reading
from openbourse.wire.coinex.ws.counters import Counters
from openbourse.wire.coinex.ws.messages import Params, push
from openbourse.wire.coinex.ws.session import Session

MAINTENANCE: Final = 101


class NoticeInfo(Struct):
    """Times in Unix ms. During the protection only cancels and post-only orders pass."""

    start_time: int
    end_time: int
    scope: list[str]
    protect_duration_start: int
    protect_duration_end: int


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
        if not _channels(params):
            raise reading.invalid()
        self._takers[session] = None
        return lambda: None

    def unsubscribe(self, session: Session, params: Params) -> None:
        """See Channel.unsubscribe."""
        _channels(params)
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


def _channels(params: Params) -> list[object]:
    channels = reading.entries(params, "channels")
    if any(channel != MAINTENANCE or isinstance(channel, bool) for channel in channels):
        raise reading.invalid()
    return channels
