"""What each endpoint is called in Python: module -> endpoint -> method.

The one part of the client that is thought out by hand. What is served and not named here stops the tool.
"""

from typing import Final

NAMES: Final[dict[str, dict[str, str]]] = {
    "common": {
        "GET /v2/ping": "ping",
        "GET /v2/time": "time",
        "GET /v2/maintain/info": "maintenance",
    },
    "spot_markets": {
        "GET /v2/spot/market": "markets",
        "GET /v2/spot/ticker": "tickers",
        "GET /v2/spot/depth": "depth",
        "GET /v2/spot/deals": "deals",
        "GET /v2/spot/index": "index",
        "GET /v2/spot/kline": "klines",
    },
    "spot_orders": {
        "POST /v2/spot/order": "place_order",
        "POST /v2/spot/batch-order": "place_orders",
        "POST /v2/spot/modify-order": "modify_order",
        "POST /v2/spot/batch-modify-order": "modify_orders",
        "POST /v2/spot/cancel-order": "cancel_order",
        "POST /v2/spot/cancel-batch-order": "cancel_orders",
        "POST /v2/spot/cancel-all-order": "cancel_all_orders",
        "POST /v2/spot/cancel-order-by-client-id": "cancel_orders_by_client_id",
        "GET /v2/spot/order-status": "order_status",
        "GET /v2/spot/batch-order-status": "order_statuses",
        "GET /v2/spot/pending-order": "pending_orders",
        "GET /v2/spot/finished-order": "finished_orders",
        "GET /v2/spot/user-deals": "user_deals",
        "GET /v2/spot/order-deals": "order_deals",
    },
    "spot_stops": {
        "POST /v2/spot/stop-order": "place_stop_order",
        "POST /v2/spot/batch-stop-order": "place_stop_orders",
        "POST /v2/spot/modify-stop-order": "modify_stop_order",
        "POST /v2/spot/cancel-stop-order": "cancel_stop_order",
        "POST /v2/spot/cancel-batch-stop-order": "cancel_stop_orders",
        "POST /v2/spot/cancel-stop-order-by-client-id": "cancel_stop_orders_by_client_id",
        "GET /v2/spot/pending-stop-order": "pending_stop_orders",
        "GET /v2/spot/finished-stop-order": "finished_stop_orders",
    },
    "assets": {
        "GET /v2/assets/spot/balance": "spot_balance",
        "GET /v2/assets/futures/balance": "futures_balance",
        "GET /v2/assets/margin/balance": "margin_balance",
        "GET /v2/assets/financial/balance": "financial_balance",
        "GET /v2/assets/amm/liquidity": "amm_liquidity",
        "GET /v2/assets/credit/info": "credit_info",
        "GET /v2/assets/credit/balance": "credit_balance",
        # The spelling that the original has.
        "GET /v2/assets/spot/transcation-history": "statement",
        "GET /v2/assets/all-deposit-withdraw-config": "deposit_withdraw_configs",
        "GET /v2/assets/deposit-withdraw-config": "deposit_withdraw_config",
        "GET /v2/assets/info": "info",
        "POST /v2/assets/transfer": "transfer",
        "GET /v2/assets/transfer-history": "transfers",
        "GET /v2/assets/deposit-address": "deposit_address",
        "POST /v2/assets/renewal-deposit-address": "renew_deposit_address",
        "GET /v2/assets/deposit-history": "deposits",
        "POST /v2/assets/withdraw": "withdraw",
        "POST /v2/assets/cancel-withdraw": "cancel_withdrawal",
        "GET /v2/assets/withdraw": "withdrawals",
    },
    "account": {
        "GET /v2/account/info": "info",
        "GET /v2/account/trade-fee-rate": "trade_fee_rate",
        "POST /v2/account/settings": "change_settings",
    },
    "sub_accounts": {
        "POST /v2/account/subs": "create",
        "GET /v2/account/subs": "list_all",
        "POST /v2/account/subs/frozen": "freeze",
        "POST /v2/account/subs/unfrozen": "unfreeze",
        "GET /v2/account/subs/info": "who_am_i",
        "POST /v2/account/subs/api": "create_key",
        "GET /v2/account/subs/api": "keys",
        "GET /v2/account/subs/api-detail": "key",
        "POST /v2/account/subs/edit-api": "edit_key",
        "POST /v2/account/subs/delete-api": "delete_key",
        "GET /v2/account/subs/balance": "balance",
        "GET /v2/account/subs/spot-balance": "spot_balance",
        "POST /v2/account/subs/transfer": "transfer",
        "GET /v2/account/subs/transfer-history": "transfers",
    },
    "futures": {
        "GET /v2/futures/market": "markets",
        "GET /v2/account/futures-market-settings": "settings",
        "POST /v2/account/futures-market-settings": "change_settings",
    },
    "referral": {
        "GET /v2/refer/referee": "referees",
        "GET /v2/refer/referee-rebate/record": "referee_rebates",
        "GET /v2/refer/referee-rebate/detail": "referee_rebate_details",
        "GET /v2/refer/agent-referee": "agent_referees",
        "GET /v2/refer/agent-rebate/record": "agent_rebates",
        "GET /v2/refer/agent-rebate/detail": "agent_rebate_details",
    },
}

# The same under another spelling of its path.
TWINS: Final = {
    "GET /v2/maintain-info": "GET /v2/maintain/info",
    "GET /v2/assets/spot/transaction-history": "GET /v2/assets/spot/transcation-history",
}

# Attribute of the client -> the modules whose methods it has. "common" are those of the client itself.
GROUPS: Final[dict[str, tuple[str, ...]]] = {
    "common": ("common",),
    "spot": ("spot_markets", "spot_orders", "spot_stops"),
    "assets": ("assets",),
    "account": ("account",),
    "sub_accounts": ("sub_accounts",),
    "futures": ("futures",),
    "referral": ("referral",),
}

TITLES: Final = {
    "common": "Is anybody there, what time is it, is maintenance planned",
    "spot_markets": "Spot markets and their data",
    "spot_orders": "Spot orders and deals",
    "spot_stops": "Stop orders",
    "assets": "Balances, transfers, deposits and withdrawals",
    "account": "The account itself",
    "sub_accounts": "Sub-accounts, their keys and their money",
    "futures": "Futures: what there is of them",
    "referral": "Referrals",
}
