"""Common endpoints: is anybody there, what time is it, is maintenance planned (conventions.md §8)."""

from msgspec import Struct

from openbourse.wire.coinex import envelope
from openbourse.wire.coinex.desk import Call
from openbourse.wire.coinex.endpoint import AnyEndpoint, Endpoint
from openbourse.wire.coinex.params import Params


class NoParams(Params, kw_only=True, frozen=True):
    """Nothing is asked for."""


class Pong(Struct):
    """The answer to a ping."""

    result: str


class ServerTime(Struct):
    """`timestamp` in Unix ms."""

    timestamp: int


class Maintenance(Struct):
    """A planned maintenance; times in Unix ms, 0 = none."""

    started_at: int
    ended_at: int
    scope: list[str]
    announce_enabled: bool
    announce_url: str
    protect_duration_start: int
    protect_duration_end: int


_PONG = envelope.success(Pong("pong"))


async def ping(call: Call, params: NoParams) -> bytes:
    del call, params
    return _PONG


async def server_time(call: Call, params: NoParams) -> bytes:
    del params
    return envelope.success(ServerTime(call.desk.venue.present()))


async def maintenance(call: Call, params: NoParams) -> bytes:
    """What is planned. There is no way to plan maintenance yet, so nothing is."""
    del call, params
    return envelope.success([])


ENDPOINTS: list[AnyEndpoint] = [
    Endpoint("GET", "/ping", NoParams, Pong, ping, "public"),
    Endpoint("GET", "/time", NoParams, ServerTime, server_time, "public"),
    Endpoint("GET", "/maintain/info", NoParams, list[Maintenance], maintenance, "public"),
    # The documentation's own example has this spelling.
    Endpoint("GET", "/maintain-info", NoParams, list[Maintenance], maintenance, "public"),
]
