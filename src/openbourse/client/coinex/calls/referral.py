"""Referrals. Written by `python -m tools.clients`."""

from openbourse.client.coinex import answers
from openbourse.client.coinex.answers import Page
from openbourse.client.request import Request


def referees(
    *, page: int = 1, limit: int = 10, start_time: int | None = None, end_time: int | None = None
) -> Request[Page[dict[str, object]]]:
    """Refer: referee. Needs a key. A page of rows; `limit` is clamped to the endpoint's most.

    Takes: By default the last year, and never more than one; times in ms.

    `GET /v2/refer/referee`
    """
    return Request(
        "GET",
        "/v2/refer/referee",
        {"page": page, "limit": limit, "start_time": start_time, "end_time": end_time},
        answers.page(dict[str, object]),
        signed=True,
    )


def referee_rebates(
    *, page: int = 1, limit: int = 10, start_time: int | None = None, end_time: int | None = None
) -> Request[Page[dict[str, object]]]:
    """Refer: referee rebate, record. Needs a key. A page of rows; `limit` is clamped to the endpoint's most.

    Takes: By default the last year, and never more than one; times in ms.

    `GET /v2/refer/referee-rebate/record`
    """
    return Request(
        "GET",
        "/v2/refer/referee-rebate/record",
        {"page": page, "limit": limit, "start_time": start_time, "end_time": end_time},
        answers.page(dict[str, object]),
        signed=True,
    )


def referee_rebate_details(
    *, page: int = 1, limit: int = 10, start_time: int | None = None, end_time: int | None = None
) -> Request[Page[dict[str, object]]]:
    """Refer: referee rebate, detail. Needs a key. A page of rows; `limit` is clamped to the endpoint's most.

    Takes: By default the last year, and never more than one; times in ms.

    `GET /v2/refer/referee-rebate/detail`
    """
    return Request(
        "GET",
        "/v2/refer/referee-rebate/detail",
        {"page": page, "limit": limit, "start_time": start_time, "end_time": end_time},
        answers.page(dict[str, object]),
        signed=True,
    )


def agent_referees(
    *, page: int = 1, limit: int = 10, start_time: int | None = None, end_time: int | None = None
) -> Request[Page[dict[str, object]]]:
    """Refer: agent referee. Needs a key. A page of rows; `limit` is clamped to the endpoint's most.

    Takes: By default the last year, and never more than one; times in ms.

    `GET /v2/refer/agent-referee`
    """
    return Request(
        "GET",
        "/v2/refer/agent-referee",
        {"page": page, "limit": limit, "start_time": start_time, "end_time": end_time},
        answers.page(dict[str, object]),
        signed=True,
    )


def agent_rebates(
    *, page: int = 1, limit: int = 10, start_time: int | None = None, end_time: int | None = None
) -> Request[Page[dict[str, object]]]:
    """Refer: agent rebate, record. Needs a key. A page of rows; `limit` is clamped to the endpoint's most.

    Takes: By default the last year, and never more than one; times in ms.

    `GET /v2/refer/agent-rebate/record`
    """
    return Request(
        "GET",
        "/v2/refer/agent-rebate/record",
        {"page": page, "limit": limit, "start_time": start_time, "end_time": end_time},
        answers.page(dict[str, object]),
        signed=True,
    )


def agent_rebate_details(
    *, page: int = 1, limit: int = 10, start_time: int | None = None, end_time: int | None = None
) -> Request[Page[dict[str, object]]]:
    """Refer: agent rebate, detail. Needs a key. A page of rows; `limit` is clamped to the endpoint's most.

    Takes: By default the last year, and never more than one; times in ms.

    `GET /v2/refer/agent-rebate/detail`
    """
    return Request(
        "GET",
        "/v2/refer/agent-rebate/detail",
        {"page": page, "limit": limit, "start_time": start_time, "end_time": end_time},
        answers.page(dict[str, object]),
        signed=True,
    )
