"""Orders and trades as a test sees them: plain values with Decimals."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from openbourse.core.commands import Side
from openbourse.core.decimals import plain
from openbourse.core.events import OrderState
from openbourse.core.units import MONEY_DECIMALS, UNIT_DECIMALS
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
    return Decimal(plain(value, UNIT_DECIMALS))


def money(value: int) -> Decimal:
    return Decimal(plain(value, MONEY_DECIMALS))


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
