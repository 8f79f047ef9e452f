"""Is anybody there, what time is it, is maintenance planned. Written by `python -m tools.clients`."""

from openbourse.client.coinex import answers
from openbourse.client.coinex.types import Maintenance, Pong, ServerTime
from openbourse.client.request import Request


def ping() -> Request[Pong]:
    """Ping.

    `GET /v2/ping`
    """
    return Request("GET", "/v2/ping", {}, answers.plain(Pong))


def time() -> Request[ServerTime]:
    """Time.

    `GET /v2/time`
    """
    return Request("GET", "/v2/time", {}, answers.plain(ServerTime))


def maintenance() -> Request[list[Maintenance]]:
    """What is planned, or under way.

    `GET /v2/maintain/info`
    """
    return Request("GET", "/v2/maintain/info", {}, answers.plain(list[Maintenance]))
