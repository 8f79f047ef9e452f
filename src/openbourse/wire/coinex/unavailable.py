"""The one table of what this venue does not offer yet: margin loans, liquidity pools and futures.

Every endpoint in it does all that comes before its work (signature, limits, rights) and then answers 4001,
"service unavailable": the code that the reference gives to calls whose service is not there
(conventions.md §5.1, §8), and the one that makes ccxt raise ExchangeNotAvailable. 4018 would send clients
to a newer endpoint that does not exist, 3157 and 4130 speak of a market that has been stopped.
"""

from typing import Final, Literal

from openbourse.accounts.records import Permission
from openbourse.wire.coinex.common import NoParams
from openbourse.wire.coinex.desk import Call
from openbourse.wire.coinex.endpoint import Access, AnyEndpoint, Endpoint
from openbourse.wire.coinex.errors import ApiError, Code
from openbourse.wire.coinex.sub_accounts import Nothing

# account-assets.md B9-B12, B24-B27; futures.md §3-§9. The permission is that of the sub-account.
TABLE: Final[tuple[tuple[Literal["GET", "POST"], Access, Permission, str], ...]] = (
    ("POST", "trade", "margin", "/assets/margin/borrow /assets/margin/repay"),
    ("GET", "read", "margin", "/assets/margin/borrow-history /assets/margin/interest-limit"),
    ("POST", "trade", "amm", "/assets/amm/add-liquidity /assets/amm/remove-liquidity"),
    ("GET", "read", "amm", "/assets/amm/income-history"),
    ("GET", "public", "amm", "/assets/amm/liquidity-pool"),
    (
        "GET",
        "public",
        "futures",
        """/futures/ticker /futures/depth /futures/deals /futures/kline /futures/index
        /futures/funding-rate /futures/funding-rate-history /futures/premium-index-history
        /futures/basis-history /futures/position-level /futures/liquidation-history""",
    ),
    (
        "POST",
        "trade",
        "futures",
        """/futures/order /futures/batch-order /futures/modify-order /futures/batch-modify-order
        /futures/cancel-order /futures/cancel-batch-order /futures/cancel-order-by-client-id
        /futures/cancel-all-order
        /futures/stop-order /futures/batch-stop-order /futures/modify-stop-order
        /futures/cancel-stop-order /futures/cancel-batch-stop-order
        /futures/cancel-stop-order-by-client-id
        /futures/close-position /futures/adjust-position-margin /futures/adjust-position-leverage
        /futures/set-position-stop-loss /futures/set-position-take-profit
        /futures/modify-position-stop-loss /futures/modify-position-take-profit
        /futures/cancel-position-stop-loss /futures/cancel-position-take-profit""",
    ),
    (
        "GET",
        "read",
        "futures",
        """/futures/order-status /futures/batch-order-status
        /futures/pending-order /futures/finished-order
        /futures/pending-stop-order /futures/finished-stop-order
        /futures/user-deals /futures/order-deals
        /futures/pending-position /futures/finished-position
        /futures/position-margin-history /futures/position-funding-history
        /futures/position-adl-history /futures/position-settle-history""",
    ),
)


def is_unavailable(endpoint: AnyEndpoint) -> bool:
    """Does this endpoint stand in the table?"""
    return endpoint.handler is refuse


async def refuse(call: Call, params: NoParams) -> bytes:
    del call, params
    raise ApiError(Code.UNAVAILABLE)


ENDPOINTS: list[AnyEndpoint] = [
    Endpoint(method, path, NoParams, Nothing, refuse, access, permission=permission)
    for method, access, permission, paths in TABLE
    for path in paths.split()
]
