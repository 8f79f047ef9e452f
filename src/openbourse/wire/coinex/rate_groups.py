"""Which endpoint draws on which quota (reference/coinex/conventions.md §7.2 and §7.4)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from openbourse.wire.coinex.rate_limits import Group

_POSTS: Final[dict[Group, str]] = {
    Group.SPOT_PLACE: """
        /spot/order /spot/stop-order /spot/modify-order /spot/modify-stop-order
        /spot/batch-order /spot/batch-stop-order /spot/batch-modify-order""",
    Group.SPOT_CANCEL: """
        /spot/cancel-order /spot/cancel-stop-order
        /spot/cancel-batch-order /spot/cancel-batch-stop-order""",
    Group.SPOT_BATCH_CANCEL: """
        /spot/cancel-all-order /spot/cancel-order-by-client-id /spot/cancel-stop-order-by-client-id""",
    Group.ACCOUNT_MODIFY: """
        /account/settings /assets/margin/borrow /assets/margin/repay /assets/transfer
        /account/subs /account/subs/frozen /account/subs/unfrozen
        /account/subs/api /account/subs/edit-api /account/subs/delete-api /account/subs/transfer
        /assets/renewal-deposit-address /assets/withdraw /assets/cancel-withdraw
        /assets/amm/add-liquidity /assets/amm/remove-liquidity""",
    Group.FUTURES_PLACE: """
        /futures/order /futures/stop-order /futures/close-position
        /futures/adjust-position-margin /futures/adjust-position-leverage
        /futures/set-position-stop-loss /futures/set-position-take-profit
        /futures/modify-position-stop-loss /futures/modify-position-take-profit
        /futures/cancel-position-stop-loss /futures/cancel-position-take-profit
        /futures/modify-order /futures/modify-stop-order
        /futures/batch-order /futures/batch-stop-order /futures/batch-modify-order""",
    Group.FUTURES_CANCEL: """
        /futures/cancel-order /futures/cancel-stop-order
        /futures/cancel-batch-order /futures/cancel-batch-stop-order""",
    Group.FUTURES_BATCH_CANCEL: """
        /futures/cancel-all-order /futures/cancel-order-by-client-id
        /futures/cancel-stop-order-by-client-id""",
}

_GETS: Final[dict[Group, str]] = {
    Group.SPOT_QUERY: """
        /spot/order-status /spot/batch-order-status /spot/pending-order /spot/pending-stop-order""",
    Group.SPOT_HISTORY: """
        /spot/order-deals /spot/user-deals /spot/finished-order /spot/finished-stop-order""",
    Group.ACCOUNT_QUERY: """
        /assets/spot/balance /account/trade-fee-rate /assets/amm/liquidity /assets/financial/balance
        /assets/margin/balance /assets/credit/info /assets/credit/balance /assets/amm/liquidity-pool
        /account/subs /account/subs/api /account/subs/api-detail /account/subs/spot-balance
        /account/subs/balance /account/subs/info /assets/deposit-address
        /assets/deposit-withdraw-config /assets/amm/income-history""",
    Group.ACCOUNT_HISTORY: """
        /assets/withdraw /assets/deposit-history /assets/statement /assets/transfer-history
        /assets/margin/borrow-history /assets/margin/interest-limit
        /assets/spot/transcation-history /assets/spot/transaction-history /account/subs/transfer-history
        /openbourse/liabilities/proof""",
    Group.FUTURES_QUERY: """
        /futures/pending-order /futures/pending-stop-order
        /futures/order-status /futures/batch-order-status""",
    Group.FUTURES_HISTORY: """
        /futures/finished-order /futures/finished-stop-order /futures/finished-position
        /futures/user-deals /futures/order-deals""",
    Group.FUTURES_ACCOUNT: """
        /assets/futures/balance /futures/position-funding-history /futures/pending-position
        /futures/position-adl-history /futures/position-margin-history
        /futures/position-settle-history""",
    Group.REFERRAL: """
        /refer/referee /refer/referee-rebate/record /refer/referee-rebate/detail
        /refer/agent-referee /refer/agent-rebate/record /refer/agent-rebate/detail""",
}

# (method, path with /v2) -> group; what is not in it is limited by source address only.
GROUP_OF: Final[Mapping[tuple[str, str], Group]] = MappingProxyType(
    {
        (method, "/v2" + path): group
        for method, table in (("POST", _POSTS), ("GET", _GETS))
        for group, paths in table.items()
        for path in paths.split()
    }
)

# The parameter that holds the sub-requests of the endpoints that cost one token for each (§7.2).
COST_FIELD: Final[Mapping[str, str]] = MappingProxyType(
    {
        f"/v2/{module}/{path}": field
        for module in ("spot", "futures")
        for path, field in (
            ("batch-order", "orders"),
            ("batch-stop-order", "orders"),
            ("batch-modify-order", "orders"),
            ("cancel-batch-order", "order_ids"),
            ("cancel-batch-stop-order", "stop_ids"),
        )
    }
)
