"""Time and maintenance. Written by `python -m tools.clients`."""

from msgspec import Struct


class Pong(Struct, frozen=True, kw_only=True):
    """The answer to a ping."""

    result: str


class ServerTime(Struct, frozen=True, kw_only=True):
    """`timestamp` in Unix ms."""

    timestamp: int


class Maintenance(Struct, frozen=True, kw_only=True):
    """A planned maintenance; times in Unix ms, 0 = none."""

    started_at: int
    ended_at: int
    scope: list[str]
    announce_enabled: bool
    announce_url: str
    protect_duration_start: int
    protect_duration_end: int
