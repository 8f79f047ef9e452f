"""Events to rows: what of a command the history keeps."""

from collections import defaultdict

from sqlalchemy import Table

from openbourse.core.commands import OrderRequest
from openbourse.core.events import (
    Adjusted,
    AnyEvent,
    Applied,
    BalanceChanged,
    DepositChanged,
    Deposited,
    DepositState,
    LevelChanged,
    OrderChanged,
    OrderState,
    StopChanged,
    Trade,
    TradeSide,
    Transferred,
    WithdrawalChanged,
    WithdrawalState,
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
            if type(event) is not LevelChanged:  # every second event, and never kept
                self._add_event(event, applied.sequence, position, time)

    def _add_event(self, event: AnyEvent, sequence: int, position: int, time: int) -> None:
        """Events are told apart in the order of how often they come; isinstance would take long to say no."""
        rows = self.rows
        if type(event) is BalanceChanged:
            if event.change:
                rows[tables.balance_changes].append(_balance_row(event, sequence, position, time))
        elif type(event) is OrderChanged:
            if event.change == "finished":
                rows[tables.orders].append(_order_row(event.order))
        elif type(event) is Trade:
            rows[tables.trades].append(_trade_row(event, time))
            rows[tables.user_trades].append(_user_trade_row(event, event.taker, "taker", time))
            rows[tables.user_trades].append(_user_trade_row(event, event.maker, "maker", time))
        elif type(event) is StopChanged:
            if event.change in ("triggered", "failed"):
                rows[tables.stops].append(_stop_row(event))
        else:
            self._add_funds(event, sequence, time)

    def _add_funds(self, event: AnyEvent, sequence: int, time: int) -> None:
        """Money that comes, goes and moves outside trading."""
        rows = self.rows
        if isinstance(event, Deposited):
            rows[tables.deposits].append(_deposit_row(_credited_directly(event, time)))
        elif isinstance(event, DepositChanged):
            rows[tables.deposits].append(_deposit_row(event.deposit))
        elif isinstance(event, Transferred):
            rows[tables.transfers].append(_transfer_row(event, time))
        elif isinstance(event, WithdrawalChanged):
            rows[tables.withdrawals].append(_withdrawal_row(event.withdrawal))
        elif isinstance(event, Adjusted):
            rows[tables.adjustments].append(_adjustment_row(event, sequence, time))


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
        "filled_quantity": order.filled.quantity,
        "filled_notional": order.filled.notional,
        "base_fee": order.filled.base_fee,
        "quote_fee": order.filled.quote_fee,
        "token_fee": order.filled.token_fee,
        "maker_rate": order.rates.maker,
        "taker_rate": order.rates.taker,
        "last_quantity": order.filled.last_quantity,
        "last_price": order.filled.last_price,
        "status": order.status,
        "traded": order.filled.quantity > 0,
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


def _credited_directly(event: Deposited, time: int) -> DepositState:
    """What the operator credited by hand, seen as the deposit that it is to its user."""
    return DepositState(
        deposit_id=event.deposit_id,
        key=event.key,
        user=event.user,
        asset=event.asset,
        amount=event.amount,
        credited=event.amount,
        method="direct",
        chain="",
        address="",
        memo="",
        tx_id="",
        output=0,
        sender=0,
        confirmations=0,
        irreversible=True,
        status="finished",
        note="",
        created_at=time,
        updated_at=time,
    )


def _deposit_row(deposit: DepositState) -> Row:
    return {
        "deposit_id": deposit.deposit_id,
        "key": deposit.key,
        "user_id": deposit.user,
        "asset": deposit.asset,
        "amount": deposit.amount,
        "credited": deposit.credited,
        "method": deposit.method,
        "chain": deposit.chain,
        "address": deposit.address,
        "memo": deposit.memo,
        "tx_id": deposit.tx_id,
        "output": deposit.output,
        "sender": deposit.sender,
        "confirmations": deposit.confirmations,
        "irreversible": deposit.irreversible,
        "status": deposit.status,
        "note": deposit.note,
        "created_at": deposit.created_at,
        "updated_at": deposit.updated_at,
    }


def _adjustment_row(event: Adjusted, sequence: int, time: int) -> Row:
    return {
        "sequence": sequence,
        "key": event.key,
        "time": time,
        "user_id": event.user,
        "asset": event.asset,
        "amount": event.amount,
        "reason": event.reason,
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


def _withdrawal_row(withdrawal: WithdrawalState) -> Row:
    destination = withdrawal.destination
    return {
        "withdrawal_id": withdrawal.withdrawal_id,
        "key": withdrawal.key,
        "user_id": withdrawal.user,
        "asset": withdrawal.asset,
        "amount": withdrawal.amount,
        "fee_asset": withdrawal.fee_asset,
        "fee": withdrawal.fee,
        "method": destination.method,
        "chain": destination.chain,
        "address": destination.address,
        "memo": destination.memo,
        "receiver": destination.receiver,
        "remark": withdrawal.remark,
        "status": withdrawal.status,
        "tx_id": withdrawal.tx_id,
        "confirmations": withdrawal.confirmations,
        "note": withdrawal.note,
        "created_at": withdrawal.created_at,
        "updated_at": withdrawal.updated_at,
    }
