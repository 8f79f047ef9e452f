"""The tables of the history. All of it is derived from events and can be rebuilt from the log."""

from typing import Final

from sqlalchemy import Column, Index, MetaData, Table, true

from openbourse.history.columns import amount, flag, whole, word

# Raised when a table changes: a history of another format is refused, and may simply be deleted.
FORMAT: Final = 2

metadata: Final = MetaData()

# How far the history has come. One row, written in the transaction of the rows that it speaks for.
progress: Final = Table(
    "progress",
    metadata,
    whole("id", primary_key=True),
    whole("format"),
    whole("applied_sequence"),
    whole("applied_time"),
)


def _request_columns() -> list[Column[int] | Column[str] | Column[bool]]:
    """The fields of an `OrderRequest`; amount and price as they were asked for."""
    return [
        whole("user_id"),
        word("wallet"),
        word("market"),
        word("side"),
        word("type"),
        amount("request_amount"),
        amount("request_price"),
        flag("in_quote"),
        word("client_id"),
        flag("hidden"),
        word("self_trade"),
    ]


# Orders that are over. `traded` is false for those cancelled without a fill, which not all protocols show.
orders: Final = Table(
    "orders",
    metadata,
    whole("order_id", primary_key=True),
    *_request_columns(),
    amount("amount"),
    amount("price"),
    amount("remaining"),
    amount("filled_quantity"),
    amount("filled_notional"),
    amount("base_fee"),
    amount("quote_fee"),
    amount("token_fee"),
    amount("maker_rate"),
    amount("taker_rate"),
    amount("last_quantity"),
    amount("last_price"),
    word("status"),
    flag("traded"),
    whole("created_at"),
    whole("updated_at"),
)
# Bots cancel far more orders than they fill: the lists of traded orders must not wade through the rest.
# `traded` is in the key as well, or SQLite would rather read `orders_all`.
_traded = orders.c.traded == true()
Index("orders_all", orders.c.user_id, orders.c.wallet, orders.c.order_id)
Index("orders_client", orders.c.user_id, orders.c.client_id, orders.c.order_id)
Index(
    "orders_traded",
    orders.c.user_id,
    orders.c.wallet,
    orders.c.traded,
    orders.c.order_id,
    sqlite_where=_traded,
    postgresql_where=_traded,
)
Index(
    "orders_traded_market",
    orders.c.user_id,
    orders.c.wallet,
    orders.c.traded,
    orders.c.market,
    orders.c.order_id,
    sqlite_where=_traded,
    postgresql_where=_traded,
)

# The public tape; `side` is the taker's.
trades: Final = Table(
    "trades",
    metadata,
    whole("trade_id", primary_key=True),
    word("market"),
    whole("time"),
    amount("price"),
    amount("quantity"),
    word("side"),
)
Index("trades_market", trades.c.market, trades.c.trade_id)

# Two rows for every trade, one for each party.
user_trades: Final = Table(
    "user_trades",
    metadata,
    whole("trade_id", primary_key=True),
    word("role", primary_key=True),
    whole("time"),
    whole("user_id"),
    word("wallet"),
    word("market"),
    whole("order_id"),
    word("client_id"),
    word("side"),
    amount("price"),
    amount("quantity"),
    amount("fee"),
    word("fee_asset"),
    sqlite_with_rowid=False,
)
# Time never decreases while ids grow, so one index serves both the order by id and the limits in time.
Index(
    "user_trades_market",
    user_trades.c.user_id,
    user_trades.c.wallet,
    user_trades.c.market,
    user_trades.c.time,
    user_trades.c.trade_id,
)
Index("user_trades_order", user_trades.c.order_id, user_trades.c.trade_id)

# Stop orders that fired: `outcome` is triggered or failed. Cancelled ones are not kept.
stops: Final = Table(
    "stops",
    metadata,
    whole("stop_id", primary_key=True),
    *_request_columns(),
    amount("trigger_price"),
    flag("rising"),
    amount("maker_rate"),
    amount("taker_rate"),
    whole("created_at"),
    whole("updated_at"),
    word("outcome"),
    whole("order_id"),
)
Index("stops_all", stops.c.user_id, stops.c.wallet, stops.c.stop_id)
Index("stops_market", stops.c.user_id, stops.c.wallet, stops.c.market, stops.c.stop_id)

# The statement: every change of what somebody owns. `balance` is available plus frozen after it.
balance_changes: Final = Table(
    "balance_changes",
    metadata,
    whole("sequence", primary_key=True),
    whole("position", primary_key=True),
    whole("time"),
    whole("user_id"),
    word("wallet"),
    word("asset"),
    word("cause"),
    amount("change"),
    amount("balance"),
    whole("reference"),
    sqlite_with_rowid=False,
)
# The asset is last so that looking for one asset reads this index alone until it has found its rows.
Index(
    "balance_changes_cause",
    balance_changes.c.user_id,
    balance_changes.c.wallet,
    balance_changes.c.cause,
    balance_changes.c.time,
    balance_changes.c.sequence,
    balance_changes.c.position,
    balance_changes.c.asset,
)

transfers: Final = Table(
    "transfers",
    metadata,
    whole("transfer_id", primary_key=True),
    word("key"),
    whole("time"),
    whole("from_user_id"),
    word("from_wallet"),
    whole("to_user_id"),
    word("to_wallet"),
    word("asset"),
    amount("amount"),
)
Index("transfers_from", transfers.c.from_user_id, transfers.c.transfer_id)
Index("transfers_to", transfers.c.to_user_id, transfers.c.transfer_id)

# One row for each deposit as it stands now, whether from a chain, from another user or by the operator.
deposits: Final = Table(
    "deposits",
    metadata,
    whole("deposit_id", primary_key=True),
    word("key"),
    whole("user_id"),
    word("asset"),
    amount("amount"),
    amount("credited"),
    word("method"),
    word("chain"),
    word("address"),
    word("memo"),
    word("tx_id"),
    whole("output"),
    whole("sender"),
    whole("confirmations"),
    flag("irreversible"),
    word("status"),
    word("note"),
    whole("created_at"),
    whole("updated_at"),
)
Index("deposits_user", deposits.c.user_id, deposits.c.deposit_id)

# Corrections by the operator, with the reason that was given.
adjustments: Final = Table(
    "adjustments",
    metadata,
    whole("sequence", primary_key=True),
    word("key"),
    whole("time"),
    whole("user_id"),
    word("asset"),
    amount("amount"),
    word("reason"),
)
Index("adjustments_user", adjustments.c.user_id, adjustments.c.sequence)

# One row for each withdrawal as it stands now.
withdrawals: Final = Table(
    "withdrawals",
    metadata,
    whole("withdrawal_id", primary_key=True),
    word("key"),
    whole("user_id"),
    word("asset"),
    amount("amount"),
    word("fee_asset"),
    amount("fee"),
    word("method"),
    word("chain"),
    word("address"),
    word("memo"),
    whole("receiver"),
    word("remark"),
    word("status"),
    word("tx_id"),
    whole("confirmations"),
    word("note"),
    whole("created_at"),
    whole("updated_at"),
)
Index("withdrawals_user", withdrawals.c.user_id, withdrawals.c.withdrawal_id)

# Candles that have trades; periods in seconds, starts in ms.
candles: Final = Table(
    "candles",
    metadata,
    word("market", primary_key=True),
    whole("period", primary_key=True),
    whole("start", primary_key=True),
    amount("open"),
    amount("high"),
    amount("low"),
    amount("close"),
    amount("volume"),
    amount("notional"),
    amount("buy_volume"),
    sqlite_with_rowid=False,
)
