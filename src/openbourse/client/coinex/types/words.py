"""Sets of words that parameters and fields are limited to. Written by `python -m tools.clients`."""

from typing import Literal

Side = Literal["buy", "sell"]
OrderType = Literal["limit", "market", "maker_only", "ioc", "fok"]
MarketType = Literal["SPOT", "MARGIN"]
AccountType = Literal["SPOT", "MARGIN", "FUTURES"]
SelfTradeMode = Literal["ct", "cm", "both"]
Period = Literal[
    "1min",
    "3min",
    "5min",
    "15min",
    "30min",
    "1hour",
    "2hour",
    "4hour",
    "6hour",
    "12hour",
    "1day",
    "3day",
    "1week",
]
TransferStatus = Literal["created", "deducted", "failed", "finished"]
StatementType = Literal[
    "deposit",
    "withdraw",
    "trade",
    "maker_cash_back",
    "investment_interest",
    "exchange_order_transfer",
    "transfer",
    "adjustment",
]
DepositStatus = Literal["processing", "confirming", "finished", "too_small", "exception", "cancelled"]
WithdrawalStatus = Literal[
    "created",
    "audit_required",
    "audited",
    "processing",
    "confirming",
    "finished",
    "cancelled",
    "cancellation_failed",
    "failed",
]
Method = Literal["on_chain", "inter_user"]
Permission = Literal["FUTURES", "MARGIN", "AMM", "API"]
