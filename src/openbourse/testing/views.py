"""Orders and trades as a test sees them: plain values with Decimals."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from openbourse.core.commands import Side
from openbourse.core.decimals import money_text, unit_text
from openbourse.core.events import OrderState
from openbourse.history.trades import UserTrade


@dataclass(frozen=True)
class OrderView:
    """An order as it is now, or as it ended."""

    id: int
    market: str
    side: Side
    type: str
    price: Decimal
    amount: Decimal
    filled: Decimal
    status: str
    client_id: str


@dataclass(frozen=True)
class TradeView:
    """A user's part in one trade."""

    id: int
    order_id: int
    side: Side
    role: Literal["maker", "taker"]
    price: Decimal
    quantity: Decimal
    fee: Decimal
    fee_asset: str
    time: int


def units(value: int) -> Decimal:
    return Decimal(unit_text(value))


def money(value: int) -> Decimal:
    return Decimal(money_text(value))


def order_view(order: OrderState) -> OrderView:
    request = order.request
    return OrderView(
        id=order.order_id,
        market=request.market,
        side=request.side,
        type=request.type,
        price=units(order.price),
        amount=units(order.amount),
        filled=units(order.filled.quantity),
        status=order.status,
        client_id=request.client_id,
    )


def trade_view(trade: UserTrade) -> TradeView:
    return TradeView(
        id=trade.trade_id,
        order_id=trade.order_id,
        side=trade.side,
        role=trade.role,
        price=units(trade.price),
        quantity=units(trade.quantity),
        fee=money(trade.fee),
        fee_asset=trade.fee_asset,
        time=trade.time,
    )
