"""Referrals (reference/coinex/conventions.md §10). Nobody is referred here: every page is empty."""

from typing import Final

from openbourse.wire.coinex import envelope
from openbourse.wire.coinex.desk import Call
from openbourse.wire.coinex.endpoint import AnyEndpoint, Endpoint
from openbourse.wire.coinex.errors import ApiError, Code
from openbourse.wire.coinex.params import Milliseconds, Paged
from openbourse.wire.coinex.sub_accounts import Nothing

YEAR_MS: Final = 366 * 24 * 3600 * 1000
"""The longest year: nobody who asks for one is refused on a leap day."""

_PATHS: Final = """
    /refer/referee /refer/referee-rebate/record /refer/referee-rebate/detail
    /refer/agent-referee /refer/agent-rebate/record /refer/agent-rebate/detail
"""


class ReferralParams(Paged, kw_only=True, frozen=True):
    """By default the last year, and never more than one; times in ms."""

    start_time: Milliseconds | None = None
    end_time: Milliseconds | None = None


async def nobody(call: Call, params: ReferralParams) -> bytes:
    end = call.desk.venue.now() if params.end_time is None else params.end_time
    start = end - YEAR_MS if params.start_time is None else params.start_time
    if not 0 <= end - start <= YEAR_MS:
        raise ApiError(Code.INVALID_PARAMETER)
    return envelope.page([], has_next=False, total=0)


ENDPOINTS: list[AnyEndpoint] = [
    Endpoint("GET", path, ReferralParams, Nothing, nobody, "read", "page") for path in _PATHS.split()
]
