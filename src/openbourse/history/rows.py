"""Events to rows: what of a command the history keeps."""

from collections import defaultdict

from sqlalchemy import Table

from openbourse.core.commands import OrderRequest
from openbourse.core.events import (
    Adjusted,
    AnyEvent,
    Applied,
    BalanceChanged,
    Deposited,
    LevelChanged,
    OrderChanged,
    OrderState,
    StopChanged,
    Trade,
    TradeSide,
    Transferred,
    WithdrawalChanged,
)
from openbourse.history import tables
from openbourse.history.bulk import Row


class RowCollector:
    """Gathers the rows of a batch of commands, by table, in the order of the events."""

    def __init__(self) -> None:
        self.rows: dict[Table, list[Row]] = defaultdict(list)

    def add(self, applied: Applied, time: int) -> None:
        """Add one command's rows; `time` is the core's time after it."""
        for position, event in enumerate(applied.events):
            if not isinstance(event, LevelChanged):  # every second event, and never kept
                self._add_event(event, applied.sequence, position, time)

    def _add_event(self, event: AnyEvent, sequence: int, position: int, time: int) -> None:
        """Events are told apart in the order of how often they come."""
        rows = self.rows
        if isinstance(event, BalanceChanged):
            if event.change:
                rows[tables.balance_changes].append(_balance_row(event, sequence, position, time))
        elif isinstance(event, OrderChanged):
            if event.change == "finished":
                rows[tables.orders].append(_order_row(event.order))
        elif isinstance(event, Trade):
            rows[tables.trades].append(_trade_row(event, time))
            rows[tables.user_trades].append(_user_trade_row(event, event.taker, "taker", time))
            rows[tables.user_trades].append(_user_trade_row(event, event.maker, "maker", time))
        elif isinstance(event, StopChanged):
            if event.change in ("triggered", "failed"):
                rows[tables.stops].append(_stop_row(event))
        elif isinstance(event, Deposited):
            rows[tables.deposits].append(_deposit_row(event, sequence, time))
        elif isinstance(event, Transferred):
            rows[tables.transfers].append(_transfer_row(event, time))
        elif isinstance(event, WithdrawalChanged):
            rows[tables.withdrawals].append(_withdrawal_row(event, time))
        elif isinstance(event, Adjusted):
            row = _deposit_row(event, sequence, time)
            rows[tables.adjustments].append({**row, "reason": event.reason})


def _request_row(request: OrderRequest) -> Row:
    return {
        "user_id": request.user,
        "wallet": request.wallet,
        "market": request.market,
        "side": request.side,
        "type": request.type,
        "request_amount": request.amount,
        "request_price": request.price,
        "in_quote": request.in_quote,
        "client_id": request.client_id,
        "hidden": request.hidden,
        "self_trade": request.self_trade,
    }


def _order_row(order: OrderState) -> Row:
    return {
        "order_id": order.order_id,
        **_request_row(order.request),
        "amount": order.amount,
        "price": order.price,
        "remaining": order.remaining,
        "filled_quantity": order.filled_quantity,
        "filled_notional": order.filled_notional,
        "base_fee": order.base_fee,
        "quote_fee": order.quote_fee,
        "token_fee": order.token_fee,
        "maker_rate": order.maker_rate,
        "taker_rate": order.taker_rate,
        "last_quantity": order.last_quantity,
        "last_price": order.last_price,
        "status": order.status,
        "traded": order.filled_quantity > 0,
        "created_at": order.created_at,
        "updated_at": order.updated_at,
    }


def _trade_row(trade: Trade, time: int) -> Row:
    return {
        "trade_id": trade.trade_id,
        "market": trade.market,
        "time": time,
        "price": trade.price,
        "quantity": trade.quantity,
        "side": trade.taker.side,
    }


def _user_trade_row(trade: Trade, party: TradeSide, role: str, time: int) -> Row:
    return {
        "trade_id": trade.trade_id,
        "role": role,
        "time": time,
        "user_id": party.user,
        "wallet": party.wallet,
        "market": trade.market,
        "order_id": party.order_id,
        "client_id": party.client_id,
        "side": party.side,
        "price": trade.price,
        "quantity": trade.quantity,
        "fee": party.fee,
        "fee_asset": party.fee_asset,
    }


def _stop_row(event: StopChanged) -> Row:
    stop = event.stop
    return {
        "stop_id": stop.stop_id,
        **_request_row(stop.request),
        "trigger_price": stop.trigger_price,
        "rising": stop.rising,
        "maker_rate": stop.maker_rate,
        "taker_rate": stop.taker_rate,
        "created_at": stop.created_at,
        "updated_at": stop.updated_at,
        "outcome": event.change,
        "order_id": event.order_id,
    }


def _balance_row(event: BalanceChanged, sequence: int, position: int, time: int) -> Row:
    return {
        "sequence": sequence,
        "position": position,
        "time": time,
        "user_id": event.user,
        "wallet": event.wallet,
        "asset": event.asset,
        "cause": event.cause,
        "change": event.change,
        "balance": event.available + event.frozen,
        "reference": event.reference,
    }


def _deposit_row(event: Deposited | Adjusted, sequence: int, time: int) -> Row:
    return {
        "sequence": sequence,
        "key": event.key,
        "time": time,
        "user_id": event.user,
        "asset": event.asset,
        "amount": event.amount,
    }


def _transfer_row(event: Transferred, time: int) -> Row:
    return {
        "transfer_id": event.transfer_id,
        "key": event.key,
        "time": time,
        "from_user_id": event.from_user,
        "from_wallet": event.from_wallet,
        "to_user_id": event.to_user,
        "to_wallet": event.to_wallet,
        "asset": event.asset,
        "amount": event.amount,
    }


def _withdrawal_row(event: WithdrawalChanged, time: int) -> Row:
    """`created_at` is written with the request only: later changes leave it alone."""
    return {
        "withdrawal_id": event.withdrawal_id,
        "key": event.key,
        "user_id": event.user,
        "asset": event.asset,
        "amount": event.amount,
        "fee_asset": event.fee_asset,
        "fee": event.fee,
        "status": event.change,
        "created_at": time,
        "updated_at": time,
    }
