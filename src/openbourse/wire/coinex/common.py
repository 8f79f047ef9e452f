"""Common endpoints: is anybody there, what time is it, is maintenance planned (conventions.md §8)."""

from typing import Final

from msgspec import Struct

from openbourse.venue.front import Front
from openbourse.venue.maintenance import Plan, Scope
from openbourse.wire.coinex import envelope
from openbourse.wire.coinex.desk import Call
from openbourse.wire.coinex.endpoint import PREFIX, AnyEndpoint, Endpoint
from openbourse.wire.coinex.errors import ApiError, Code
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


_ALWAYS: Final = ("ping", "time", "maintain", "maintain-info")
SCOPES: Final[dict[Scope, str]] = {"spot": "SPOT", "futures": "FUTURES", "all": "ALL_SITE"}

_PONG = envelope.success(Pong("pong"))


async def ping(call: Call, params: NoParams) -> bytes:
    del call, params
    return _PONG


async def server_time(call: Call, params: NoParams) -> bytes:
    del params
    return envelope.success(ServerTime(call.desk.venue.present()))


async def maintenance(call: Call, params: NoParams) -> bytes:
    """What is planned, or under way."""
    del params
    venue = call.desk.venue
    return envelope.success([announced(plan) for plan in venue.maintenance.coming(venue.now())])


def require_open(path: str, venue: Front) -> None:
    """Raises 4001 for what is closed for maintenance now (conventions.md §8)."""
    if not is_open(path, venue):
        raise ApiError(Code.UNAVAILABLE, "under maintenance")


def is_open(path: str, venue: Front) -> bool:
    """Is there no maintenance now that this path is closed for?"""
    if not venue.maintenance.planned:
        return True
    area = path.removeprefix(PREFIX).split("/")[1]
    scope: Scope = "spot" if area == "spot" else "futures" if area == "futures" else "all"
    return area in _ALWAYS or not venue.maintenance.is_on(scope, venue.now())


def announced(plan: Plan) -> Maintenance:
    """A plan as it is told."""
    return Maintenance(
        started_at=plan.started_at,
        ended_at=plan.ended_at,
        scope=[SCOPES[plan.scope]],
        announce_enabled=bool(plan.url),
        announce_url=plan.url,
        protect_duration_start=plan.ended_at if plan.protected_until else 0,
        protect_duration_end=plan.protected_until,
    )


ENDPOINTS: list[AnyEndpoint] = [
    Endpoint("GET", "/ping", NoParams, Pong, ping, "public"),
    Endpoint("GET", "/time", NoParams, ServerTime, server_time, "public"),
    Endpoint("GET", "/maintain/info", NoParams, list[Maintenance], maintenance, "public"),
    # The documentation's own example has this spelling.
    Endpoint("GET", "/maintain-info", NoParams, list[Maintenance], maintenance, "public"),
]
